"""The agent as a package to install, made of the program that runs here: no registry has it, and who connects a machine needs the same version.

It is a wheel as PyPA's binary distribution format 1.0 describes it: our Python files, and which libraries the agent needs of the many that
the whole program has. `pip install` of it is enough.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Final

from nordlotse import __version__

#: The libraries the agent needs, of those the program has.
NEEDS: Final = (
    "numpy",
    "orjson",
    "paho-mqtt>=2.1",
    "asyncua>=2.0",
    "pymodbus>=3.9",
    "pyarrow>=20",
    "PyYAML>=6.0",
    "tzdata",
)
_INFO: Final = f"nordlotse_agent-{__version__}.dist-info"
#: Files of other kinds than Python that go along: small ones beside the code.
_DATA, _LARGEST = (".yaml", ".json"), 200_000


def name() -> str:
    """Return the file's name, by which pip knows what it is."""
    return f"nordlotse_agent-{__version__}-py3-none-any.whl"


@cache
def wheel() -> bytes:
    """Return the package; the same bytes for the same program."""
    files = _code() | {
        f"{_INFO}/METADATA": _metadata(),
        f"{_INFO}/WHEEL": b"Wheel-Version: 1.0\nGenerator: nordlotse\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{_INFO}/entry_points.txt": b"[console_scripts]\nnordlotse = nordlotse.cli:main\n",
    }
    listed = [f"{path},sha256={_hash(content)},{len(content)}" for path, content in files.items()]
    files[f"{_INFO}/RECORD"] = "\n".join([*listed, f"{_INFO}/RECORD,,", ""]).encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, content in files.items():
            one = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
            one.compress_type = zipfile.ZIP_DEFLATED
            one.external_attr = 0o644 << 16
            packed.writestr(one, content)
    return made.getvalue()


def _code() -> dict[str, bytes]:
    root = Path(str(resources.files("nordlotse")))
    found = {}
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if {"__pycache__", "migrations", "static"} & set(inside.parts) or not path.is_file():
            continue
        if path.suffix == ".py" or (path.suffix in _DATA and path.stat().st_size < _LARGEST):
            found[f"nordlotse/{inside.as_posix()}"] = path.read_bytes()
    return found


def _metadata() -> bytes:
    needs = "".join(f"Requires-Dist: {one}\n" for one in NEEDS)
    try:
        licence = metadata.distribution("nordlotse").read_text("licenses/LICENSE") or ""
    except metadata.PackageNotFoundError:
        licence = ""
    head = (
        f"Metadata-Version: 2.3\nName: nordlotse-agent\nVersion: {__version__}\n"
        "Summary: The agent of Nordlotse: reads machines in a company's network and brings their values to the centre\n"
        f"License: EUPL-1.2\nRequires-Python: >=3.11,<3.12\n{needs}\n"
    )
    return (head + licence).encode()


def _hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
