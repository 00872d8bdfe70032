"""A process that dies in the middle of registering: before the commit nothing is there, after it everything is, once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.web.installation import Installation

_SEED = """
from datetime import timedelta
from django.utils import timezone
from nordlotse.dialogue.models import Event
begin = timezone.now() + timedelta(days=7)
Event.objects.create(pk=1, slug="a", title_de="A", place="Kiel", begin=begin, end=begin + timedelta(hours=2), quota=1, status="published")
"""
_REGISTER = """
from nordlotse.dialogue.actions.registrations import Wanted, register
print(register(1, Wanted("Gast", "gast@example.org", "form-token-000001")).known)
"""
_COUNT = """
import json
from nordlotse.dialogue.models import Registration
from nordlotse.office import log
from nordlotse.office.models import LogEntry, OutgoingMail
print(json.dumps([Registration.objects.count(), OutgoingMail.objects.count(), LogEntry.objects.count(), log.verify().broken_at]))
"""


def _inside(place: Installation, code: str, **more: str) -> Any:
    environment = {**place.environment, "DJANGO_SETTINGS_MODULE": "nordlotse.web.settings", **more}
    whole = f"import django; django.setup()\n{code}"
    return subprocess.run([sys.executable, "-c", whole], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=150)  # fmt: skip


@pytest.mark.parametrize(
    ("point", "left"),
    [("dialogue.register.before_commit", [0, 0, 0, 0]), ("dialogue.register.after_commit", [1, 1, 1, 0])],
)
def test_a_registration_is_there_wholly_or_not_at_all_and_sending_again_makes_it_one(
    tmp_path: Path, point: str, left: list[int]
) -> None:
    place = Installation(tmp_path / "data").set_up()
    assert _inside(place, _SEED).returncode == 0
    died = _inside(place, _REGISTER, NORDLOTSE_FAULT=point)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert json.loads(_inside(place, _COUNT).stdout) == left
    again = _inside(place, _REGISTER)
    assert again.stdout.strip() == str(left[0] == 1), again.stderr
    assert json.loads(_inside(place, _COUNT).stdout) == [1, 1, 1, 0]
