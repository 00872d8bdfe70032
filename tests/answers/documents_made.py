"""Documents made for the tests: a tiny PDF writer, DOCX files, containers with traps."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence

import docx
from docx.oxml import parse_xml


def pdf(pages: Sequence[Sequence[tuple[str, float]]], title: str = "", *, packed: bool = False) -> bytes:
    """Return a PDF with lines of (text, size in points) on each page."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    kids = []
    for lines in pages:
        parts, y = [], 800.0
        for text, size in lines:
            safe = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            parts.append(f"BT /F1 {size} Tf 1 0 0 1 50 {y} Tm ({safe}) Tj ET")
            y -= size * 1.4
        stream = "\n".join(parts).encode("cp1252")
        filters = b""
        if packed:
            stream, filters = zlib.compress(stream), b" /Filter /FlateDecode"
        objects.append(b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(stream), filters, stream))
        content = len(objects)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
            % content
        )
        kids.append(len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % k for k in kids))
    objects.append(b"<< /Title (%s) /ModDate (D:20240517120000Z) >>" % title.encode("cp1252"))
    return _assembled(objects)


def _assembled(objects: Sequence[bytes]) -> bytes:
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        out.write(b"%010d 00000 n \n" % place)
    out.write(
        b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF"
        % (len(objects) + 1, len(objects), start)
    )
    return out.getvalue()


PDF_LINES: list[tuple[str, float]] = [
    ("Retrofit an alten Maschinen", 20),
    ("Ein Sensor an der Spindel misst die Schwingung der Maschine sehr ge-", 11),
    ("nau und meldet einen Schaden, bevor die Maschine im Betrieb steht.", 11),
    ("Was kostet ein Retrofit?", 15),
    ("Ein Sensor mit Gateway kostet nach unserer Erfahrung etwa 800 Euro.", 11),
    ("• Der Einbau dauert einen Tag.", 11),
    ("• Die Schulung dauert zwei Stunden.", 11),
]


def docx_file() -> bytes:
    """Return a DOCX with title, headings, paragraphs, a list, a table, hidden, deleted and inserted text."""
    document = docx.Document()
    document.core_properties.title = "Leitfaden Werkstatt"
    document.add_heading("Leitfaden Werkstatt", 0)
    document.add_paragraph("Dieser Leitfaden hilft kleinen Werkstätten beim Einstieg in die Digitalisierung.")
    document.add_heading("Kosten", 1)
    paragraph = document.add_paragraph("Ein Tablet kostet 300 Euro.")
    paragraph.add_run(" GEHEIM").font.hidden = True
    _add_changes(paragraph)
    document.add_paragraph("Ein Scanner kostet 150 Euro.", style="List Bullet")
    document.add_paragraph("Eine Halterung kostet 20 Euro.", style="List Number")
    table = document.add_table(rows=2, cols=2)
    for row, cells in enumerate((("Teil", "Preis"), ("Gehäuse", "12 Euro"))):
        for column, cell in enumerate(cells):
            table.cell(row, column).text = cell
    document.add_heading("Nächste Schritte", 2)
    document.add_paragraph("Beginnen Sie mit einem Arbeitsplatz.")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _add_changes(paragraph: object) -> None:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    deleted = f'<w:del {space} w:id="1" w:author="a"><w:r><w:delText>GELÖSCHT</w:delText></w:r></w:del>'
    moved = f'<w:moveFrom {space} w:id="2" w:author="a"><w:r><w:t>VERSCHOBEN</w:t></w:r></w:moveFrom>'
    inserted = (
        f'<w:ins {space} w:id="3" w:author="a"><w:r><w:t xml:space="preserve"> Er hält fünf Jahre.</w:t></w:r></w:ins>'
    )
    for change in (deleted, moved, inserted):
        paragraph._p.append(parse_xml(change))  # type: ignore[attr-defined]


def repacked(data: bytes, **parts: bytes) -> bytes:
    """Return a container with parts replaced or added; the key "word/document.xml" is passed as `document`."""
    names = {"document": "word/document.xml", "extra": "word/extra.xml", "core": "docProps/core.xml"}
    given = {names[key]: value for key, value in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in given:
                new.writestr(entry, old.read(entry))
        for name, value in given.items():
            new.writestr(name, value)
    return out.getvalue()
