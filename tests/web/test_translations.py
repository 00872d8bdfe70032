"""Every text of pages and code has an English translation, with the same placeholders."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2] / "src" / "nordlotse"
CATALOGUES = sorted(ROOT.glob("*/locale/en/LC_MESSAGES/django.po"))
QUOTED = r"""(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')"""
#: Django's own catalogue translates the names of the languages.
OF_DJANGO = {"German", "English"}


def in_templates() -> set[tuple[str, str]]:
    """Return (text, plural) of every translated text in a template."""
    found = set()
    for path in [*ROOT.rglob("templates/**/*.html"), *ROOT.rglob("templates/**/*.txt")]:
        text = path.read_text(encoding="utf-8")
        for pattern in (r"\{%-?\s*translate\s+" + QUOTED, r"\b_\(" + QUOTED + r"\)"):
            found |= {(m[1] or m[2], "") for m in re.finditer(pattern, text)}
        block = r"\{%\s*blocktranslate[^%]*%\}(.*?)(?:\{%\s*plural\s*%\}(.*?))?\{%\s*endblocktranslate\s*%\}"
        found |= {(_named(m[1]), _named(m[2] or "")) for m in re.finditer(block, text, re.DOTALL)}
    return found


def _named(text: str) -> str:
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", text)


def in_code() -> set[tuple[str, str]]:
    """Return every text given to gettext in Python."""
    found = set()
    for path in ROOT.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "gettext" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            first = node.args[0]
            if node.func.id in ("_", "gettext", "gettext_lazy") and isinstance(first, ast.Constant):
                found.add((str(first.value), ""))
            if node.func.id == "ngettext" and all(isinstance(a, ast.Constant) for a in node.args[:2]):
                one, many = (str(a.value) for a in node.args[:2] if isinstance(a, ast.Constant))
                found.add((one, many))
    return found


def used() -> set[tuple[str, str]]:
    return {(text, plural) for text, plural in in_templates() | in_code() if text not in OF_DJANGO}


Entries = dict[tuple[str, str], list[polib.POEntry]]


@pytest.fixture(scope="module")
def entries() -> Entries:
    """Every entry of every room's catalogue by (text, plural)."""
    found: Entries = {}
    for path in CATALOGUES:
        for entry in polib.pofile(str(path)):
            found.setdefault((entry.msgid, entry.msgid_plural), []).append(entry)
    return found


def test_the_search_for_texts_finds_many() -> None:
    assert len(in_templates()) > 200
    assert len(in_code()) > 40
    assert len(CATALOGUES) >= 2


def test_every_text_is_translated(entries: Entries) -> None:
    known = {key for key, found in entries.items() if all(e.translated() for e in found)}
    assert used() - known == set()


def test_no_translation_is_left_over(entries: Entries) -> None:
    assert set(entries) - used() == set()


def test_a_text_of_two_rooms_reads_the_same_in_both(entries: Entries) -> None:
    assert [key for key, found in entries.items() if len({str(e.msgstr or e.msgstr_plural) for e in found}) > 1] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: p.parents[3].name)
def test_no_translation_is_fuzzy_or_obsolete(path: Path) -> None:
    catalogue = polib.pofile(str(path))
    assert catalogue.fuzzy_entries() == []
    assert catalogue.obsolete_entries() == []


def test_placeholders_are_the_same(entries: Entries) -> None:
    def names(text: str) -> list[str]:
        return sorted(re.findall(r"%\(\w+\)s", text))

    for (msgid, _), found in entries.items():
        for entry in found:
            for translation in (entry.msgstr, *entry.msgstr_plural.values()):
                if translation:
                    assert names(translation) == names(msgid), msgid


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: p.parents[3].name)
def test_the_compiled_catalogue_is_up_to_date(path: Path) -> None:
    compiled = polib.mofile(str(path.with_suffix(".mo")))
    assert {e.msgid: e.msgstr for e in compiled} == {e.msgid: e.msgstr for e in polib.pofile(str(path))}


def test_long_texts_exist_in_both_languages() -> None:
    german = {p.name.removesuffix(".de.html") for p in ROOT.rglob("templates/**/*.de.html")}
    english = {p.name.removesuffix(".en.html") for p in ROOT.rglob("templates/**/*.en.html")}
    assert german == english
    assert len(german) >= 6
