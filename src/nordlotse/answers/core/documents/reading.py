"""The door to the readers: bytes in, a document out. Runs in a confined child process."""

from __future__ import annotations

from typing import Any

from nordlotse.answers.core.documents.document import Document
from nordlotse.foundation.intake import Kind, check_size, kind_of, text_of


def read(name: str, data: bytes) -> Document:
    """Read a file whatever its name says.

    Raises:
        BadInput: not one of the four kinds, encrypted, without text, damaged, or more than the limits; names the file.
    """
    check_size(len(data), name)
    kind = kind_of(data, name)
    # Only the library a file needs is loaded: the child stays small.
    if kind is Kind.PDF:
        from nordlotse.answers.core.documents.from_pdf import read_pdf

        return read_pdf(data, name)
    if kind is Kind.DOCX:
        from nordlotse.answers.core.documents.from_docx import read_docx

        return read_docx(data, name)
    text = text_of(data, name)
    if kind is Kind.HTML:
        from nordlotse.answers.core.documents.from_html import read_html

        return read_html(text, name)
    from nordlotse.answers.core.documents.from_markdown import read_markdown

    return read_markdown(text, name)


def read_as_dict(name: str, data: bytes) -> dict[str, Any]:
    """Read a file and return the document as JSON values: what the child process sends home."""
    return read(name, data).as_dict()
