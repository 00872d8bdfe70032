"""Documents of four kinds become the same plain blocks; traps in them are refused or dropped."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.answers.core.article import parse_article
from nordlotse.answers.core.documents import Block, Document, drafts
from nordlotse.answers.core.documents import draft as drafting
from nordlotse.answers.core.documents.document import bounded, plain
from nordlotse.answers.core.documents.draft import slug_of
from nordlotse.answers.core.documents.reading import read, read_as_dict
from nordlotse.foundation.problem import BadInput, TooLarge
from tests.answers.documents_made import PDF_LINES, docx_file, pdf, repacked

ON = date(2026, 11, 23)


def said(document: Document) -> list[tuple[str, str]]:
    return [(b.kind, b.text) for b in document.blocks]


# ---- HTML ----

HTML = """<!doctype html><html><head><title>Seitentitel</title><meta name="date" content="2025-03-04">
<link rel="canonical" href="https://example.org/seite"><style>p{color:red}</style></head><body>
<nav><a href="/">Start</a></nav><h1>Funk in der Halle</h1>
<p>LoRaWAN reicht <b>weit</b>&nbsp;und braucht wenig Strom.<script>alert(1)</script></p>
<p style="display: none">UNSICHTBAR</p><div hidden>VERSTECKT</div><span aria-hidden="true">STUMM</span>
<h2>Was kostet das?</h2><ul><li>Ein Gateway kostet 300 Euro.</li><li><p>Ein Sensor kostet 60 Euro.</p></li></ul>
<table><tr><th>Funk</th><th>Reichweite</th></tr><tr><td>WLAN</td><td>50 m</td></tr></table>
<form><input value="FORMULAR"><button>Senden</button></form><template>VORLAGE</template>
</body></html>"""


def test_html_gives_its_visible_text_in_blocks() -> None:
    document = read("seite.txt", HTML.encode())
    assert document.title == "Funk in der Halle"
    assert document.dated == date(2025, 3, 4)
    assert document.url == "https://example.org/seite"
    assert said(document) == [
        ("heading", "Funk in der Halle"),
        ("paragraph", "LoRaWAN reicht weit und braucht wenig Strom."),
        ("heading", "Was kostet das?"),
        ("item", "Ein Gateway kostet 300 Euro."),
        ("item", "Ein Sensor kostet 60 Euro."),
        ("item", "Funk; Reichweite"),
        ("item", "WLAN; 50 m"),
    ]
    assert "weggelassen" in document.notes[0].de


@pytest.mark.parametrize(
    "text", ["<html><body></body></html>", "<html><script>x</script>", "<p hidden>x</p>", "<html>"]
)
def test_html_without_visible_text_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="document_empty"):
        read("a.html", text.encode())


def test_deeply_nested_html_is_read_or_refused_quickly() -> None:
    try:
        document = read("a.html", b"<html><body>" + b"<div>" * 50_000 + b"Text am Grund.")
    except BadInput:
        return
    assert document.blocks


def test_html_is_no_door_to_files_of_this_machine() -> None:
    text = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]><p>Wert &x; Ende des Satzes.</p>'
    assert said(read("a.html", text.encode()))[-1][1].startswith("Wert")
    assert not any("localhost" in t for _, t in said(read("a.html", text.encode())))


# ---- Markdown ----


def test_markdown_without_our_head_gives_blocks_and_drops_pictures_and_html() -> None:
    text = (
        "---\ntitle: Fremder Titel\nlayout: post\n---\n# Kopf\n\nEin [Verweis](https://example.org) und *Betonung*.\n"
        "Zweite Zeile.\n\n![Bild](a.png)\n\n<div>HTML</div>\n\n1. Erstens.\n2. Zweitens.\n\n| a | b |\n|---|---|\n| c | d |\n"
    )
    document = read("a.md", text.encode())
    assert document.title == "Fremder Titel"
    assert said(document) == [
        ("heading", "Kopf"),
        ("paragraph", "Ein Verweis und Betonung. Zweite Zeile."),
        ("item", "Erstens."),
        ("item", "Zweitens."),
        ("item", "a; b"),
        ("item", "c; d"),
    ]
    assert len(document.notes) == 2


def test_plain_text_is_read_as_markdown() -> None:
    assert said(read("notiz", "Erster Absatz.\n\nZweiter Absatz.".encode("utf-16"))) == [
        ("paragraph", "Erster Absatz."),
        ("paragraph", "Zweiter Absatz."),
    ]


def test_a_document_longer_than_the_limit_is_refused() -> None:
    with pytest.raises(TooLarge, match="document_too_long"):
        read("a.md", b"wort " * 250_000)


# ---- PDF ----


@pytest.mark.parametrize("packed", [False, True])
def test_pdf_lines_become_paragraphs_headings_and_items(packed: bool) -> None:
    document = read("anhang", pdf([PDF_LINES], "Retrofit-Leitfaden", packed=packed))
    assert document.title == "Retrofit-Leitfaden"
    assert document.dated == date(2024, 5, 17)
    assert said(document) == [
        ("heading", "Retrofit an alten Maschinen"),
        (
            "paragraph",
            "Ein Sensor an der Spindel misst die Schwingung der Maschine sehr genau und meldet einen Schaden, "
            "bevor die Maschine im Betrieb steht.",
        ),
        ("heading", "Was kostet ein Retrofit?"),
        ("paragraph", "Ein Sensor mit Gateway kostet nach unserer Erfahrung etwa 800 Euro."),
        ("item", "Der Einbau dauert einen Tag."),
        ("item", "Die Schulung dauert zwei Stunden."),
    ]


def test_running_heads_and_page_numbers_of_a_pdf_are_dropped() -> None:
    pages = [
        [
            ("Handbuch der Werkstatt", 9.0),
            (f"Satz Nummer {n} steht hier ganz allein auf seiner Seite.", 11.0),
            (f"Seite {n}", 9.0),
        ]
        for n in range(1, 6)
    ]
    texts = [t for _, t in said(read("a.pdf", pdf(pages)))]
    assert not any("Handbuch" in t or t.startswith("Seite") for t in texts)
    assert sum("Satz Nummer" in t for t in texts) >= 1


def test_a_table_of_contents_in_a_pdf_is_dropped() -> None:
    lines = [
        ("1 Kosten . . . . . . . . . . . . . . 12", 11.0),
        ("Ein Retrofit kostet etwa 800 Euro je Maschine.", 11.0),
    ]
    assert said(read("a.pdf", pdf([lines]))) == [("paragraph", "Ein Retrofit kostet etwa 800 Euro je Maschine.")]


def test_a_pdf_without_text_asks_for_text_recognition() -> None:
    with pytest.raises(BadInput, match="pdf_no_text") as told:
        read("scan.pdf", pdf([[], []]))
    assert "OCR" in told.value.remedy_de
    assert "scan.pdf, S. 1" in told.value.where


def test_a_pdf_with_too_many_pages_is_refused() -> None:
    with pytest.raises(TooLarge, match="pdf_pages") as told:
        read("a.pdf", pdf([[("x", 10)]] * 301))
    assert "S. 301" in told.value.where


def encrypted(password: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(pdf([PDF_LINES]))))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_with_a_password_is_refused_and_one_with_an_empty_password_is_read() -> None:
    with pytest.raises(BadInput, match="pdf_encrypted"):
        read("a.pdf", encrypted("geheim"))
    assert read("a.pdf", encrypted("")).blocks


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7])
def test_a_truncated_pdf_is_refused_or_read_in_part(share: float) -> None:
    whole = pdf([PDF_LINES] * 3, packed=True)
    try:
        document = read("a.pdf", whole[: int(len(whole) * share)])
    except BadInput as problem:
        assert problem.code in ("pdf_damaged", "pdf_no_text", "file_type")
    else:
        assert document.blocks


# ---- DOCX ----


def test_docx_gives_what_a_reader_sees_after_accepting_all_changes() -> None:
    document = read("leitfaden.bin", docx_file())
    assert document.title == "Leitfaden Werkstatt"
    assert said(document) == [
        ("heading", "Leitfaden Werkstatt"),
        ("paragraph", "Dieser Leitfaden hilft kleinen Werkstätten beim Einstieg in die Digitalisierung."),
        ("heading", "Kosten"),
        ("paragraph", "Ein Tablet kostet 300 Euro. Er hält fünf Jahre."),
        ("item", "Ein Scanner kostet 150 Euro."),
        ("item", "Eine Halterung kostet 20 Euro."),
        ("item", "Teil; Preis"),
        ("item", "Gehäuse; 12 Euro"),
        ("heading", "Nächste Schritte"),
        ("paragraph", "Beginnen Sie mit einem Arbeitsplatz."),
    ]
    assert len(document.notes) == 2


BILLION = (
    b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><w>&d;</w>'
)
EXTERNAL = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><w>&x;</w>'


@pytest.mark.parametrize("part", [BILLION, EXTERNAL])
def test_entities_in_any_part_of_a_docx_are_refused(part: bytes) -> None:
    for name in ("document", "extra", "core"):
        with pytest.raises(BadInput, match="docx_entities") as told:
            read("a.docx", repacked(docx_file(), **{name: part}))
        assert "a.docx: " in told.value.where


def test_a_docx_nested_too_deeply_is_refused() -> None:
    with pytest.raises(TooLarge, match="docx_depth"):
        read("a.docx", repacked(docx_file(), extra=b"<a>" * 500 + b"</a>" * 500))


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(TooLarge, match="docx_bomb"):
        read("a.docx", repacked(docx_file(), extra=b"0" * 20_000_000))
    with pytest.raises(TooLarge, match="docx_bomb"):
        read("a.docx", repacked(docx_file(), extra=b"0" * 60_000_000))


def test_a_docx_with_thousands_of_parts_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for number in range(2001):
            new.writestr(f"word/{number}.xml", "")
    with pytest.raises(TooLarge, match="docx_bomb"):
        read("a.docx", out.getvalue())


def test_a_zip_that_is_no_word_document_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        new.writestr("a.md", "# Text")
    with pytest.raises(BadInput, match="file_type") as told:
        read("a.docx", out.getvalue())
    assert "entpacken" in told.value.remedy_de


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_truncated_docx_is_refused(share: float) -> None:
    whole = docx_file()
    with pytest.raises(BadInput, match="docx_damaged"):
        read("a.docx", whole[: int(len(whole) * share)])


def test_a_docx_with_broken_xml_is_refused() -> None:
    with pytest.raises(BadInput, match="docx_damaged"):
        read("a.docx", repacked(docx_file(), document=b"<w:document"))


# ---- values ----


def test_a_document_survives_the_way_out_of_the_child() -> None:
    for data in (HTML.encode(), docx_file(), pdf([PDF_LINES])):
        assert Document.from_dict(read_as_dict("a", data)) == read("a", data)


# ---- drafts ----


def test_a_draft_has_question_headings_anchors_and_the_document_as_source() -> None:
    (draft,) = drafts(read("leitfaden.docx", docx_file()), name="x/leitfaden.docx", topic="iot", lang=None, on=ON)
    article = parse_article(draft.raw, where="draft")
    assert (draft.slug, draft.lang, article.topic) == ("leitfaden-werkstatt", "de", "iot")
    assert [(s.heading, s.anchor, s.role) for s in article.sections] == [
        ("Leitfaden Werkstatt: worum geht es?", "leitfaden-werkstatt", "answer"),
        ("Kosten: worum geht es?", "kosten", "cost"),
        ("Nächste Schritte: worum geht es?", "naechste-schritte", "next"),
    ]
    assert article.sources[0].title == "Leitfaden Werkstatt (leitfaden.docx)"
    assert all(sentence.sources == ("s1",) for s in article.sections for sentence in s.sentences[-1:])
    assert "- Ein Scanner kostet 150 Euro. [s1]" in draft.raw


def test_the_day_of_the_document_is_in_the_source() -> None:
    (draft,) = drafts(read("a.pdf", pdf([PDF_LINES])), name="a.pdf", topic="iot", lang=None, on=ON)
    source = parse_article(draft.raw, where="draft").sources[0]
    assert source.year == 2024
    assert "2024-05-17" in source.passage
    assert source.checked_on == ON


def test_an_english_document_becomes_an_english_draft_and_the_language_can_be_given() -> None:
    document = Document(
        "Guide", (Block("paragraph", "This is what the company should do with the machine and its data."),)
    )
    assert drafts(document, name="g.md", topic="iot", lang=None, on=ON)[0].lang == "en"
    assert drafts(document, name="g.md", topic="iot", lang="de", on=ON)[0].lang == "de"


TRAPS = [
    "{{record:nis2-duties}} steht im Text.",
    "Ein Verweis [s1] und [s77] und [?] im Text.",
    "## Keine Überschrift {#anker}",
    "- # --- Strich am Anfang des Absatzes.",
    "--- Strich",
    "Ein **fetter** [Verweis](https://example.org) hier.",
    "31. Dezember ist der letzte Tag.",
    "id: iot-01",
]


@pytest.mark.parametrize("trap", TRAPS)
def test_nothing_in_a_document_is_taken_for_our_marks(trap: str) -> None:
    blocks = (Block("heading", trap, 2), Block("paragraph", trap), Block("item", trap), Block("paragraph", "Ein Satz."))
    (draft,) = drafts(Document(trap, blocks), name=f"{trap}.md", topic="iot", lang="de", on=ON)
    article = parse_article(draft.raw, where="draft", expand=lambda *_: [("RECORD", [])])
    assert len(article.sections) == 1
    assert "RECORD" not in article.sections[0].text
    assert {i for s in article.sections[0].sentences for i in s.sources} == {"s1"}
    assert not any(s.uncertain for s in article.sections[0].sentences)


PIECES = st.sampled_from(
    [
        "{{record:x}}",
        "[s1]",
        "[?]",
        "{#a}",
        "## ",
        "# ",
        "- ",
        "1. ",
        "---",
        "\n",
        "\n\n",
        ": ",
        "**",
        "?",
        "](",
        "\ud800",
        "\x00",
        "Was",
        "Ä",
        ".",
    ]
)
LINES = st.lists(st.one_of(PIECES, st.text(max_size=10)), max_size=8).map("".join)


@settings(max_examples=120, deadline=None)
@given(
    title=LINES,
    lines=st.lists(st.tuples(st.sampled_from(["heading", "paragraph", "item"]), LINES), max_size=12),
    lang=st.sampled_from(["de", "en", None]),
)
def test_whatever_a_document_says_its_drafts_can_be_read(title: str, lines: list[tuple[Any, str]], lang: Any) -> None:
    try:
        blocks = bounded([Block(kind, text, 1) for kind, text in lines], "x")
        made = drafts(Document(plain(title), blocks), name=f"{title}.md", topic="iot", lang=lang, on=ON)
    except BadInput as problem:
        assert problem.code == "document_empty"
        return
    for draft in made:
        article = parse_article(draft.raw, where="x", expand=lambda *_: [("RECORD", [])])
        assert article.id == draft.slug
        assert {i for s in article.sections for n in s.sentences for i in n.sources} <= {"s1"}
        assert not any(n.record or n.uncertain for s in article.sections for n in s.sentences)


def test_equal_headings_get_different_anchors() -> None:
    blocks = [Block("heading", "Kosten", 1), Block("paragraph", "Ein Satz.")] * 3
    (draft,) = drafts(Document("T", tuple(blocks)), name="t.md", topic="iot", lang="de", on=ON)
    assert [s.anchor for s in parse_article(draft.raw, where="x").sections] == ["kosten", "kosten-2", "kosten-3"]


def test_a_long_document_becomes_several_drafts_that_can_all_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "DRAFT_CHARACTERS", 1_000)
    words = " ".join(f"Wort{n}" for n in range(600))
    blocks = (
        Block("heading", "Lang", 1),
        Block("paragraph", words),
        Block("heading", "Kurz", 1),
        Block("paragraph", "Ende."),
    )
    made = drafts(Document("Buch", blocks), name="b.md", topic="iot", lang="de", on=ON)
    assert len(made) > 3
    assert made[0].slug == "buch-teil-1"
    text = " ".join(s.text for d in made for s in parse_article(d.raw, where="x").sections)
    assert all(f"Wort{n}" in text for n in (0, 299, 599))


def test_a_renamed_draft_differs_in_its_id_alone() -> None:
    (draft,) = drafts(Document("Titel", (Block("paragraph", "id: titel"),)), name="t.md", topic="iot", lang="de", on=ON)
    other = draft.named("titel-2")
    assert parse_article(other.raw, where="x").id == "titel-2"
    assert other.raw.replace("titel-2", "titel") == draft.raw


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Größe & Maß: was zählt?", "groesse-mass-was-zaehlt"),
        ("", "import"),
        ("!!!", "import"),
        ("日本", "import"),
        ("Crème brûlée", "creme-brulee"),
        ("x" * 200, "x" * 60),
    ],
)
def test_an_id_is_made_of_the_title(title: str, slug: str) -> None:
    assert slug_of(title) == slug
