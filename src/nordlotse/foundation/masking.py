"""Mask persons' names, mail addresses, phone numbers and bank details in a text a visitor typed.

Masking is a safety net before storage, not a proof: it errs on the side of masking too much.
"""

from __future__ import annotations

import re

_MAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_IBAN = re.compile(
    r"\b(?:[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){2,7}(?: ?[0-9A-Z]{1,4})?|[A-Za-z]{2}\d{2}(?: ?\d{4}){3,7}(?: ?\d{1,3})?)\b"
)
# A date such as 01.01.2027 begins like a phone number and is none.
_PHONE = re.compile(
    r"(?<![\w.,/])(?!\d{1,2}\.\d{1,2}\.\d{2,4}(?!\d))(?:\+\d{1,3}|00\d{1,3}|0\d)[\d ()/.–-]{5,20}\d(?!\w)"
)
_NAME = r"[A-ZÄÖÜ][\w'’-]{1,30}"
# After a title a name may also be written small; these words are none.
_NO_NAME = r"(?:an|am|im|in|der|die|das|dem|den|des|und|oder|hat|ist|mit|von|vom|zu|zur|als|bei|aus|auf|kann|soll|will|muss|wird|war|who|in)\b"
_TITLED = re.compile(
    r"\b(?P<title>(?:herr(?:n|en)?|frau|hr\.|fr\.|dr\.|prof\.|mr\.?|mrs\.?|ms\.?|dipl\.-?\w{2,5}\.?)(?:[ ](?:dr\.|prof\.))*)[ ]+"
    rf"(?P<name>(?-i:{_NAME}(?:[ ]{_NAME})?)|(?!{_NO_NAME})[^\W\d_][\w'’-]{{1,30}})",
    re.IGNORECASE,
)
_INTRODUCED = re.compile(
    r"\b(?P<lead>ich hei(?:ß|ss)e|mein name ist|my name is|i am called|hier ist|hier spricht|gr(?:ü|ue)(?:ß|ss)e,?|gru(?:ß|ss),?|regards,?|mfg,?|lg,?)"
    rf"[ \n]+(?P<name>(?-i:{_NAME}(?:[ ]{_NAME}){{0,2}}))",
    re.IGNORECASE,
)
# "Ich bin Geschäftsführer" is no name; two capital words after it are taken for one.
_SELF = re.compile(rf"\b(?P<lead>ich bin|i am|i['’]m)[ ]+(?P<name>(?-i:{_NAME}[ ]{_NAME}))", re.IGNORECASE)

#: What stands in place of a masked value.
MARK = "[…]"


def mask(text: str) -> str:
    """Return `text` with mail addresses, bank and phone numbers and introduced or titled names replaced by `[…]`."""
    text = _MAIL.sub(MARK, text)
    text = _IBAN.sub(MARK, text)
    text = _PHONE.sub(MARK, text)
    text = _TITLED.sub(lambda m: f"{m.group('title')} {MARK}", text)
    text = _INTRODUCED.sub(lambda m: f"{m.group('lead')} {MARK}", text)
    return _SELF.sub(lambda m: f"{m.group('lead')} {MARK}", text)
