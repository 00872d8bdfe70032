"""What comes first is an action: the cheapest step of the list that raises the answer which holds most back."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from nordlotse.readiness.core.measures import shipped_measures
from nordlotse.readiness.queries import outcome
from tests.browser.readiness_carried import answers

pytestmark = pytest.mark.django_db


def test_what_comes_first_is_the_cheapest_step_that_raises_the_blocking_answer(client: Client) -> None:
    given = answers(stage=1)
    found = outcome.outcome(given, ("own",))
    block = next(b for b in found.scores["own"].blocking if not b.dimension)
    action = outcome.first_action(found)
    assert action is not None
    assert block.question in {r.question for r in action.raises}
    rivals = [m for m in shipped_measures() if any(r.question == block.question for r in m.raises)]
    assert action in rivals
    page = client.post("/check/ergebnis/", {"answers": json.dumps(given), "models": "own"}).content.decode()
    section = page.split('id="zuerst"')[1].split("</section>")[0]
    assert action.title.de in section
    heading = re.search(r"<p[^>]*><strong>([^<]+)</strong>", section)
    assert heading
    assert not heading[1].endswith("?")


def test_at_the_top_there_is_no_first_action() -> None:
    assert outcome.first_action(outcome.outcome(answers(stage=99), ("own",))) is None


def test_a_step_for_another_size_is_no_first_action() -> None:
    small = {**answers(stage=1), "employees": 3}
    action = outcome.first_action(outcome.outcome(small, ("own",)))
    assert action is None or (action.employees_from or 0) <= 3
