"""Everything that is kept of one company or person, walked over the rooms' declarations."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from nordlotse.foundation.language import Lang
from nordlotse.foundation.personal import Subject, Table, tables
from nordlotse.journey.models import Case, Company, Contact
from nordlotse.journey.queries import readable
from nordlotse.office import files, people


def subject_of_company(company: Company) -> Subject:
    """Return whose data goes with a company: its contacts, and the accounts that belong to no other company and no staff.

    Only addresses those accounts have proved count as theirs: anybody can write a stranger's address into a form, and must not
    get or delete what is kept under it. What was mailed to a contact about the company's cases is found by the cases.
    """
    accounts = get_user_model().objects.filter(memberships__company=company)
    alone = [u for u in accounts if not _has_other_life(u, company)]
    contacts = Contact.objects.filter(Q(company=company) | Q(cases__company=company)).distinct()
    merged = Company.objects.filter(merged_into=company).values_list("pk", flat=True)
    cases = Case.objects.filter(company=company).values_list("pk", flat=True)
    return Subject(
        company=company.pk,
        users=frozenset(u.pk for u in alone),
        mails=frozenset(m for u in alone for m in people.mails_of(u)),
        contacts=frozenset(c.pk for c in contacts),
        references=frozenset([company.pk, *merged, *cases]),
    )


def _has_other_life(user: Any, company: Company) -> bool:
    if user.is_staff or user.is_superuser or user.groups.exists():
        return True
    return bool(user.memberships.exclude(company=company).exists())


def subject_of_mail(mail: str) -> Subject:
    """Return whose data goes with one mail address that belongs to no company: contacts and their cases, registrations."""
    mail = mail.strip().lower()
    contacts = frozenset(Contact.objects.filter(mail__iexact=mail, company=None).values_list("pk", flat=True))
    accounts = [
        u
        for u in get_user_model().objects.filter(email__iexact=mail, is_staff=False, is_superuser=False)
        if not u.memberships.exists() and not u.groups.exists()
    ]
    cases = Case.objects.filter(contact_id__in=contacts, company=None).values_list("pk", flat=True)
    return Subject(
        users=frozenset(u.pk for u in accounts), mails=frozenset({mail}), contacts=contacts, references=frozenset(cases)
    )


def subject_of_contact(contact: Contact) -> Subject:
    """Return whose data is meant by somebody who asked for a talk without an account: the contact with its own cases."""
    cases = Case.objects.filter(contact=contact).values_list("pk", flat=True)
    return Subject(contacts=frozenset({contact.pk}), references=frozenset(cases))


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a subject: rows by table (declared fields, ready for JSON), ids of files, and a hash of it all."""

    tables: dict[str, list[dict[str, Any]]]
    file_ids: tuple[str, ...]
    hash: str

    @property
    def count(self) -> int:
        """Return the number of rows."""
        return sum(len(rows) for rows in self.tables.values())


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)


def _fields(table: Table) -> list[str]:
    meta = table.model._meta
    named = [name for d in table.declared for name in d.fields] + list(table.impersonal)
    known = {f.name: f.attname for f in meta.get_fields() if getattr(f, "column", None)}
    return [known[name] for name in named if name in known]


def rows_of(table: Table, subject: Subject) -> QuerySet[Any]:
    """Return a subject's rows of one table, each once, in order."""
    found = table.rows(subject)
    rows: QuerySet[Any] = table.model._default_manager.filter(pk__in=list(found.values_list("pk", flat=True)))
    return rows.order_by("pk")


#: Tables whose rows change by looking, signing in or sending alone: they are no reason to ask somebody to confirm anew.
PASSING = frozenset({"office.ActionLink", "office.OutgoingMail", "sessions.Session", "auth.User", "mfa.Authenticator"})


def kept(subject: Subject) -> Kept:
    """Return everything the rooms keep of a subject."""
    made: dict[str, list[dict[str, Any]]] = {}
    ids: list[str] = []
    for label, table in tables().items():
        rows = rows_of(table, subject)
        if found := [{k: _plain(v) for k, v in row.items()} for row in rows.values(*_fields(table))]:
            made[label] = found
        if table.files is not None:
            ids += [f.pk for row in rows for f in table.files(row)]
    lasting = {label: rows for label, rows in made.items() if label not in PASSING}
    text = json.dumps([lasting, sorted(ids)], sort_keys=True, ensure_ascii=False)
    return Kept(made, tuple(sorted(set(ids))), hashlib.sha256(text.encode()).hexdigest())


#: Fields that would open a door: shown in an export as present, never with their value.
SECRETS = {
    "mfa.Authenticator": {"data"},
    "sessions.Session": {"session_key", "session_data"},
    "auth.User": {"password"},
    "account.EmailConfirmation": {"key"},
    "socialaccount.SocialAccount": {"extra_data"},
    "socialaccount.SocialToken": {"token", "token_secret"},
    "allauth_idp_oidc.Token": {"hash", "data"},
    # Mails about one's cases went to others too, with links that act for them.
    "office.OutgoingMail": {"text", "reply_to", "headers", "attachments"},
    "office.ReplyAddress": {"token"},
    "office.ActionLink": {"id"},
    # What an expert told the centre about taking the case or not.
    "journey.Assignment": {"note"},
}

#: Fields of an internal note: the centre's own words among its people. They are deleted with the case, but not handed out here.
_INTERNAL = frozenset({"text", "attachments", "mail_id"})


def _without_secrets(label: str, row: dict[str, Any], subject: Subject) -> dict[str, Any]:
    hidden = set(SECRETS.get(label, ()))
    if label == "office.OutgoingMail":
        if row["secret"]:
            hidden.add("subject")  # a code to sign in stands there
        elif row["to"] in subject.mails and (not subject.company or row["reference"] in subject.references):
            # Of a company only what is about its cases: a colleague's other mails are the colleague's.
            hidden.discard("text")
    if label == "journey.Message" and row["internal"]:
        hidden |= _INTERNAL
    return {k: ("***" if k in hidden and v else v) for k, v in row.items()}


def _of_internal_notes(rows: list[dict[str, Any]]) -> set[str]:
    """Return the ids of files that hang on internal notes."""
    return {str(file) for row in rows if row["internal"] for file in row["attachments"] or ()}


def archive(subject: Subject, lang: Lang) -> bytes:
    """Return everything as a ZIP: `data.json`, one CSV per table, a readable page, and the files under their own names.

    What would open a door, and the words of internal notes with their files, are left out.
    """
    from nordlotse.office.models import StoredFile

    found = kept(subject)
    internal = _of_internal_notes(found.tables.get("journey.Message", []))
    shown = {label: [_without_secrets(label, row, subject) for row in rows] for label, rows in found.tables.items()}
    shown["office.StoredFile"] = [r for r in shown.get("office.StoredFile", []) if r["id"] not in internal]
    shown = {label: rows for label, rows in shown.items() if rows}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("data.json", json.dumps(shown, ensure_ascii=False, indent=2))
        for label, rows in shown.items():
            made.writestr(f"csv/{label}.csv", _csv(rows))
        made.writestr("index.html", readable.page(shown, lang))
        for file in StoredFile.objects.filter(pk__in=set(found.file_ids) - internal):
            place = files.path_of(file)
            if place.exists():
                made.write(place, f"files/{file.pk[:6]}-{file.name.replace('/', '-')}")
    return buffer.getvalue()


def _csv(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]))
    writer.writeheader()
    for row in rows:
        writer.writerow({k: _safe(v) for k, v in row.items()})
    return "\ufeff" + out.getvalue()


def _safe(value: Any) -> Any:
    """Keep a spreadsheet from taking somebody's words for a formula."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
    return f"'{text}" if isinstance(text, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
