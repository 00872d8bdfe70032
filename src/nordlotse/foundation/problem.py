"""The error family of the house.

Problem                     something a person can mend, told in two languages
├── WrongCall               the command was called wrongly            exit 2, HTTP 400
├── BadInput                the content given cannot be used          exit 3, HTTP 422
│   └── TooLarge            more than the stated limit                exit 3, HTTP 413
├── NotAllowed              signed in, but not for this               exit 3, HTTP 403
├── NotFound                no such thing                             exit 3, HTTP 404
├── TooMany                 more requests than the limit              exit 4, HTTP 429
└── NotAvailable            a part of the installation is missing     exit 4, HTTP 503
"""

from __future__ import annotations

from typing import ClassVar


class Problem(Exception):  # noqa: N818 - the house's word; it is shown to people as something to mend
    """An error that tells a person what is wrong, where, and what to do, in German and English."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(
        self,
        code: str,
        *,
        de: str,
        en: str,
        where: str = "",
        remedy_de: str = "",
        remedy_en: str = "",
    ) -> None:
        """Keep the parts apart so that page, interface and terminal can each show them their way."""
        super().__init__(f"{code}: {en}" + (f" ({where})" if where else ""))
        self.code = code
        self.message_de = de
        self.message_en = en
        self.where = where
        self.remedy_de = remedy_de
        self.remedy_en = remedy_en

    def message(self, lang: str) -> str:
        """Return the message in `lang` ("de" or anything else for English)."""
        return self.message_de if lang == "de" else self.message_en

    def remedy_in(self, lang: str) -> str:
        """Return the remedy in `lang` ("de" or anything else for English)."""
        return self.remedy_de if lang == "de" else self.remedy_en

    def as_dict(self) -> dict[str, str]:
        """Return the error object of the interface: code, both messages, where, remedy."""
        return {
            "code": self.code,
            "message_de": self.message_de,
            "message_en": self.message_en,
            "where": self.where,
            "remedy": " / ".join(part for part in (self.remedy_de, self.remedy_en) if part),
        }


class WrongCall(Problem):
    """The command or address was called in a way that cannot work."""

    exit_code = 2
    http_status = 400


class BadInput(Problem):
    """The content given cannot be used; nothing was changed."""

    exit_code = 3
    http_status = 422


class TooLarge(BadInput):
    """The content is larger than the stated limit; nothing was changed."""

    http_status = 413


class NotAllowed(Problem):
    """The person is known but has no right to do this."""

    exit_code = 3
    http_status = 403


class NotFound(Problem):
    """There is no such thing (any more)."""

    exit_code = 3
    http_status = 404


class TooMany(Problem):
    """More requests than the limit allows; try again later."""

    exit_code = 4
    http_status = 429


class NotAvailable(Problem):
    """A part of the installation is missing or not ready."""

    exit_code = 4
    http_status = 503
