"""Logs without personal data: key=value lines; addresses, link tokens and typed text are left out."""

from __future__ import annotations

import logging
import re
import time
import traceback
from types import TracebackType

from django.db import OperationalError

from nordlotse.foundation.masking import mask
from nordlotse.foundation.problem import Problem

_QUERY = re.compile(r"\?\S*")
#: Whoever holds such an address may sign in or read an answer: the last part never reaches a log.
_SECRET_PATH = re.compile(
    r"(/(?:anmelden|antwort|rueckmeldung|answers|frage|check/mit|check|teil|druck/geteilt|druck/werkstatt|druck/liste|druck)/)[^/\s\"]+"
)
#: Django's own messages hold the address that was asked for; for these loggers only the status counts.
_ABOUT_REQUESTS = ("django.request", "django.security")

#: Exceptions whose message is about the program, never about what a visitor typed.
_TALKATIVE = (Problem, ImportError, OSError, MemoryError, AttributeError, NameError, OperationalError)


class Impersonal(logging.Filter):
    """Drops query strings, link tokens and addresses, masks mail addresses and phone numbers in every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the message in place; never drops a record."""
        if record.name.startswith(_ABOUT_REQUESTS):
            record.msg = f"event=http status={getattr(record, 'status_code', 'none')}"
            record.args = None
            return True
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            message = str(record.msg)
        record.msg = mask(_SECRET_PATH.sub(r"\1[…]", _QUERY.sub("", message)))
        record.args = None
        return True


class KeyValue(logging.Formatter):
    """One line a record: time (UTC), level, logger, message; a traceback follows without values or typed text."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        """Fix the form of the line."""
        super().__init__(
            'time=%(asctime)s level=%(levelname)s logger=%(name)s message="%(message)s"', "%Y-%m-%dT%H:%M:%SZ"
        )

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Keep a record on one line, whatever stands in it."""
        record.message = (
            record.message.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace('"', "'")
        )
        return super().formatMessage(record)

    def formatException(  # noqa: N802 - the library's name
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Return where it happened; the message only of exceptions that cannot carry what somebody typed."""
        if ei[1] is None:
            return ""
        places = [f"  {f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(ei[2])]
        return "\n".join([f"  {self._named(ei[1])}", *places])

    @staticmethod
    def _named(error: BaseException) -> str:
        name = type(error).__qualname__
        return f"{name}: {mask(str(error))[:300]}" if isinstance(error, _TALKATIVE) else name
