"""The log: it only grows, every change to it shows, and many writers at once make one chain."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nordlotse.office import log
from nordlotse.office.models import LogEntry, LogHead

pytestmark = pytest.mark.django_db


def fill(entries: int) -> None:
    """Write some entries about one case."""
    for n in range(entries):
        log.record(f"verb{n}", "case", f"c{n % 3}", "system")


def unguard() -> None:
    """Do what somebody with all rights on the database could do."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER IF EXISTS office_log_only_grows")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS office_log_only_grows ON office_logentry")


def test_an_empty_log_is_whole() -> None:
    assert log.verify() == log.Verdict(0, 0)


def test_entries_form_a_chain_that_is_whole() -> None:
    fill(5)
    verdict = log.verify()
    assert (verdict.entries, verdict.broken_at) == (5, 0)
    assert verdict.hash == LogEntry.objects.get(number=5).hash
    assert [e.verb for e in log.about("case", "c0")] == ["verb0", "verb3"]


def test_what_is_undone_is_not_logged() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        log.record("made", "case", 1)
        raise RuntimeError
    assert log.verify().entries == 0


@pytest.mark.parametrize("word", ["meike@firma.example", "two words", "x" * 61, "a\nb", "\x1f"])
def test_the_log_takes_no_address_and_no_sentence(word: str) -> None:
    with pytest.raises(ValueError, match="ids and verbs only"):
        log.record("made", "case", word)


def test_the_database_itself_refuses_to_change_an_entry() -> None:
    fill(1)
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        LogEntry.objects.update(verb="other")
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            LogEntry.objects.all().delete()


def _delete(number: int) -> None:
    LogEntry.objects.filter(number=number).delete()


def _change(field: str) -> Callable[[int], None]:
    def change(number: int) -> None:
        entry = LogEntry.objects.get(number=number)
        value = getattr(entry, field)
        LogEntry.objects.filter(number=number).update(
            **{field: value + timedelta(microseconds=1) if field == "at" else f"{value[:-1]}~"}
        )

    return change


def _swap(number: int) -> None:
    """Exchange what two neighbours say, each with the other's number."""
    other = number % LogEntry.objects.count() + 1
    a, b = LogEntry.objects.get(number=number), LogEntry.objects.get(number=other)
    LogEntry.objects.filter(number=number).update(verb=b.verb, hash="swap")
    LogEntry.objects.filter(number=other).update(verb=a.verb, hash=a.hash)
    LogEntry.objects.filter(number=number).update(hash=b.hash)


def _insert(number: int) -> None:
    """Push all later entries on by one and put a well-made one into the gap."""
    last = LogEntry.objects.count()
    for n in range(last, number - 1, -1):
        LogEntry.objects.filter(number=n).update(number=n + 1)
    before = LogEntry.objects.filter(number=number - 1).first()
    previous = before.hash if before else log.NOTHING
    at = LogEntry.objects.get(number=number + 1).at
    made = log._hash(number, at, "system", "forged", "case", "c1", previous)
    LogEntry.objects.create(
        number=number, at=at, actor="system", verb="forged", kind="case", object_id="c1", previous=previous, hash=made
    )


def _append(number: int) -> None:
    """Add a well-made entry at the end without moving the head."""
    last = LogEntry.objects.order_by("-number")[0]
    made = log._hash(last.number + 1, last.at, "system", "forged", "case", "c1", last.hash)
    LogEntry.objects.create(
        number=last.number + 1,
        at=last.at,
        actor="system",
        verb="forged",
        kind="case",
        object_id="c1",
        previous=last.hash,
        hash=made,
    )


def _head(number: int) -> None:
    LogHead.objects.update(number=number - 1)


def _no_head(number: int) -> None:
    LogHead.objects.all().delete()


FIELDS = ("at", "actor", "verb", "kind", "object_id", "previous", "hash")
TAMPERING = [_delete, _swap, _insert, _append, _head, _no_head, *[_change(f) for f in FIELDS]]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.integers(2, 8), which=st.sampled_from(range(len(TAMPERING))), data=st.data())
def test_any_change_deletion_insertion_or_exchange_breaks_the_chain(
    entries: int, which: int, data: st.DataObject
) -> None:
    number = data.draw(st.integers(1, entries))
    with transaction.atomic():
        unguard()
        fill(entries)
        assert log.verify().broken_at == 0
        TAMPERING[which](number)
        assert log.verify().broken_at > 0
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_make_one_chain_also_for_the_very_first_entry() -> None:
    threads, each, failed = 6, 15, []
    begin = threading.Barrier(threads)

    def work(name: int) -> None:
        try:
            begin.wait()
            for n in range(each):
                with transaction.atomic():
                    log.record("made", "case", f"{name}-{n}", f"user:{name}")
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    running = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    for thread in running:
        thread.start()
    while any(t.is_alive() for t in running):
        assert log.verify().broken_at == 0, "somebody who looks on while others write sees a whole chain"
    for thread in running:
        thread.join()
    assert failed == []
    assert (log.verify().entries, log.verify().broken_at) == (threads * each, 0)
