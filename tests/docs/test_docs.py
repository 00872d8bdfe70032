"""The docs keep up with the program: a setting, command, address, metric or personal field that is missing fails here."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from nordlotse import cli
from nordlotse.web import configuration, metrics
from tests.conftest import ROOT

OPERATE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
PRIVACY = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")


def _commands(parser: argparse.ArgumentParser, start: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    inner = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not inner:
        yield start, parser
    for action in inner:
        for name, below in action.choices.items():
            yield from _commands(below, f"{start} {name}")


COMMANDS = list(_commands(cli.parser(), "nordlotse"))


@pytest.mark.parametrize("variable", configuration.variables())
def test_every_setting_is_described(variable: str) -> None:
    assert f"| `{variable}` |" in OPERATE


@pytest.mark.parametrize("command", [c for c, _ in COMMANDS])
def test_every_command_is_described(command: str) -> None:
    assert f"`{command}" in OPERATE


@pytest.mark.parametrize(("command", "parser"), COMMANDS, ids=[c for c, _ in COMMANDS])
def test_every_command_says_what_it_does_when_asked_for_help(command: str, parser: argparse.ArgumentParser) -> None:
    silent = [a.dest for a in parser._actions if not a.help and a.dest not in ("file", "folder", "user", "lang")]
    assert silent == []


def test_the_docs_name_no_command_that_is_gone() -> None:
    known = {c for c, _ in COMMANDS}
    for found in re.findall(r"^\| `(nordlotse(?: [a-z][a-z0-9-]*){1,3})", OPERATE, flags=re.MULTILINE):
        assert any(found == c or found.startswith(f"{c} ") for c in known), found


def _paths(resolver: URLResolver, start: str = "/") -> Iterator[str]:
    for entry in resolver.url_patterns:
        path = start + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _paths(entry, path)
        elif isinstance(entry, URLPattern):
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", path)


def _described(path: str) -> bool:
    if path.replace("^", "").startswith(("/konto/", "/en/")):
        return True  # one row for a library's pages; English pages are the German ones under another prefix
    if path.startswith("/^identity/"):
        return True  # shuts what the library offers and nobody needs here
    shut = "<" not in path and "^" not in path and resolve(path).url_name == "closed_sign_on"
    return f"`{path}`" in OPERATE or path == "/api/v1/" or shut


@pytest.mark.parametrize("path", sorted(set(_paths(get_resolver()))))
def test_every_address_is_described(path: str) -> None:
    assert _described(path)


@pytest.mark.parametrize("metric", metrics.ALL, ids=lambda m: m._name)
def test_every_metric_is_described(metric: object) -> None:
    (described,) = metric.describe()  # type: ignore[attr-defined]
    name = f"{described.name}_total" if described.type == "counter" else described.name
    assert f"| `{name}` |" in OPERATE


def test_no_metric_is_described_that_is_gone() -> None:
    families = [m.describe()[0] for m in metrics.ALL]
    known = {f"{f.name}_total" if f.type == "counter" else f.name for f in families}
    assert set(re.findall(r"^\| `(nordlotse_\w+)` \|", OPERATE, flags=re.MULTILINE)) == known


def test_the_register_is_what_the_rooms_declare() -> None:
    from nordlotse.journey.queries.privacy import register_markdown

    assert register_markdown() in PRIVACY, "print it anew: nordlotse privacy register"


def test_every_row_of_the_register_says_purpose_basis_and_how_long() -> None:
    rows = [line for line in PRIVACY.splitlines() if re.match(r"^\| `[a-z_]+\.[A-Za-z]+` \| `", line)]
    assert len(rows) > 30
    for row in rows:
        cells = [c.strip() for c in row.strip("|").split("|")]
        assert len(cells) == 5 and all(len(c) > 3 for c in cells), row


def test_the_register_says_the_same_period_as_the_program() -> None:
    from nordlotse.journey.actions import KEEP_WORDS

    assert f"{KEEP_WORDS.days} days" in PRIVACY


@pytest.mark.parametrize("place", sorted(set(re.findall(r"tests/[\w/]+\.py(?:::\w+)?", SECURITY + PRIVACY + OPERATE))))
def test_every_test_the_docs_point_to_is_there(place: str) -> None:
    file, _, name = place.partition("::")
    text = (ROOT / file).read_text(encoding="utf-8")
    assert not name or f"def {name}(" in text


def test_every_measure_in_the_security_table_names_its_test() -> None:
    rows = [line for line in SECURITY.splitlines() if re.match(r"^\| V\d", line)]
    assert len(rows) >= 20
    assert [r for r in rows if "`tests/" not in r and "open:" not in r] == []
