"""Several people at the same moment, and a process killed in the middle: nothing is doubled, nothing half done."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from nordlotse.foundation.problem import Problem
from nordlotse.journey.actions import cases, proposals, thread
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import Assignment, Case, Contact, Message
from nordlotse.journey.queries.access import SYSTEM, Who
from nordlotse.office import links, log
from nordlotse.office.models import OutgoingMail
from tests.conftest import ROOT
from tests.journey.casework import REACH, TEXT, case, person


def _closing(do):  # type: ignore[no-untyped-def]
    def run(number: int) -> object:
        try:
            return do(number)
        except Problem as problem:
            return problem.code
        finally:
            connection.close()

    return run


@pytest.mark.django_db(transaction=True)
def test_cases_opened_at_once_have_numbers_of_their_own() -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(_closing(lambda n: cases.open_case(None, REACH, text=f"{TEXT} {n}")), range(12)))
    assert sorted(Case.objects.values_list("number", flat=True)) == list(range(1, 13))
    assert log.verify().broken_at == 0


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_six_times_at_once_opens_one_case() -> None:
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(_closing(lambda n: cases.open_case(None, REACH, text=TEXT, once="same").pk), range(6)))
    assert len(set(made)) == 1
    assert (Case.objects.count(), Contact.objects.count(), OutgoingMail.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_request_answered_twice_at_once_has_one_answer() -> None:
    asked = proposals.ask_person(SYSTEM, case().pk, person("Sensorik").pk)
    token = links.make("assignment", asked.pk)
    with ThreadPoolExecutor(2) as pool:
        told = list(
            pool.map(_closing(lambda n: proposals.answer_by_link(token, ("accept", "decline")[n]).status), range(2))
        )
    assert sum(answer in ("accepted", "declined") for answer in told) == 1, told
    assert OutgoingMail.objects.filter(key__startswith="journey:yours:").count() == told.count("accepted")


@pytest.mark.django_db(transaction=True)
def test_a_mail_taken_in_twice_at_once_is_one_message() -> None:
    made, who = case(), person("Sensorik")
    asked = proposals.ask_person(SYSTEM, made.pk, who.pk)
    proposals.answer(Who(Actor.EXPERT, person=who), asked.pk, "accept")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(_closing(lambda n: thread.take_mail(made.pk, f"person:{who.pk}", "Ja", [], "<x@y>")), range(4)))
    assert Message.objects.count() == 1
    assert OutgoingMail.objects.filter(key__startswith="journey:message:").count() == 1
    assert Assignment.objects.get().status == "accepted"


PROGRAM = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from nordlotse.journey.actions import cases
from nordlotse.journey.models import Case
from nordlotse.office import log
from nordlotse.office.models import LogEntry, OutgoingMail
if {do}:
    cases.open_case(None, cases.Reach("Hinnerk", mail="hinnerk@kahn.example"), text="Frage", once="k")
verdict = log.verify()
print(Case.objects.count(), OutgoingMail.objects.count(), LogEntry.objects.filter(verb="case_opened").count(), verdict.broken_at)
"""


def _run(folder: Path, do: bool, point: str = "") -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("NORDLOTSE_")}
    env = kept | {"DJANGO_SETTINGS_MODULE": "nordlotse.web.settings", "NORDLOTSE_DATA_DIR": str(folder)}
    env |= {"PYTHONPATH": str(ROOT / "src")} | ({"NORDLOTSE_FAULT": point} if point else {})
    program = PROGRAM.format(do=do)
    return subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("point", "left"), [("journey.open.before", "0 0 0 0"), ("journey.open.after", "1 1 1 0")])
def test_a_kill_around_the_commit_leaves_all_or_nothing_and_the_next_try_makes_one(
    tmp_path: Path, point: str, left: str
) -> None:
    assert _run(tmp_path, do=True, point=point).returncode == -9
    assert _run(tmp_path, do=False).stdout.split("\n")[-2] == left
    assert _run(tmp_path, do=True).stdout.split("\n")[-2] == "1 1 1 0"
