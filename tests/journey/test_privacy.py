"""What is kept of somebody can be taken away, and deleted without a trace."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth import get_user_model
from django.test import Client

from nordlotse.foundation.personal import tables
from nordlotse.foundation.problem import BadInput, NotAllowed
from nordlotse.journey.actions import companies, privacy
from nordlotse.journey.models import Case, Company, Contact, Membership, Message
from nordlotse.journey.queries import keeping
from nordlotse.journey.queries.privacy import register, undeclared
from nordlotse.office.mail import enqueue
from nordlotse.office.models import OutgoingMail
from tests.dialogue import made
from tests.journey import casework

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Any:
    user = get_user_model().objects.create_user("owner", email="owner@deich.example")
    EmailAddress.objects.create(user=user, email="owner@deich.example", verified=True, primary=True)
    return user


@pytest.fixture
def company(owner: Any) -> Company:
    return companies.create(owner, name="Deichbau Nord")


@pytest.fixture
def case(company: Company, owner: Any) -> Case:
    made = Case.objects.create(number=7, company=company, title="Sensor am Deich", question="Welcher Sensor taugt?")
    Message.objects.create(case=made, author="company", user=owner, text="Bitte melden Sie sich.")
    return made


def test_every_column_of_every_table_is_declared() -> None:
    ours = [m for m in apps.get_models() if m._meta.app_label not in ("contenttypes",)]
    assert undeclared(ours) == []


def test_the_register_says_purpose_basis_and_period_in_both_languages() -> None:
    assert len(register()) > 20
    for row in register():
        assert row.what.de != row.table, row.table
        for text in (row.what, row.purpose, row.basis, row.keep):
            assert len(text.de) > 3 and len(text.en) > 3, row


def test_an_export_holds_every_row_and_no_secret(company: Company, case: Case, owner: Any) -> None:
    archive = zipfile.ZipFile(io.BytesIO(keeping.archive(keeping.subject_of_company(company), "de")))
    data = json.loads(archive.read("data.json"))
    assert data["journey.Case"][0]["question"] == "Welcher Sensor taugt?"
    assert data["journey.Message"][0]["text"] == "Bitte melden Sie sich."
    assert data["auth.User"][0]["password"] == "***"
    assert "Welcher Sensor taugt?" in archive.read("index.html").decode()
    assert "csv/journey.Case.csv" in archive.namelist()


def readable(company: Company) -> str:
    """Return the readable page of a company's export."""
    archive = zipfile.ZipFile(io.BytesIO(keeping.archive(keeping.subject_of_company(company), "de")))
    return archive.read("index.html").decode()


def test_the_readable_page_calls_the_state_of_a_mail_by_its_name(company: Company, owner: Any) -> None:
    enqueue(
        "test:1",
        "owner@deich.example",
        lang="de",
        template="journey/mail/deleted.txt",
        context={"receipt": privacy.Receipt("X1", 1, 0)},
        reference=company.pk,
    )
    page = readable(company)
    assert "<dt>Stand</dt><dd>wartet auf den Versand</dd>" in page
    assert "queued" not in page


def test_the_readable_page_says_the_state_of_a_company_and_its_sector_in_words(company: Company) -> None:
    Company.objects.update(state="SH", sector="43")
    page = readable(company)
    assert "<dt>Land</dt><dd>Schleswig-Holstein</dd>" in page
    assert "<dd>43</dd>" not in page and "Ausbau und spezialisiertes Bauhandwerk" in page


def test_a_registration_in_the_readable_page_names_its_event(company: Company) -> None:
    event = made.event(title_de="Sprechtag Förderung")
    made.registered(event, mail="owner@deich.example")
    assert "<dt>Termin</dt><dd>Sprechtag Förderung</dd>" in readable(company)


def test_a_case_in_the_readable_page_names_whom_the_company_wished_for(company: Company, case: Case) -> None:
    Case.objects.update(wished=casework.person("Elif Ehlers"))
    assert "<dt>Gewünscht</dt><dd>Elif Ehlers</dd>" in readable(company)


def test_what_the_readable_page_leaves_out_of_a_mail_it_says_so(company: Company, owner: Any) -> None:
    OutgoingMail.objects.create(key="test:2", to="owner@deich.example", subject="Ihr Code", text="123", secret=True)
    assert "hier nicht gezeigt" in readable(company)


def test_the_footer_leads_to_ones_own_data() -> None:
    assert 'href="/meine-daten/"' in Client().get("/").content.decode()


def test_words_that_look_like_a_formula_do_not_reach_a_spreadsheet_as_one(company: Company, case: Case) -> None:
    Message.objects.create(case=case, author="company", text="=HYPERLINK(1)")
    archive = zipfile.ZipFile(io.BytesIO(keeping.archive(keeping.subject_of_company(company), "de")))
    assert "'=HYPERLINK(1)" in archive.read("csv/journey.Message.csv").decode()


def test_nothing_is_deleted_when_something_changed_in_between(company: Company, case: Case, owner: Any) -> None:
    seen = keeping.kept(keeping.subject_of_company(company)).hash
    Message.objects.create(case=case, author="expert", text="Neu")
    with pytest.raises(BadInput, match="changed_meanwhile"):
        privacy.delete_company(owner, company, seen=seen, typed_name="Deichbau Nord")
    assert Company.objects.filter(pk=company.pk).exists()


def test_nothing_is_deleted_without_the_name(company: Company, owner: Any) -> None:
    seen = keeping.kept(keeping.subject_of_company(company)).hash
    with pytest.raises(BadInput, match="name_differs"):
        privacy.delete_company(owner, company, seen=seen, typed_name="Deichbau Süd")


def test_only_members_delete(company: Company) -> None:
    stranger = get_user_model().objects.create_user("stranger")
    with pytest.raises(NotAllowed):
        privacy.delete_company(stranger, company, seen="", typed_name=company.name)


def test_whoever_was_invited_cannot_delete_the_company_with_the_founders_account(company: Company, owner: Any) -> None:
    invited = get_user_model().objects.create_user("invited", email="tom@deich.example")
    Membership.objects.create(company=company, user=invited)
    client = Client()
    client.force_login(invited, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/betrieb/daten/").content.decode()
    assert "owner@deich.example" in page and 'name="name"' not in page
    seen = keeping.kept(keeping.subject_of_company(company)).hash
    with pytest.raises(NotAllowed, match="founder_only"):
        privacy.delete_company(invited, company, seen=seen, typed_name=company.name)
    assert get_user_model().objects.filter(pk=owner.pk).exists()


def test_a_member_of_another_company_too_keeps_the_account(company: Company, owner: Any) -> None:
    companies.create(owner, name="Zweitbetrieb")
    seen = keeping.kept(keeping.subject_of_company(company)).hash
    privacy.delete_company(owner, company, seen=seen, typed_name=company.name)
    assert get_user_model().objects.filter(pk=owner.pk).exists()
    assert not Company.objects.filter(name="Deichbau Nord").exists()


def test_the_page_exports_deletes_and_signs_out(company: Company, case: Case, owner: Any) -> None:
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/betrieb/daten/archiv.zip")["Content-Type"] == "application/zip"
    page = client.get("/betrieb/daten/").content.decode()
    seen = page.split('name="seen" value="')[1].split('"')[0]
    wrong = client.post("/betrieb/daten/", {"seen": seen, "name": "Falsch"})
    assert wrong.status_code == 302
    done = client.post("/betrieb/daten/", {"seen": seen, "name": "deichbau  nord"})
    assert "Gelöscht" in done.content.decode()
    assert not Case.objects.exists()
    assert client.get("/betrieb/").status_code == 302


def test_a_link_to_ones_own_data_goes_only_where_something_is_kept() -> None:
    Contact.objects.create(name="H", mail="h@kutter.example")
    client = Client()
    for mail in ("h@kutter.example", "nobody@kutter.example"):
        assert client.post("/meine-daten/", {"mail": mail}).status_code == 200
    assert [m.to for m in OutgoingMail.objects.all()] == ["h@kutter.example"]


def test_without_an_account_the_link_shows_exports_and_deletes_once() -> None:
    Contact.objects.create(name="Hinnerk Kutter", mail="h@kutter.example", phone="0431 55")
    client = Client()
    client.post("/meine-daten/", {"mail": "h@kutter.example"})
    text = OutgoingMail.objects.get().text
    address = "/" + next(line for line in text.splitlines() if "://" in line).split("://")[1].split("/", 1)[1]
    for _ in range(2):
        page = client.get(address).content.decode()
        assert client.head(address).status_code == 200
    assert Contact.objects.exists()
    assert client.get(address + "archiv.zip").status_code == 200
    seen = page.split('name="seen" value="')[1].split('"')[0]
    asked = client.post(address, {"seen": seen}).content.decode()
    assert "Endgültig löschen" in asked and Contact.objects.exists(), "the first tap only asks"
    assert "Gelöscht" in client.post(address, {"seen": seen, "sure": "yes"}).content.decode()
    assert not Contact.objects.exists()
    assert client.get(address).status_code == 404


def test_every_table_with_something_personal_can_say_whose_rows_are_whose() -> None:
    from nordlotse.foundation.personal import Subject

    for label, table in tables().items():
        assert not table.rows(Subject(company="-")).exists(), label


def test_what_is_past_its_period_goes_and_what_is_not_stays() -> None:
    from datetime import timedelta

    from django.utils import timezone

    long_ago = timezone.now() - timedelta(days=366)
    old = Case.objects.create(number=1, title="alt", status="closed", open=False, closed_at=long_ago)
    Case.objects.create(number=2, title="neu", status="closed", open=False, closed_at=timezone.now())
    Case.objects.create(number=3, title="Beispiel", status="closed", open=False, closed_at=long_ago, is_example=True)
    Contact.objects.create(name="alt", created_at=long_ago)
    busy = Contact.objects.create(name="mit Fall", created_at=long_ago)
    Case.objects.create(number=4, title="offen", contact=busy)
    done = privacy.retain()
    assert done["journey.Case"] == 1 and done["journey.Contact"] == 1
    assert not Case.objects.filter(pk=old.pk).exists()
    assert Case.objects.count() == 3
    assert Contact.objects.get() == busy
    assert privacy.retain() == {}


def test_a_strangers_address_in_a_form_opens_nothing_of_the_stranger(company: Company, owner: Any) -> None:
    from tests.dialogue.made import event, registered

    theirs = registered(event(), 1)
    Contact.objects.create(company=company, user=owner, name="Rückruf", mail=theirs.mail)
    other = Contact.objects.create(company=companies.create(_person("o"), name="Anderer"), mail=theirs.mail, phone="1")
    subject = keeping.subject_of_company(company)
    found = keeping.kept(subject)
    assert "dialogue.Registration" not in found.tables
    assert [row["name"] for row in found.tables["journey.Contact"]] == ["Rückruf"]
    privacy.delete_company(owner, company, seen=found.hash, typed_name=company.name)
    theirs.refresh_from_db()
    assert theirs.status == "confirmed" and theirs.erased_at is None
    assert Contact.objects.get() == other


def _person(name: str) -> Any:
    return get_user_model().objects.create_user(name)


def test_internal_notes_are_deleted_but_their_words_and_files_are_not_handed_out(company: Company, case: Case) -> None:
    from nordlotse.office import files

    shown = files.keep(b"Plan", name="plan.txt", media_type="text/plain", room="journey", reference=case.pk)
    hidden = files.keep(b"Urteil", name="urteil.txt", media_type="text/plain", room="journey", reference=case.pk)
    Message.objects.create(case=case, author="expert", text="Hier der Plan.", attachments=[shown.pk])
    Message.objects.create(case=case, author="expert", text="Zahlt nie.", attachments=[hidden.pk], internal=True)
    subject = keeping.subject_of_company(company)
    archive = zipfile.ZipFile(io.BytesIO(keeping.archive(subject, "de")))
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Hier der Plan." in everything and b"plan.txt" in everything
    assert b"Zahlt nie." not in everything and b"Urteil" not in everything and b"urteil.txt" not in everything
    assert set(keeping.kept(subject).file_ids) == {shown.pk, hidden.pk}, "both are deleted with the case"


def test_links_to_ones_own_data_do_not_fill_a_mailbox_and_keep_working() -> None:
    Contact.objects.create(name="H", mail="h@kutter.example")
    client = Client()
    for _ in range(6):
        assert client.post("/meine-daten/", {"mail": "H@kutter.example"}).status_code == 200
    sent = list(OutgoingMail.objects.all())
    assert len(sent) == privacy.LINKS_A_DAY
    for mail in sent:
        address = "/" + next(line for line in mail.text.splitlines() if "://" in line).split("://")[1].split("/", 1)[1]
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("typed", ["", "h", "\x00@b.example", "a@b", "x" * 300 + "@b.example"])
def test_what_is_no_address_is_told_and_not_looked_for(typed: str) -> None:
    response = Client().post("/meine-daten/", {"mail": typed})
    assert response.status_code == 422
    assert "Mailadresse" in response.content.decode()
