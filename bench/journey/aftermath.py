"""Looks, in a process of its own after all the killing, what the database holds of what was acknowledged.

Called with the installation's environment. First what still waits is done by the very functions the worker uses (mails taken in,
mails sent); claims of dead workers count as void at once, for none of them is alive any more. stdin: {"done": {kind: marks},
"sent": {kind: marks}} as JSON; stdout: what is missing, what is there twice, what is there by half, the outbox, the log.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nordlotse.web.settings")


def finish() -> None:
    """Read the mailbox and empty the outbox, as the worker would after the claims of the dead have run out."""
    from nordlotse.office import mailbox, sending

    mailbox.collect()
    sending.CLAIM = timedelta(0)
    sending.Sender()()


def _entries(kind: str, verb: str) -> Counter[str]:
    from nordlotse.office.models import LogEntry

    return Counter(LogEntry.objects.filter(kind=kind, verb=verb).values_list("object_id", flat=True))


def _wrong(numbers: Iterable[int]) -> int:
    return sum(1 for number in numbers if number != 1)


def _more(found: Iterable[str]) -> int:
    """Return how many are there more than once."""
    return sum(number - 1 for number in Counter(found).values())


def cases(done: list[str]) -> dict[str, int]:
    """Judge the opened cases: each with its contact, its mail, its number, its log entry."""
    from nordlotse.journey.models import Case, Contact
    from nordlotse.office.models import OutgoingMail

    rows = list(Case.objects.filter(question__startswith="Frage marke").values_list("pk", "question", "contact__name"))
    marks = [question.removeprefix("Frage ") for _, question, _ in rows]
    logged = _entries("case", "case_opened")
    mailed = Counter(OutgoingMail.objects.filter(key__startswith="journey:opened:").values_list("key", flat=True))
    halves = _wrong(logged[pk] for pk, _, _ in rows) + _wrong(mailed[f"journey:opened:{pk}"] for pk, _, _ in rows)
    names = list(Contact.objects.filter(name__startswith="marke").values_list("name", flat=True))
    alone = len(set(names) ^ {name for _, _, name in rows})
    return {"missing": len(set(done) - set(marks)), "doubled": _more(marks) + _more(names), "halves": halves + alone}


def registrations(done: list[str]) -> dict[str, int]:
    """Judge the registrations: each with its mail and its log entry."""
    from nordlotse.dialogue.models import Registration
    from nordlotse.office.models import OutgoingMail

    rows = list(Registration.objects.filter(name__startswith="marke").values_list("pk", "name"))
    keys = OutgoingMail.objects.filter(key__startswith="dialogue:").values_list("key", flat=True)
    mailed = Counter(key.split(":")[2] for key in keys if key.split(":")[1] in ("confirmed", "waiting"))
    logged = _entries("registration", "registered")
    halves = _wrong(logged[str(pk)] for pk, _ in rows) + _wrong(mailed[str(pk)] for pk, _ in rows)
    names = [name for _, name in rows]
    return {"missing": len(set(done) - set(names)), "doubled": _more(names), "halves": halves}


def messages(prefix: str, done: list[str]) -> dict[str, int]:
    """Judge the messages of a thread: each with a mail to the other side; files are there byte by byte."""
    from nordlotse.journey.models import Message
    from nordlotse.office import files
    from nordlotse.office.models import OutgoingMail, StoredFile

    rows = list(Message.objects.filter(text__startswith=f"{prefix} marke").values_list("pk", "text", "attachments"))
    marks = [text.removeprefix(f"{prefix} ") for _, text, _ in rows]
    keys = OutgoingMail.objects.filter(key__startswith="journey:message:").values_list("key", flat=True)
    mailed = Counter(key.split(":")[2] for key in keys)
    kept = {f.pk: f for f in StoredFile.objects.filter(room="journey")}
    whole = all(
        key in kept and hashlib.sha256(files.path_of(key).read_bytes()).hexdigest() == kept[key].sha256
        for _, _, attached in rows
        for key in attached
    )
    halves = _wrong(mailed[str(pk)] for pk, _, _ in rows) + (not whole)
    return {"missing": len(set(done) - set(marks)), "doubled": _more(marks), "halves": halves}


def threads() -> int:
    """Return in how many cases messages and log entries do not fit together."""
    from django.db.models import Count

    from bench.journey.seed import MESSAGES
    from nordlotse.journey.models import Case

    logged = _entries("case", "case_message")
    seeded = Case.objects.filter(title="Last").annotate(words=Count("messages")).values_list("pk", "words")
    return sum(1 for pk, number in seeded if number - MESSAGES != logged[pk])


def confirmed(done: list[str]) -> dict[str, int]:
    """Judge the confirmed services: one log entry each, none without."""
    from nordlotse.journey.models import Service

    ours = Service.objects.filter(source__startswith="load:", confirmed_at__isnull=False)
    found = {str(pk) for pk in ours.values_list("pk", flat=True)}
    logged = _entries("service", "confirm")
    twice = sum(number - 1 for number in logged.values())
    return {"missing": len(set(done) - found), "doubled": twice, "halves": len(found ^ set(logged))}


def questions(done: list[str]) -> dict[str, int]:
    """Judge the questions asked; each is sent once, so none may be there twice."""
    from nordlotse.journey.models import Inquiry

    rows = list(Inquiry.objects.filter(question__contains="marke").values_list("pk", "question"))
    return {
        "missing": len(set(done) - {pk for pk, _ in rows}),
        "doubled": _more(question for _, question in rows),
        "halves": 0,
    }


def main() -> None:
    """Do what waits, then judge."""
    import django

    django.setup()
    from nordlotse.office import log
    from nordlotse.office.models import OutgoingMail

    said = json.load(sys.stdin)
    finish()
    done: dict[str, Any] = {kind: said["done"].get(kind, []) for kind in ("ask", "open", "say", "register", "confirm")}
    writes = {
        "ask": questions(done["ask"]),
        "open": cases(done["open"]),
        "register": registrations(done["register"]),
        "say": messages("Wort", done["say"]),
        "confirm": confirmed(done["confirm"]),
        "reply": messages("Antwort", said["sent"].get("reply", [])),
    }
    writes["say"]["halves"] += threads()
    verdict = log.verify()
    outbox = list(OutgoingMail.objects.values_list("message_id", "state"))
    keys = OutgoingMail.objects.values("key").distinct().count()
    told = {"writes": writes, "outbox": outbox, "keys": keys, "log": [verdict.entries, verdict.broken_at]}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
