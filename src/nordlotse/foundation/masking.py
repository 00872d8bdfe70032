"""Mask persons' names, mail addresses, phone numbers and bank details in a text a visitor typed.

Masking is a safety net before storage, not a proof: it errs on the side of masking too much.
"""

from __future__ import annotations

import re

_MAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[0-9A-Z]{4}){2,7}(?:[ ]?[0-9A-Z]{1,4})?\b")
_PHONE = re.compile(r"(?<![\w.,/])(?:\+\d{1,3}|00\d{1,3}|0\d)[\d ()/.–-]{5,20}\d(?!\w)")
_TITLED = re.compile(
    r"\b(?P<title>(?:[Hh]err(?:n|en)?|[Ff]rau|[Dd]r\.|[Pp]rof\.|[Mm]r\.?|[Mm]rs\.?|[Mm]s\.?|[Dd]ipl\.-?\w{2,5}\.?)(?:[ ](?:Dr\.|Prof\.))*)"
    r"[ ]+(?P<name>[A-ZÄÖÜ][\w'’-]{1,30}(?:[ ][A-ZÄÖÜ][\w'’-]{1,30})?)"
)
_INTRODUCED = re.compile(
    r"\b(?P<lead>(?:[Ii]ch hei(?:ß|ss)e|[Mm]ein Name ist|[Mm]y name is|I am called|[Hh]ier ist|[Hh]ier spricht|(?:[Gg]r(?:ü|ue)(?:ß|ss)e|[Gg]ru(?:ß|ss)|[Rr]egards),?))"
    r"[ \n]+(?P<name>[A-ZÄÖÜ][\w'’-]{1,30}(?:[ ][A-ZÄÖÜ][\w'’-]{1,30}){0,2})"
)

#: What stands in place of a masked value.
MARK = "[…]"


def mask(text: str) -> str:
    """Return `text` with mail addresses, bank and phone numbers and introduced or titled names replaced by `[…]`."""
    text = _MAIL.sub(MARK, text)
    text = _IBAN.sub(MARK, text)
    text = _PHONE.sub(MARK, text)
    text = _TITLED.sub(lambda m: f"{m.group('title')} {MARK}", text)
    return _INTRODUCED.sub(lambda m: f"{m.group('lead')} {MARK}", text)
