"""What the office and the packages beside it hold of people is declared whole, found by whose it is, and erased without a trace."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile

from nordlotse.foundation.personal import Subject, tables
from nordlotse.office import files, incoming, links, mail
from nordlotse.office.models import HeldMail, NoMail, OutgoingMail
from tests.office.imap_server import ImapServer

pytestmark = pytest.mark.django_db

OURS = [m for m in apps.get_models() if m._meta.app_label == "office" or not m.__module__.startswith("nordlotse")]


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_every_field_of_every_table_is_declared_once(model: Any) -> None:
    table = tables()[model._meta.label]
    named = [f for d in table.declared for f in d.fields] + list(table.impersonal)
    columns = {f.name for f in model._meta.get_fields() if getattr(f, "column", None)}
    assert sorted(named) == sorted(columns)
    assert (table.what is not None) == bool(table.declared)


def test_a_persons_rows_are_found_and_erased_and_nobody_elses(
    mailbox: ImapServer, tmp_path: Any, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    users = get_user_model().objects
    made = {name: users.create_user(name, email=f"{name}@b.example") for name in ("meike", "other")}
    for name, user in made.items():
        address = f"{name}@b.example"
        mail.write(f"k:{name}", address, lang="de", subject=f"An {name}", text="Text", kind="group")
        links.make("answer", f"case-{name}", mail=address)
        NoMail.objects.create(address_hash=mail.address_hash(address), kind="x")
        incoming.make_reply_address("case", f"case-{name}", name, address)
        HeldMail.objects.create(message_hash=name, reason="sender", sender=address, text=name)
        files.take_in(SimpleUploadedFile("a.txt", b"text"), room="journey", reference=f"case-{name}", user=user)
    meike = Subject(users=frozenset({made["meike"].pk}), mails=frozenset({"meike@b.example"}))
    found = {label: list(t.rows(meike)) for label, t in tables().items() if t.model in OURS and t.declared}
    full = {label for label, rows in found.items() if rows}
    assert full >= {
        "office.OutgoingMail", "office.ReplyAddress", "office.HeldMail", "office.ActionLink", "office.StoredFile",
        "office.NoMail", "auth.User",
    }  # fmt: skip
    for label, rows in found.items():
        table = tables()[label]
        chosen = table.model._default_manager.filter(pk__in=[r.pk for r in rows])
        if table.erase is not None:
            table.erase(chosen)
        else:
            chosen.delete()
    for model in OURS:
        for row in model._default_manager.values():
            assert "meike" not in str(row).replace("k:meike", ""), model
    assert OutgoingMail.objects.get(key="k:meike").state == "withheld"
    assert OutgoingMail.objects.get(key="k:other").to == "other@b.example"
    assert HeldMail.objects.get().text == "other"


def test_what_belongs_to_a_persons_cases_is_found_by_the_case() -> None:
    mail.write("k:1", "expert@b.example", lang="de", subject="s", text="t", reference="case-1")
    links.make("answer", "case-1", mail="expert@b.example")
    subject = Subject(references=frozenset({"case-1"}))
    assert tables()["office.OutgoingMail"].rows(subject).count() == 1
    assert tables()["office.ActionLink"].rows(subject).count() == 1


def test_a_subject_without_anything_has_no_rows() -> None:
    mail.write("k:1", "a@b.example", lang="de", subject="s", text="t")
    OutgoingMail.objects.update(to="", reference="")
    for table in tables().values():
        if table.model in OURS:
            assert not table.rows(Subject(mails=frozenset({""}))).exists()
