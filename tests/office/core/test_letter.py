"""The HTML of a mail: made from the text alone, nothing loaded, nothing unescaped."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from nordlotse.office.core.letter import letter

ALLOWED = {"html", "head", "meta", "title", "body", "div", "p", "br", "ul", "ol", "li", "a", "hr"}


class Tags(HTMLParser):
    """Collects tags, addresses and words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [str(v) for k, v in attrs if k in ("href", "src", "background", "action")]
        assert {k for k, _ in attrs} <= {"lang", "charset", "name", "content", "style", "href"}

    def handle_data(self, data: str) -> None:
        self.words += data


def test_blocks_between_blank_lines_become_paragraphs() -> None:
    found = Tags(letter("Guten Tag,\n\nerste Zeile\nzweite Zeile\n", "Betreff", "de"))
    assert found.tags.count("p") == 2
    assert found.tags.count("br") == 1


def test_lines_with_dashes_become_a_list_and_numbers_a_numbered_one() -> None:
    found = letter("Mitbringen:\n- Ausweis\n- Laptop\n\n1. Anmelden\n2. Prüfen", "B", "de")
    assert "<ul><li>Ausweis</li><li>Laptop</li></ul>" in found
    assert "<ol><li>Anmelden</li><li>Prüfen</li></ol>" in found


def test_a_lone_address_becomes_a_button_named_by_the_words_before_it() -> None:
    found = letter("Termin absagen:\nhttps://lotse.example/termine/1/", "B", "de")
    assert re.search(r'<a href="https://lotse\.example/termine/1/"[^>]*>Termin absagen</a>', found)
    assert ">Seite öffnen</a>" in letter("Text.\n\nhttps://lotse.example/", "B", "de")
    assert ">Open the page</a>" in letter("Text.\n\nhttps://lotse.example/", "B", "en")


def test_an_address_in_a_sentence_becomes_a_link_without_the_full_stop() -> None:
    found = Tags(letter("Siehe https://lotse.example/wissen/?a=1&b=2.", "B", "de"))
    assert found.addresses == ["https://lotse.example/wissen/?a=1&b=2"]
    assert found.words.strip().endswith("b=2.")


def test_the_foot_stands_apart() -> None:
    found = letter("Text\n\n-- \nAbbestellen: https://lotse.example/abmelden/x/", "B", "de")
    assert found.index("<hr") < found.index("Abbestellen")


@given(st.text(max_size=300), st.text(max_size=80), st.sampled_from(["de", "en"]))
def test_whatever_the_text_only_harmless_tags_come_out_and_nothing_is_loaded(
    text: str, subject: str, lang: str
) -> None:
    found = Tags(letter(text, subject, lang))
    assert set(found.tags) <= ALLOWED
    assert all(re.match(r"https?://", a) for a in found.addresses)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1, max_size=40), max_size=6))
def test_no_word_of_the_text_is_lost(lines: list[str]) -> None:
    html = letter("\n".join(lines), "", "de")
    shown = "".join(Tags(html).words.split())
    for line in lines:
        for word in re.findall(r"[A-Za-z0-9]{3,}", line):
            assert word in shown
