"""Links that act: looking changes nothing, they work once and for their purpose only, and say in plain words when they are over."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import NotFound
from nordlotse.office import links, people
from nordlotse.office.models import ActionLink

pytestmark = pytest.mark.django_db


def over(token: str, purpose: str = "answer") -> str:
    with pytest.raises(NotFound) as caught:
        links.read(token, purpose)
    with pytest.raises(NotFound):
        links.use(token, purpose)
    assert caught.value.message_de and caught.value.remedy_en
    return caught.value.code


def test_reading_a_link_any_number_of_times_leaves_it_usable() -> None:
    token = links.make("answer", "c1", mail="Meike@B.example")
    before = ActionLink.objects.values().get()
    for _ in range(3):
        found = links.read(token, "answer")
    assert (found.reference, found.mail) == ("c1", "meike@b.example")
    assert ActionLink.objects.values().get() == before
    links.use(token, "answer")


def test_a_link_works_once() -> None:
    token = links.make("answer", "c1")
    assert links.use(token, "answer").reference == "c1"
    assert over(token) == "link_used"


def test_an_undone_use_leaves_the_link_usable() -> None:
    token = links.make("answer", "c1")
    with pytest.raises(RuntimeError), transaction.atomic():
        links.use(token, "answer")
        raise RuntimeError
    links.use(token, "answer")


def test_a_link_serves_its_purpose_only() -> None:
    assert over(links.make("answer", "c1"), "invite") == "link_unknown"


def test_an_ended_link_says_so_for_sixty_days_and_is_then_forgotten() -> None:
    token = links.make("answer", "c1", days=-1)
    assert over(token) == "link_expired"
    assert links.erase_expired() == 0
    ActionLink.objects.update(expires_at=timezone.now() - timedelta(days=links.KNOWN_DAYS + 1))
    assert links.erase_expired() == 1
    assert over(token) == "link_unknown"


def test_withdrawn_links_stop_working_and_used_ones_stay_known() -> None:
    used, unused, other = links.make("answer", "c1"), links.make("answer", "c1"), links.make("answer", "c2")
    links.use(used, "answer")
    assert links.withdraw("answer", "c1") == 1
    assert (over(used), over(unused)) == ("link_used", "link_unknown")
    links.use(other, "answer")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_link_with_any_letter_changed_is_unknown(data: st.DataObject) -> None:
    token = links.make("answer", "c1")
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("aB3-_.:é").filter(lambda c: c != token[at]))
    forged = token[:at] + letter + token[at + 1 :]
    try:
        found = links.read(forged, "answer")
    except NotFound as problem:
        assert problem.code == "link_unknown"
    else:
        # The last letter of unpadded base64 carries bits that mean nothing.
        assert at == len(token) - 1 and found.reference == "c1"


def test_the_signature_alone_is_of_no_use_without_the_row() -> None:
    token = links.make("answer", "c1")
    ActionLink.objects.all().delete()
    assert over(token) == "link_unknown"


@pytest.mark.django_db(transaction=True)
def test_of_two_uses_at_once_one_wins() -> None:
    for _ in range(5):
        token = links.make("answer", "c1")
        begin, outcomes = threading.Barrier(4), []

        def work(token: str = token, begin: threading.Barrier = begin, outcomes: list[Any] = outcomes) -> None:
            begin.wait()
            try:
                with transaction.atomic():
                    links.use(token, "answer")
                outcomes.append("used")
            except NotFound as problem:
                outcomes.append(problem.code)
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["link_used"] * 3 + ["used"]


@pytest.mark.django_db(transaction=True)
def test_two_links_opened_at_once_make_one_account() -> None:
    found: list[int] = []
    start = threading.Barrier(4)

    def run() -> None:
        try:
            start.wait(20)
            found.append(people.account_of("Neu@betrieb.example").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 4 and len(set(found)) == 1
