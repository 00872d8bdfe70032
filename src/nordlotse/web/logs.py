"""Logs without personal data: key=value lines, addresses and typed text left out."""

from __future__ import annotations

import logging
import re
import time

from nordlotse.foundation.masking import mask

_QUERY = re.compile(r"\?\S*")


class Impersonal(logging.Filter):
    """Drops query strings and masks mail addresses and phone numbers in every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the message in place; never drops a record."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            message = str(record.msg)
        record.msg = mask(_QUERY.sub("", message))
        record.args = None
        return True


class KeyValue(logging.Formatter):
    """One line a record: time (UTC), level, logger, message; a traceback follows without local values."""

    converter = time.gmtime

    def __init__(self) -> None:
        super().__init__('time=%(asctime)s level=%(levelname)s logger=%(name)s message="%(message)s"', "%Y-%m-%dT%H:%M:%SZ")
