"""Reading a file of answers: JSON that strangers wrote, within limits, every mistake with its place and remedy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.foundation.questionnaire.answering import Mend

#: Largest file of answers, in bytes: every question answered with its longest text is a tenth of it.
MAX_BYTES = 1_000_000


def read_json(data: bytes, place: str) -> Any:
    """Return the JSON value in a file's bytes.

    Raises:
        TooLarge: more than a megabyte.
        BadInput: `answers_not_json`, with line and column.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(
            "answers_too_large",
            de="Die Datei mit den Antworten hat mehr als 1 MB.",
            en="The file of answers has more than 1 MB.",
            where=place,
            remedy_de='Bitte nur {"answers": {…}} in die Datei schreiben.',
            remedy_en='Write nothing but {"answers": {…}} into the file.',
        )
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise _wrong(f"{place}, byte {error.start + 1}", "kein UTF-8", "not UTF-8") from error
    except json.JSONDecodeError as error:
        raise _wrong(f"{place}:{error.lineno}:{error.colno}", error.msg, error.msg) from error
    except (ValueError, RecursionError) as error:
        said = str(error)[:120] if isinstance(error, _RefusedError) else "too deep or a number too long"
        raise _wrong(place, said, said) from error


class _RefusedError(ValueError):
    """JSON that a program would take, but that a person surely did not mean."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RefusedError(f"“{next(n for n in names if names.count(n) > 1)[:40]}” stands twice")
    return found


def _no_number(name: str) -> Any:
    raise _RefusedError(f"{name} is not a number in JSON")


def _wrong(where: str, de: str, en: str) -> BadInput:
    return BadInput(
        "answers_not_json",
        de=f"Die Datei ist kein JSON ({de}).",
        en=f"The file is not JSON ({en}).",
        where=where,
        remedy_de="Bitte die Stelle prüfen: Anführungszeichen, Kommas, Klammern.",
        remedy_en="Check the place: quotation marks, commas, brackets.",
    )


def refuse_mends(mends: Sequence[Mend], place: str) -> None:
    """Raise the first answer that has to be mended, if there is one.

    Raises:
        BadInput: with the Mend's code; `where` names the answer.
    """
    if mends:
        first = mends[0]
        raise BadInput(
            first.code,
            de=first.message.de,
            en=first.message.en,
            where=f"{place}, answers.{first.question}",
            remedy_de=first.remedy.de,
            remedy_en=first.remedy.en,
        )
