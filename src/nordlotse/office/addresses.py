"""Mail addresses: checked before they are used, hashed where only the comparison is needed."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from nordlotse.foundation.problem import BadInput


def check_address(address: str) -> str:
    """Return a mail address in lower case without blanks around it.

    Raises:
        BadInput: it is no mail address (`mail_address`).
    """
    plain = address.strip().lower()
    try:
        validate_email(plain)
    except ValidationError as error:
        raise BadInput(
            "mail_address",
            de="Das ist keine Mailadresse.",
            en="This is not a mail address.",
            where="mail",
            remedy_de="Bitte prüfen Sie die Schreibweise, etwa name@firma.de.",
            remedy_en="Check the spelling, for example name@company.example.",
        ) from error
    if len(plain) > 254:  # RFC 5321, 4.5.3.1.3: a path has at most 256 octets with its brackets
        raise BadInput(
            "mail_address",
            de="Die Mailadresse ist zu lang.",
            en="The mail address is too long.",
            where="mail",
            remedy_de="Bitte nehmen Sie eine kürzere Adresse.",
            remedy_en="Use a shorter address.",
        )
    return plain


def address_hash(address: str) -> str:
    """Return a keyed hash of an address (HMAC-SHA-256, hex): it can be compared, but not guessed back without the key."""
    return keyed_hash("address", address.strip().lower())


def keyed_hash(use: str, value: str) -> str:
    """Return HMAC-SHA-256 (hex) of a value with the installation's secret key, apart for each use."""
    key = hashlib.sha256(f"nordlotse.office.{use}:{settings.SECRET_KEY}".encode()).digest()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()
