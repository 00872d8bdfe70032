"""Which files of the agent hold a password that others on this computer can read."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def readable_by_others(path: Path) -> list[Path]:
    """Return the files a configuration keeps passwords in, itself among them, that the group or everybody may read.

    None on Windows, where rights are not told by bits. `path`: a configuration that `loading.load` has taken.
    """
    if os.name == "nt":
        return []
    content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    files = [path] if any(_values(content, "password")) else []
    files += [path.absolute().parent / Path(str(one)).expanduser() for one in _values(content, "password_file")]
    return [one for one in dict.fromkeys(files) if one.exists() and one.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)]


def _values(content: Any, key: str) -> Iterator[Any]:
    """Yield what stands under a key anywhere in a configuration, unless that is empty."""
    if isinstance(content, dict):
        if content.get(key):
            yield content[key]
        for inside in content.values():
            yield from _values(inside, key)
    elif isinstance(content, list):
        for inside in content:
            yield from _values(inside, key)
