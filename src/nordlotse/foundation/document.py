"""Documents as PDF (PDF/UA-1, ISO 14289-1), set with Typst from a template and data."""

from __future__ import annotations

from collections.abc import Mapping

import typst


def typeset(source: bytes, data: Mapping[str, str], timestamp: int) -> bytes:
    """Return the PDF of a Typst template; the same template, data and time (`timestamp`, seconds since 1970) give the same bytes.

    PDF/UA wants every letter to be seen: what the built-in font lacks is set with the machine's fonts, and where these lack it
    too, without the standard's mark.

    Raises:
        typst.TypstError: the template itself is wrong.
    """
    for own_fonts, marked in ((True, True), (False, True), (False, False)):
        try:
            made = typst.compile(
                source,
                format="pdf",
                sys_inputs=dict(data),
                ignore_system_fonts=own_fonts,
                pdf_standards=["ua-1"] if marked else [],
                timestamp=timestamp,
            )
        except typst.TypstError:
            if not marked:
                raise
        else:
            return bytes(made)  # one file: only pictures come as one per page
    raise AssertionError("unreachable: the last way returns or raises")
