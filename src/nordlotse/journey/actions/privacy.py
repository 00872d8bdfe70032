"""Deleting what is kept of a company or person, withdrawing, and the retention job."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from nordlotse.foundation.language import Lang
from nordlotse.foundation.personal import Subject, Table, tables
from nordlotse.foundation.problem import BadInput, NotAllowed
from nordlotse.journey.actions.companies import check_member
from nordlotse.journey.models import Company, Contact
from nordlotse.journey.queries import keeping
from nordlotse.journey.queries.companies import founder
from nordlotse.office import files, links, log, mail
from nordlotse.office.addresses import check_address, keyed_hash
from nordlotse.office.models import StoredFile

_log = logging.getLogger("nordlotse.journey")


@dataclass(frozen=True, slots=True)
class Receipt:
    """That something was deleted: a number without meaning, how many rows and files."""

    number: str
    rows: int
    files: int


def _changed() -> BadInput:
    return BadInput(
        "changed_meanwhile",
        de="Seit Sie diese Seite geöffnet haben, ist etwas hinzugekommen oder geändert worden.",
        en="Something was added or changed since you opened this page.",
        where="data",
        remedy_de="Bitte sehen Sie die Daten noch einmal an und bestätigen Sie erneut. Gelöscht wurde nichts.",
        remedy_en="Look at the data again and confirm anew. Nothing was deleted.",
    )


@transaction.atomic
def delete(
    subject: Subject, *, seen: str, actor: Any = None, receipt_to: Iterable[str] = (), lang: Lang = "de"
) -> Receipt:
    """Delete everything kept of a subject; the caller has checked who asks.

    `seen` is the hash of what the person saw. What the centre did stays counted without a name; the log keeps ids that lead to
    nothing. The receipt goes to the addresses in `receipt_to`, each forgotten with its mail.

    Raises:
        BadInput: something changed since; nothing is deleted.
    """
    found = keeping.kept(subject)
    if found.hash != seen:
        raise _changed()
    plan = [(table, list(keeping.rows_of(table, subject).values_list("pk", flat=True))) for table in tables().values()]
    _end_sessions(subject.users)
    # First what is emptied, then what is deleted: a deletion takes rows along by which others were found.
    for table, keys in sorted(plan, key=lambda entry: entry[0].erase is None):
        rows = table.model._default_manager.filter(pk__in=keys)
        if keys and table.erase is not None:
            table.erase(rows)
        elif keys:
            rows.delete()
    stored = list(StoredFile.objects.filter(pk__in=found.file_ids).values_list("pk", flat=True))
    StoredFile.objects.filter(pk__in=stored).delete()
    transaction.on_commit(lambda: _unlink(found.file_ids))
    receipt = Receipt(secrets.token_hex(5).upper(), found.count, len(found.file_ids))
    for n, address in enumerate(sorted({a for a in receipt_to if a})):
        mail.enqueue(
            f"journey:deleted:{receipt.number}:{n}",
            address,
            lang=lang,
            template="journey/mail/deleted.txt",
            context={"receipt": receipt},
            room="journey",
            reference=f"deleted:{receipt.number}",
            secret=True,
        )
    log.record("delete", "subject", receipt.number, actor if isinstance(actor, str) else None)
    _log.info("event=subject_deleted receipt=%s rows=%s files=%s", receipt.number, receipt.rows, receipt.files)
    return receipt


def _unlink(file_ids: Iterable[str]) -> None:
    for file_id in file_ids:
        files.path_of(file_id).unlink(missing_ok=True)


def delete_company(user: Any, company: Company, *, seen: str, typed_name: str, lang: Lang = "de") -> Receipt:
    """Delete a company with everything kept of it, asked for by a member who typed its name.

    Raises:
        NotAllowed: not a member, or somebody else was there before: who was invited cannot delete the founder's account.
        BadInput: the name typed is another one, or something changed since the page was opened.
    """
    check_member(user, company)
    first = founder(company)
    if first is not None and first.user_id != user.pk:
        raise NotAllowed(
            "founder_only",
            de="Den ganzen Betrieb löscht nur, wer am längsten dazugehört.",
            en="Only whoever has belonged to the company longest deletes all of it.",
            where="company",
            remedy_de="Sie selbst können austreten; was nur Sie betrifft, löschen Sie dann unter „Ihre Daten“.",
            remedy_en="You can leave yourself; what is only yours you then delete under “Your data”.",
        )
    if " ".join(typed_name.split()).casefold() != " ".join(company.name.split()).casefold():
        raise BadInput(
            "name_differs",
            de="Das ist nicht der Name Ihres Betriebs.",
            en="That is not your company's name.",
            where="name",
            remedy_de="Bitte tippen Sie den Namen so, wie er oben steht. Gelöscht wurde nichts.",
            remedy_en="Type the name as it stands above. Nothing was deleted.",
        )
    subject = keeping.subject_of_company(company)
    own = set(get_user_model().objects.filter(pk__in=subject.users).values_list("email", flat=True))
    return delete(subject, seen=seen, receipt_to={user.email, *own}, lang=lang)


#: What a link to one's own data is about.
OWN_DATA = "own_data"

#: So many such links go to one address on one day: whoever types a stranger's address again and again does not fill a mailbox.
LINKS_A_DAY = 3


@transaction.atomic
def send_data_link(address: str, lang: Lang) -> None:
    """Mail a link to what is kept under an address, if anything is; at most three a day, whoever asks.

    Raises:
        BadInput: this is no mail address.
    """
    address = check_address(address)
    day = timezone.localdate().isoformat()
    # Keyed: the row of the mail outlives the address, and nobody shall guess it back.
    reference = keyed_hash("own_data", f"{day} {address}")[:32]
    if links.made(OWN_DATA, reference) >= LINKS_A_DAY or not keeping.kept(keeping.subject_of_mail(address)).tables:
        return
    token = links.make(OWN_DATA, reference, mail=address, days=7)
    mail.enqueue(
        f"journey:own-data:{token[:24]}",
        address,
        lang=lang,
        template="journey/mail/own_data.txt",
        context={"token": token},
        room="journey",
        reference=reference,
        secret=True,
    )


@transaction.atomic
def delete_own(token: str, *, seen: str, lang: Lang) -> Receipt:
    """Delete what is kept under the mail address a link was sent to; the link is used up.

    Raises:
        NotFound: the link is unknown, used or expired.
        BadInput: something changed since the page was opened; nothing is deleted and the link stays usable.
    """
    link = links.use(token, OWN_DATA)
    return delete(keeping.subject_of_mail(link.mail), seen=seen, receipt_to=[link.mail], lang=lang)


def _end_sessions(users: frozenset[int]) -> None:
    wanted = {str(pk) for pk in users}
    if not wanted:
        return
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if str(session.get_decoded().get("_auth_user_id")) in wanted:
            session.delete()


#: A contact nobody has a case with any more is deleted so long after it was made.
CONTACT_DAYS = 365


@transaction.atomic
def retain() -> dict[str, int]:
    """Erase what is past its period, table by table as declared; return how many rows, by table."""
    erased: dict[str, int] = {}
    for label, table in tables().items():
        for declared in table.declared:
            if declared.keep_days is None or not declared.keep_from:
                continue
            if count := _erase(table, _day(table, declared.keep_from, declared.keep_days)):
                erased[label] = count
    before = timezone.now() - timedelta(days=CONTACT_DAYS)
    left = Contact.objects.filter(company=None, cases=None, created_at__lt=before, is_example=False)
    if count := left.delete()[0]:
        erased["journey.Contact"] = count
    if erased:
        _log.info("event=retained %s", " ".join(f"{label}={n}" for label, n in sorted(erased.items())))
    return erased


def _day(table: Table, name: str, days: int) -> Q:
    """Return the condition "older than so many days", for a moment or a day; what has been emptied before is left alone."""
    fields = {f.name: f for f in table.model._meta.get_fields()}
    now = timezone.now()
    limit = now if isinstance(fields[name], models.DateTimeField) else timezone.localdate()
    old = Q(**{f"{name}__lt": limit - timedelta(days=days)})
    if "erased_at" in fields:
        old &= Q(erased_at=None)
    if "is_example" in fields:
        old &= Q(is_example=False)  # invented people need no protection; the example centre shows two years
    return old


def _erase(table: Table, old: Q) -> int:
    rows = table.model._default_manager.filter(old)
    count = int(rows.count())
    if count and table.erase is not None:
        table.erase(rows)
    elif count:
        rows.delete()
    return count
