"""Packaging hook: builds style sheet and script from npm packages, and compiles the translations.

Without npm an editable install still works: pages then use the small fallback style sheet and the htmx that
django-htmx ships.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polib
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_messages(source: Path) -> list[Path]:
    """Compile every `.po` below `source` into the `.mo` beside it and return what was written."""
    made = []
    for path in sorted(source.rglob("*.po")):
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
        made.append(path.with_suffix(".mo"))
    return made


class FrontendBuildHook(BuildHookInterface[Any]):
    """Runs `npm ci --ignore-scripts` and `npm run build` before a wheel or an editable install is made."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the assets; only a real wheel insists on npm."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        compile_messages(root / "src")
        npm = shutil.which("npm")
        if npm is None:
            if version == "editable":
                sys.stderr.write("nordlotse: npm is missing, pages use the plain fallback style\n")
                return
            raise RuntimeError("npm is needed to build the wheel: install Node 20 or later")
        subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=root, check=True)  # noqa: S603 - npm itself
        subprocess.run([npm, "run", "--silent", "build"], cwd=root, check=True)  # noqa: S603 - npm itself
