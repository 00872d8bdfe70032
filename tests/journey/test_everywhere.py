"""A company that is in every table and folder leaves nothing behind when it deletes its data."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.db import models
from django.test import Client
from django.utils import timezone

from nordlotse.dialogue.models import GroupMember, Registration
from nordlotse.foundation.personal import tables
from nordlotse.iot.models import Hall
from nordlotse.journey.actions import companies, privacy
from nordlotse.journey.models import Case, Company, Consent, Contact, Inquiry
from nordlotse.journey.queries import keeping
from nordlotse.office import files, log
from nordlotse.office.models import LogEntry, StoredFile
from nordlotse.print3d.models import Part, PartList
from nordlotse.readiness.models import Check, Comparing, Round, Sheet

pytestmark = pytest.mark.django_db

NAME, MAIL, WORDS, PHONE = "Quallenfischerei", "kapitaen@quallen.example", "Tentakelsalat", "04321987650"
SEEDED = (NAME, MAIL, WORDS, PHONE)

#: Tables of people of the centre, of partners and of the house itself: a company has no rows of its own there.
NOT_OF_COMPANIES = {
    "print3d.Shop",  # behind its own link; nobody knows whose it is
    "answers.Revision", "journey.Operator", "network.Partner", "network.Person", "network.Leave", "network.Competence",
    "network.Offer", "network.Site", "network.Term", "network.VisitDay", "network.ImportDraft", "web.Heartbeat",
    "journey.PersonVectors", "journey.ClosedMonth", "journey.KeptTally", "journey.LaterChange", "dialogue.Event", "dialogue.Meeting", "dialogue.Task", "office.LogEntry", "office.LogHead", "office.IncomingMail",
    "readiness.Release",
}  # fmt: skip


#: Columns that hold keys of ours and figures without names, never what somebody typed.
KEYS = {"source", "company_key", "contact_key", "event", "figures", "records"}


class Seeder:
    """Puts one row of the subject into a table, filling in whatever the table wants."""

    def __init__(self, company: Company, user: Any, contact: Contact, case: Case) -> None:
        self.fixed = {Company: company, type(user): user, Contact: contact, Case: case}
        self.made: dict[type[models.Model], Any] = {}
        self.count = 0

    def row(self, model: Any) -> Any:
        """Return a row of `model` that belongs to the subject wherever it can."""
        if model in self.fixed:
            return self.fixed[model]
        if model not in self.made:
            self.made[model] = model._default_manager.create(**self._values(model))
        return self.made[model]

    def _values(self, model: Any) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for field in model._meta.concrete_fields:
            if field.auto_created or (field.primary_key and field.has_default()):
                continue
            if field.null and not field.is_relation and not isinstance(field, models.CharField | models.TextField):
                continue
            if field.is_relation:
                wanted = field.related_model in {*self.fixed, GroupMember, Registration} or not field.null
                if wanted and field.related_model is not model:
                    values[field.name] = self.row(field.related_model)
            elif not field.has_default() or isinstance(field, models.CharField | models.TextField):
                values[field.name] = self._value(field)
        # Words of the company stand where the table declares something personal, and nowhere else.
        label = model._meta.label
        declared = {name for d in tables()[label].declared for name in d.fields} if label in tables() else set()
        for name, value in list(values.items()):
            if WORDS in str(value) and (name not in declared - KEYS or label in NOT_OF_COMPANIES):
                values[name] = f"other{self.count}"[: model._meta.get_field(name).max_length or 60]
            if value == MAIL and label in NOT_OF_COMPANIES:
                values[name] = "other@other.example"
        return values

    def _value(self, field: Any) -> Any:  # noqa: PLR0911 - one line per kind of column
        self.count += 1
        if field.choices:
            return field.choices[0][0]
        if isinstance(field, models.EmailField) or field.name in ("mail", "to", "mail_key", "sender", "email"):
            return MAIL
        if isinstance(field, models.CharField | models.TextField):
            return (f"{self.count}{WORDS}" if field.unique else WORDS)[: field.max_length or 60]
        if isinstance(field, models.DateTimeField):
            return timezone.now()
        if isinstance(field, models.DateField):
            return timezone.localdate()
        if isinstance(field, models.JSONField):
            return [WORDS]
        if isinstance(field, models.BinaryField):
            return WORDS.encode()
        if isinstance(field, models.BooleanField):
            return False
        return self.count if field.unique else 1


@pytest.fixture
def world() -> tuple[Company, Any]:
    """A company, its member, a contact without account, a case, and what hangs on them."""
    shutil.rmtree(files.folder(), ignore_errors=True)  # what rolled-back tests have left
    user = get_user_model().objects.create_user("kapitaen", email=MAIL, first_name=NAME)
    EmailAddress.objects.create(user=user, email=MAIL, verified=True, primary=True)
    company = companies.create(user, name=NAME)
    contact = Contact.objects.create(company=company, name=WORDS, mail=MAIL, phone=PHONE)
    inquiry = Inquiry.objects.create(
        id="quallen1",
        question=WORDS,
        lang="de",
        channel="web",
        kind="answer",
        topic="iot",
        confidence="found",
        answer={},
    )
    Case.objects.create(number=1, company=company, contact=contact, inquiry=inquiry, title=WORDS, question=WORDS)
    Client().force_login(user)
    return company, user


def traces() -> list[str]:
    """Return every table, field and file in which something seeded stands."""
    found = []
    for model in apps.get_models():
        for row in model._default_manager.values():
            found += [f"{model._meta.label}.{k}" for k, v in row.items() if any(word in str(v) for word in SEEDED)]
    for path in Path(settings.MEDIA_ROOT).rglob("*"):
        if path.is_file() and any(word.encode() in path.read_bytes() for word in SEEDED):
            found.append(str(path))
    return found


def seeded(company: Company, user: Any) -> None:
    """Give the subject a row in every declared table that can hold one, and a file."""
    case = Case.objects.get()
    seeder = Seeder(company, user, case.contact, case)  # type: ignore[arg-type]
    seeder.made[EmailAddress] = EmailAddress.objects.get()
    Consent.objects.create(company=company, purpose="news", version="1")
    from nordlotse.office.addresses import address_hash
    from nordlotse.office.models import ActionLink, HeldMail, NoMail, OutgoingMail, ReplyAddress

    files.keep(
        ContentFile(WORDS.encode()).read(), name="x.txt", media_type="text/plain", room="journey", reference=case.pk
    )
    OutgoingMail.objects.create(
        key="t:1", message_id="<t1@x>", to=MAIL, subject=WORDS, text=WORDS, room="journey", reference=case.pk
    )
    OutgoingMail.objects.create(
        key="t:2", message_id="<t2@x>", to="expert@elsewhere.example", subject="Fall", text=WORDS, reference=case.pk
    )
    ActionLink.objects.create(id="l", purpose="x", reference=case.pk, mail=MAIL, user=user, expires_at=timezone.now())
    NoMail.objects.create(address_hash=address_hash(MAIL), kind="events")
    for model in (ReplyAddress, HeldMail):
        values = seeder._values(model)
        names = {f.name for f in model._meta.concrete_fields}
        values |= {k: v for k, v in {"mail": MAIL, "sender": MAIL, "reference": case.pk}.items() if k in names}
        model._default_manager.create(**values)
    check = Check.objects.create(company=company.pk)
    begun = Round.objects.create(check_of=check)
    Sheet.objects.create(round=begun, lead=True, who=NAME, answers={"other": WORDS})
    Comparing.objects.create(check_of=check, text_version="1")
    Part.objects.create(company=company.pk, name=WORDS, found=WORDS)
    PartList.objects.create(company=company.pk, name=WORDS)
    told = {"id": "1f2e", "mail": MAIL, "confirmed": "", "after": 0, "hours": False}
    seeder.made[Hall] = Hall.objects.create(
        company=company.pk, name=WORDS, persons_by=NAME, mail=[told], expires_at=None
    )
    for label, table in tables().items():
        subject = keeping.subject_of_company(company)
        if label in NOT_OF_COMPANIES or not table.declared or table.rows(subject).exists():
            continue
        seeder.row(table.model)


def test_every_declared_table_can_hold_something_of_a_company(world: tuple[Company, Any]) -> None:
    seeded(*world)
    subject = keeping.subject_of_company(world[0])
    empty = [label for label, t in tables().items() if t.declared and not t.rows(subject).exists()]
    assert set(empty) <= NOT_OF_COMPANIES, "seed these tables too, or say that a company has nothing there"
    assert len(tables()) - len(empty) > 15


def test_after_deletion_nothing_seeded_is_left_in_any_table_or_file(world: tuple[Company, Any]) -> None:
    company, user = world
    seeded(company, user)
    assert traces()
    stored = [files.path_of(f) for f in StoredFile.objects.all()]
    assert all(p.exists() for p in stored)
    found = keeping.kept(keeping.subject_of_company(company))
    from django.test import TestCase

    with TestCase.captureOnCommitCallbacks(execute=True):
        privacy.delete_company(user, company, seen=found.hash, typed_name=NAME)
    from nordlotse.office.models import OutgoingMail

    receipt = OutgoingMail.objects.get(key__startswith="journey:deleted")
    assert receipt.to == MAIL and receipt.secret, "the receipt is forgotten as soon as it is sent"
    receipt.delete()
    assert traces() == [], traces()
    assert not any(p.exists() for p in stored)


def test_the_log_still_checks_and_leads_to_nobody(world: tuple[Company, Any]) -> None:
    company, user = world
    seeded(company, user)
    found = keeping.kept(keeping.subject_of_company(company))
    ids = {company.pk, str(user.pk), f"user:{user.pk}"}
    privacy.delete_company(user, company, seen=found.hash, typed_name=NAME)
    assert log.verify().broken_at == 0
    assert LogEntry.objects.filter(object_id=company.pk).exists()
    for model in apps.get_models():
        if model._meta.label in ("office.LogEntry",):
            continue
        for row in model._default_manager.values():
            assert not ({str(v) for v in row.values()} & (ids - {str(user.pk)})), model._meta.label


def test_the_archive_holds_every_row_of_every_table(world: tuple[Company, Any]) -> None:
    company, user = world
    seeded(company, user)
    subject = keeping.subject_of_company(company)
    found = keeping.kept(subject)
    for label, table in tables().items():
        assert len(found.tables.get(label, [])) == table.rows(subject).values("pk").distinct().count(), label
