"""Asking remote calendars, through the one door to the outside: what they answer becomes a `Reading`, or an error told plainly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

from django.conf import settings

from nordlotse.dialogue import keys
from nordlotse.dialogue.core import calendar_in, indico, pretix
from nordlotse.dialogue.core.imported import Reading, Remote, odd
from nordlotse.dialogue.models import ImportSource
from nordlotse.foundation import outgoing
from nordlotse.foundation.confined import Confined, Limits
from nordlotse.foundation.problem import NotAllowed, NotAvailable

#: Requests per reading and series per organiser; more is a mistake or a trap.
MAX_REQUESTS = 60
#: Attendance is asked for so long after an event.
_COUNTED = timedelta(days=14)
#: A reading starts a little before the last one ended: clocks differ.
_OVERLAP = timedelta(minutes=10)
_LIMITS = Limits(seconds=15.0)


class _Asking:
    """One reading's requests: with the source's token, only at the source's own host, and not without end."""

    def __init__(self, source: ImportSource) -> None:
        parts = urlsplit(source.url)
        self._origin = (parts.scheme, parts.netloc)
        self._left = MAX_REQUESTS
        token = keys.token_of(source.pk)
        word = "Token" if source.kind == ImportSource.Kind.PRETIX else "Bearer"
        self._headers = {"Accept": "application/json, text/calendar"} | (
            {"Authorization": f"{word} {token}"} if token else {}
        )

    def get(self, url: str) -> bytes:
        """Return an answer's body.

        Raises:
            NotAllowed: the target is not listed, or the token is refused (`import_token`).
            NotAvailable: no answer, or one that says "later".
            BadInput: anything else than success, or the way leads to another host.
        """
        parts, self._left = urlsplit(url), self._left - 1
        if (parts.scheme, parts.netloc) != self._origin or self._left < 0:
            raise odd("next")
        reply = outgoing.request("GET", url, allowed=settings.CONFIGURATION.outgoing, headers=self._headers)
        if reply.status in (401, 403):
            raise NotAllowed(
                "import_token",
                de="Das andere System nimmt den Zugangsschlüssel nicht an.",
                en="The other system does not accept the token.",
                where=parts.netloc,
                remedy_de="Bitte dort einen neuen Schlüssel anlegen und hier eintragen.",
                remedy_en="Make a new token there and enter it here.",
            )
        if reply.status == 429 or reply.status >= 500:
            raise NotAvailable(
                "import_later",
                de=f"Das andere System antwortet mit Fehler {reply.status}.",
                en=f"The other system answers with error {reply.status}.",
                where=parts.netloc,
                remedy_de="Wir versuchen es später noch einmal.",
                remedy_en="We try again later.",
            )
        if reply.status != 200:
            raise odd(f"HTTP {reply.status}")
        return reply.body


def read(source: ImportSource, now: datetime) -> Reading:
    """Ask a source and return what it has.

    Raises:
        NotAllowed, NotAvailable, BadInput: as told by the one who asks.
    """
    asking = _Asking(source)
    if source.kind == ImportSource.Kind.PRETIX:
        return _pretix(source, asking, now)
    if source.kind == ImportSource.Kind.INDICO:
        glue = "&" if "?" in source.url else "?"
        return indico.events(asking.get(f"{source.url}{glue}from=-31d&to=400d"))
    return read_calendar(asking.get(source.url), now)


def read_calendar(data: bytes, now: datetime) -> Reading:
    """Read a stranger's calendar file in a confined process.

    Raises:
        BadInput: no calendar, too large, or it took too long.
    """
    if len(data) > calendar_in.MAX_BYTES:
        return calendar_in.events(data, now)  # refuses at once, without a process
    with Confined("nordlotse.dialogue.core.calendar_in:read", _LIMITS) as child:
        return calendar_in.unpacked(child.run(now.isoformat(), data))


def _pretix(source: ImportSource, asking: _Asking, now: datetime) -> Reading:
    base = source.url.rstrip("/") + "/"
    parts = urlsplit(base)
    organiser = parts.path.rstrip("/").rsplit("/", 1)[-1]
    shop = f"{parts.scheme}://{parts.netloc}/{organiser}/"
    since = quote((now - timedelta(days=31)).astimezone(UTC).isoformat())
    events: list[Remote] = []
    left_out: list[tuple[str, str]] = []
    page, series = f"{base}events/?ends_after={since}", list[str]()
    while page:
        reading, more = pretix.events(asking.get(page), shop)
        events, left_out, series = [*events, *reading.events], [*left_out, *reading.left_out], [*series, *more]
        page = reading.next_page
    for slug in series:
        page = f"{base}events/{quote(slug, safe='')}/subevents/?ends_after={since}{_changed_since(source)}"
        while page:
            reading = pretix.dates(asking.get(page), slug, shop)
            events, left_out = [*events, *reading.events], [*left_out, *reading.left_out]
            page = reading.next_page
    return Reading(tuple(_counted(events, base, asking, now)), tuple(left_out))


def _changed_since(source: ImportSource) -> str:
    """Return the part of the address that asks for changed dates only, from the source's cursor on."""
    if not source.cursor:
        return ""
    moment = datetime.fromisoformat(source.cursor) - _OVERLAP
    return f"&modified_since={quote(moment.astimezone(UTC).isoformat())}"


def _counted(events: list[Remote], base: str, asking: _Asking, now: datetime) -> list[Remote]:
    """Add to events that have just ended how many people came."""
    ended = {e.key for e in events if e.end <= now < e.end + _COUNTED}
    counts: dict[str, int] = {}
    for slug in sorted({key.partition("/")[0] for key in ended}):
        counts |= pretix.attendance(asking.get(f"{base}events/{quote(slug, safe='')}/checkinlists/"), slug)
    return [replace(e, attended=counts[e.key]) if e.key in ended and e.key in counts else e for e in events]
