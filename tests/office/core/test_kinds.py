"""What a file is, by its content: documents, pictures, tables and parts are taken, what could run or burst is not."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from nordlotse.foundation.problem import BadInput
from nordlotse.office.core.kinds import MAX_ENTRIES, fitting_name, kind_of


def archive(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return made.getvalue()


def docx() -> bytes:
    made = io.BytesIO()
    document = Document()
    document.add_paragraph("Angebot")
    document.save(made)
    return made.getvalue()


def xlsx() -> bytes:
    made = io.BytesIO()
    Workbook().save(made)
    return made.getvalue()


def with_entry(document: bytes, name: str, content: bytes = b"x") -> bytes:
    made = io.BytesIO(document)
    with zipfile.ZipFile(made, "a") as file:
        file.writestr(name, content)
    return made.getvalue()


CONTENT = {"[Content_Types].xml": b"<Types/>"}
THREE_MF = archive({**CONTENT, "3D/3dmodel.model": b"<model/>"})
ODT = archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}, zipfile.ZIP_STORED)
ODS = archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, zipfile.ZIP_STORED)
STL = b"solid? no, binary".ljust(80, b" ") + struct.pack("<I", 2) + b"\x00" * 100

TAKEN = [
    ("a.pdf", b"%PDF-1.7\n...", ".pdf"),
    ("a.bin", b"\n%PDF-1.4", ".pdf"),
    ("a.png", b"\x89PNG\r\n\x1a\n....", ".png"),
    ("a.jpeg", b"\xff\xd8\xff\xe0....", ".jpg"),
    ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", ".webp"),
    ("a.docx", docx(), ".docx"),
    ("a.xlsx", xlsx(), ".xlsx"),
    ("a.odt", ODT, ".odt"),
    ("a.ods", ODS, ".ods"),
    ("a.3mf", THREE_MF, ".3mf"),
    ("a.stl", STL, ".stl"),
    ("a.stl", b"solid part\n facet normal 0 0 1\n", ".stl"),
    ("a.stp", b"ISO-10303-21;\nHEADER;", ".step"),
    ("a.csv", "Größe;Wert\n1;2\n".encode("cp1252"), ".csv"),
    ("a.md", b"# Titel\n\n`<script>` ist ein Tag\n".replace(b"<script>", b"code"), ".md"),
    ("a.txt", "Notiz für Müller".encode(), ".txt"),
    ("notiz", b"nur Text", ".txt"),
    ("a.log", "Zeile\n".encode("utf-16"), ".txt"),
]

REFUSED = [
    ("program.pdf", b"MZ\x90\x00\x03", "file_kind"),
    ("program", b"\x7fELF\x02", "file_kind"),
    ("java.class", b"\xca\xfe\xba\xbe\x00", "file_kind"),
    ("script.txt", b"#!/bin/sh\nrm", "file_kind"),
    ("link.lnk", b"L\x00\x00\x00\x01\x14\x02\x00", "file_kind"),
    ("page.txt", b"<!DOCTYPE html><p>x", "file_kind"),
    ("page.csv", b"\xef\xbb\xbf  <html>", "file_kind"),
    ("page.md", b"hello <script>alert(1)</script>", "file_kind"),
    ("page.txt", "<html>".encode("utf-16"), "file_kind"),
    ("picture.svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "file_kind"),
    ("picture.png", b"<svg onload=alert(1)>", "file_kind"),
    ("data.xml", b"<data/>", "file_kind"),
    ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "file_kind"),
    ("text.rtf", b"{\\rtf1 x}", "file_kind"),
    ("picture.gif", b"GIF89a\x01\x00\x01\x00\x00\x00", "file_kind"),
    ("things.zip", archive({"a.txt": b"x"}), "file_kind"),
    ("slides.odp", archive({"mimetype": b"application/vnd.oasis.opendocument.presentation"}), "file_kind"),
    ("a.docx", with_entry(docx(), "word/vbaProject.bin"), "file_macros"),
    ("a.xlsx", with_entry(xlsx(), "xl/macrosheets/sheet1.xml"), "file_macros"),
    ("a.docx", with_entry(docx(), "word/activeX/activeX1.bin"), "file_macros"),
    ("a.docx", with_entry(docx(), "word/embeddings/oleObject1.bin"), "file_macros"),
    ("a.odt", with_entry(ODT, "Basic/Standard/Module1.xml"), "file_macros"),
    (
        "a.docx",
        archive({"[Content_Types].xml": b"<x ContentType='application/vnd.ms-word.document.macroEnabled.main+xml'/>", "word/document.xml": b"x"}),
        "file_macros",
    ),
    ("bomb.docx", archive({**CONTENT, "word/document.xml": b"\x00" * 50_000_000}), "file_bomb"),
    ("many.docx", archive({**CONTENT, **{f"{n}": b"" for n in range(MAX_ENTRIES + 1)}}), "file_bomb"),
    ("up.docx", with_entry(docx(), "../evil"), "file_broken"),
    ("root.docx", with_entry(docx(), "/etc/x"), "file_broken"),
    ("cut.docx", docx()[:-200], "file_broken"),
    ("noise", bytes(range(256)) * 8, "file_kind"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "ending"), TAKEN, ids=[f"{t[0]}{i}" for i, t in enumerate(TAKEN)])
def test_a_file_that_is_taken_gets_its_kind_from_its_content(name: str, data: bytes, ending: str) -> None:
    assert kind_of(data, name).ending == ending


@pytest.mark.parametrize(("name", "data", "code"), REFUSED, ids=[f"{t[0]}{i}" for i, t in enumerate(REFUSED)])
def test_what_could_run_or_burst_is_refused_whatever_its_name(name: str, data: bytes, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        kind_of(data, name)
    assert caught.value.code == code


_BEGINNINGS = [t[1][:200] for t in TAKEN + REFUSED]


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.binary(max_size=300), st.tuples(st.sampled_from(_BEGINNINGS), st.binary(max_size=200)).map(b"".join))
)
def test_whatever_the_bytes_they_are_judged_and_never_break_it(data: bytes) -> None:
    try:
        kind = kind_of(data, "datei")
    except BadInput as problem:
        assert problem.code.startswith("file_")
        return
    if kind.media_type.startswith("text/"):
        assert b"<script" not in data[:1000].lower()


@pytest.mark.parametrize(
    ("name", "fitting"),
    [
        ("Angebot.pdf", "Angebot.pdf"),
        ("rechnung.pdf.exe", "rechnung.pdf.pdf"),
        ("C:\\Users\\meike\\plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("fdp\u202egnp.exe", "fdpgnp.pdf"),
        ("a:b?c*.pdf", "a_b_c_.pdf"),
        ("Größe 5 µm.PDF", "Größe 5 µm.pdf"),
        (".pdf", "pdf.pdf"),
        ("", "datei.pdf"),
        ("x" * 200 + ".pdf", "x" * 96 + ".pdf"),
    ],
)
def test_a_name_is_safe_and_ends_as_its_kind_does(name: str, fitting: str) -> None:
    assert fitting_name(name, kind_of(b"%PDF-1.7", "x")) == fitting


def test_a_photo_of_a_phone_is_taken() -> None:
    data = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 200
    assert kind_of(data, "IMG_1.HEIC").media_type == "image/heic"
    with pytest.raises(BadInput):
        kind_of(data.replace(b"ftypheic", b"ftypavif"), "film.avif")
