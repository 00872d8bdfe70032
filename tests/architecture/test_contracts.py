"""The house plan holds: floors, independent rooms, cores without Django, the order inside a room."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

CORES = sorted(p.parent for p in (ROOT / "src" / "nordlotse").glob("*/core/__init__.py"))


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(program), "--config", str(folder / "pyproject.toml"), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(folder / "src"), "PATH": "/usr/bin:/bin"},
    )


def test_the_contracts_are_kept() -> None:
    result = _lint(ROOT)
    assert result.returncode == 0, result.stdout[-3000:]


PLANTED = [
    ("answers/core/planted.py", "import django.db"),
    ("foundation/planted.py", "import nordlotse.answers.core.sentences"),
    ("funding/core/planted.py", "import nordlotse.answers.core.sentences"),
    ("answers/models_planted.py", "import nordlotse.journey.models"),
    ("journey/queries.py", "import nordlotse.journey.views"),
]


@pytest.mark.parametrize(("place", "line"), PLANTED, ids=[p[0] for p in PLANTED])
def test_a_planted_violation_is_found(tmp_path: Path, place: str, line: str) -> None:
    target = tmp_path / "src" / "nordlotse"
    for source in (ROOT / "src" / "nordlotse").rglob("*.py"):
        copy = target / source.relative_to(ROOT / "src" / "nordlotse")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    planted = target / place
    planted.write_text(
        (planted.read_text(encoding="utf-8") if planted.exists() else "") + f"\n{line}\n", encoding="utf-8"
    )
    result = _lint(tmp_path)
    assert result.returncode != 0
    assert "BROKEN" in result.stdout


@pytest.mark.parametrize("core", CORES, ids=[c.parent.name for c in CORES])
def test_a_core_imports_without_django(core: Path) -> None:
    modules = [
        ".".join(p.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")
        for p in sorted(core.rglob("*.py"))
    ]
    code = (
        "import sys\n"
        "sys.modules['django'] = None\n"
        "import importlib\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]


def test_a_room_that_is_not_built_has_no_folder() -> None:
    folders = {p.name for p in (ROOT / "src" / "nordlotse").iterdir() if p.is_dir() and p.name != "__pycache__"}
    empty = [f for f in folders if not any((ROOT / "src" / "nordlotse" / f).rglob("*.py"))]
    assert empty == []
