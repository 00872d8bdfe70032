"""Rooms declare what their tables hold of people."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from nordlotse.foundation import personal
from nordlotse.foundation.personal import Subject, Table, declare, tables


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(personal, "_tables", {})
    yield


def table(label: str, *impersonal: str) -> Table:
    model: Any = SimpleNamespace(_meta=SimpleNamespace(label=label))
    return Table(model=model, declared=(), impersonal=impersonal, rows=lambda subject: [])


def test_tables_are_given_in_the_order_of_declaration(empty: None) -> None:
    for label in ("b.Two", "a.One"):
        declare(table(label))
    assert list(tables()) == ["b.Two", "a.One"]


def test_a_table_declared_twice_is_refused_and_the_first_declaration_stays(empty: None) -> None:
    declare(table("b.Two", "id"))
    with pytest.raises(ValueError, match="declared twice"):
        declare(table("b.Two"))
    assert tables()["b.Two"].impersonal == ("id",)


def test_whoever_asks_gets_a_copy(empty: None) -> None:
    declare(table("a.One"))
    dict(tables()).clear()
    found: Any = tables()
    found.clear()
    assert list(tables()) == ["a.One"]


def test_an_empty_subject_is_nobody() -> None:
    nobody = Subject()
    assert not (nobody.company or nobody.users or nobody.mails or nobody.contacts or nobody.references)
