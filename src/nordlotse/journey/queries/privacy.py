"""What is stored of people: the register of processing, and everything that is kept of one company or person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Table, tables

_BASIS = {
    Basis.CONSENT: Text("DSGVO Art. 6 (1) a (Einwilligung)", "GDPR Art. 6 (1) a (consent)"),
    Basis.CONTRACT: Text(
        "DSGVO Art. 6 (1) b (Vertrag, Arbeit des Teams)", "GDPR Art. 6 (1) b (contract, work of the staff)"
    ),
    Basis.DUTY: Text("DSGVO Art. 6 (1) c (Rechtspflicht)", "GDPR Art. 6 (1) c (legal duty)"),
    Basis.TASK: Text(
        "DSGVO Art. 6 (1) e (öffentliche Aufgabe des Zentrums) oder f",
        "GDPR Art. 6 (1) e (the centre's public task) or f",
    ),
    Basis.INTEREST: Text("DSGVO Art. 6 (1) f (Sicherheit)", "GDPR Art. 6 (1) f (security)"),
}


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One row of the register of processing (GDPR Art. 30): what, which fields, why, on what basis, how long."""

    table: str
    what: Text
    fields: tuple[str, ...]
    purpose: Text
    basis: Text
    keep: Text


def register() -> list[RegisterRow]:
    """Return the register of processing, as the rooms declare it."""
    return [
        RegisterRow(label, table.what or Text(label, label), d.fields, d.purpose, _BASIS[d.basis], d.keep)
        for label, table in sorted(tables().items())
        for d in table.declared
    ]


def undeclared(models: Iterable[type]) -> list[str]:
    """Return `room.Model.field` of every column no declaration names, and of every field declared that does not exist."""
    wrong = []
    known = tables()
    for model in models:
        meta = model._meta  # type: ignore[attr-defined]
        columns = {f.name for f in meta.get_fields() if getattr(f, "column", None)}
        table = known.get(meta.label)
        named = _named(table) if table else set()
        wrong += [f"{meta.label}.{name}" for name in sorted(columns ^ named)]
    return wrong


def _named(table: Table) -> set[str]:
    return {name for d in table.declared for name in d.fields} | set(table.impersonal)


def register_markdown() -> str:
    """Return the register in English as two Markdown tables, as docs/privacy.md holds them."""
    lines = ["| table | personal fields | purpose | legal basis | kept |", "|---|---|---|---|---|"]
    lines += [
        f"| `{row.table}` | `{', '.join(row.fields)}` | {row.purpose.en} | {row.basis.en} | {row.keep.en} |"
        for row in register()
    ]
    lines += [
        "",
        "Fields of these and the other tables that tell nothing about a person:",
        "",
        "| table | fields |",
        "|---|---|",
    ]
    lines += [
        f"| `{label}` | not personal: `{', '.join(table.impersonal)}` |"
        for label, table in sorted(tables().items())
        if table.impersonal
    ]
    return "\n".join(lines) + "\n"
