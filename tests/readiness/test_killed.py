"""A process that dies in the middle of saving answers: the page before stays whole, and sending it again saves it once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.web.installation import Installation

_KEEP = """
from nordlotse.readiness.actions import checks
from nordlotse.readiness.queries import checks as kept
print(kept.kept(checks.keep({"employees": 40, "it_systems": "1"}, ("own",), lang="de")).newest.lead.key)
"""
_SAVE = """
from nordlotse.readiness.actions import answering
answering.save("SHEET", {"it_systems": "3", "skills": "2"}, version=0, seen={"it_systems": "1"})
"""
_STATE = """
import json
from nordlotse.office import log
from nordlotse.readiness.models import Round, Sheet
sheet = Sheet.objects.get()
print(json.dumps([sheet.answers, sheet.version, Round.objects.get().finished_at is None, log.verify().broken_at]))
"""


def _inside(place: Installation, code: str, **more: str) -> Any:
    environment = {**place.environment, "DJANGO_SETTINGS_MODULE": "nordlotse.web.settings", **more}
    whole = f"import django; django.setup()\n{code}"
    return subprocess.run([sys.executable, "-c", whole], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=150)  # fmt: skip


def test_a_save_that_dies_leaves_the_answers_of_before_and_the_same_save_again_is_one(tmp_path: Path) -> None:
    place = Installation(tmp_path / "data").set_up()
    kept = _inside(place, _KEEP)
    assert kept.returncode == 0, kept.stderr
    save = _SAVE.replace("SHEET", kept.stdout.strip())
    died = _inside(place, save, NORDLOTSE_FAULT="readiness.save.before_write")
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert json.loads(_inside(place, _STATE).stdout) == [{"employees": 40, "it_systems": "1"}, 0, True, 0]
    for _ in range(2):
        again = _inside(place, save)
        assert again.returncode == 0, again.stderr
    assert json.loads(_inside(place, _STATE).stdout) == [
        {"employees": 40, "it_systems": "3", "skills": "2"},
        1,
        True,
        0,
    ]
