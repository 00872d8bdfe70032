"""Public pages of events: list, one event, calendar, feed, and a list for other sites."""

from __future__ import annotations

from datetime import timedelta

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from nordlotse.dialogue.core import atom, calendar_out
from nordlotse.dialogue.core.kinds import AUDIENCES, KINDS, TOPICS
from nordlotse.dialogue.core.wording import moment_written
from nordlotse.dialogue.queries import events as queries
from nordlotse.dialogue.views.page import file, page_number
from nordlotse.foundation.language import Lang
from nordlotse.foundation.region import State
from nordlotse.office.pages import lang_of

#: A feed may ring so long before an event at most (a week).
MAX_ALARM = timedelta(days=7)


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Events to come or past, by state, topic and kind."""
    lang, wanted, number = lang_of(request), queries.filter_of(request.GET), page_number(request)
    rows, more = queries.page(queries.public(wanted), number, lang)
    parameters = wanted.parameters()
    context = {
        "rows": rows,
        "wanted": wanted,
        "number": number,
        "more": more,
        "parameters": parameters,
        "states": [(s.value, s.label.get(lang)) for s in State],
        "topics": [(code, text.get(lang)) for code, text in TOPICS.items()],
        "kinds": [(code, text.get(lang)) for code, text in KINDS.items()],
        "calendar_address": _whole(f"{lang}:calendar", parameters),
        "feed_address": _whole(f"{lang}:atom", parameters),
    }
    return render(request, "dialogue/events.html", context)


def _whole(name: str, parameters: str = "") -> str:
    address = settings.CONFIGURATION.public_url + reverse(name)
    return f"{address}?{parameters}" if parameters else address


@require_safe
def event(request: HttpRequest, slug: str) -> HttpResponse:
    """One event: what, when, where, how many places, and the way in."""
    lang, found = lang_of(request), queries.by_slug(slug)
    until = min(found.register_until, found.begin) if found.register_until else None
    context = {
        "row": queries.row(found, lang),
        "event": found,
        "audience": AUDIENCES[found.audience].get(lang),
        "until": moment_written(until, lang) if until else "",
    }
    return render(request, "dialogue/event.html", context)


@require_safe
def event_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """One event as a calendar file."""
    lang, found = lang_of(request), queries.by_slug(slug)
    made = calendar_out.calendar(
        [queries.facts(found, lang)], host=settings.CONFIGURATION.host, alarm_minutes=found.alarm_minutes
    )
    return file(made, calendar_out.MEDIA_TYPE, f"{found.slug}.ics")


def _alarm(request: HttpRequest) -> int | None:
    """Return how many minutes before each event a subscribed calendar rings; without `?alarm=` it stays silent."""
    typed = request.GET.get("alarm", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 6):
        return None
    return min(int(typed), MAX_ALARM // timedelta(minutes=1))


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """All events as a calendar to subscribe to: `?state=&topic=&kind=&alarm=MINUTES`."""
    lang, wanted = lang_of(request), queries.filter_of(request.GET)
    made = calendar_out.calendar(
        [queries.facts(e, lang) for e in queries.of_feed(wanted)],
        host=settings.CONFIGURATION.host,
        name=_feed_title(wanted, lang),
        alarm_minutes=_alarm(request),
    )
    return _cached(file(made, calendar_out.MEDIA_TYPE, "termine.ics", download=False))


def _feed_title(wanted: queries.Filter, lang: Lang) -> str:
    parts = [
        State(wanted.state).label.get(lang) if wanted.state else "",
        TOPICS[wanted.topic].get(lang) if wanted.topic else "",
        KINDS[wanted.kind].get(lang) if wanted.kind else "",
    ]
    return " – ".join([_("Termine"), *(p for p in parts if p)])


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """What is new, as an Atom feed: `?state=&topic=&kind=`."""
    lang, wanted = lang_of(request), queries.filter_of(request.GET)
    found = sorted(queries.of_feed(wanted), key=lambda e: e.changed_at, reverse=True)
    made = atom.feed(
        [queries.facts(e, lang) for e in found[:100]],
        title=_feed_title(wanted, lang),
        address=_whole(f"{lang}:atom", wanted.parameters()),
        page=_whole(f"{lang}:events", wanted.parameters()),
        author="Nordlotse",
        host=settings.CONFIGURATION.host,
        lang=lang,
    )
    return _cached(file(made, atom.MEDIA_TYPE, "termine.atom", download=False))


def _cached(response: HttpResponse) -> HttpResponse:
    """Let readers ask again after a quarter of an hour only; nothing personal is in a feed."""
    response["Cache-Control"] = "public, max-age=900"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
def embedded(request: HttpRequest) -> HttpResponse:
    """The next events as a list for a frame on another site: no cookie, no form, links open a new window."""
    lang, wanted = lang_of(request), queries.filter_of(request.GET)
    rows, _more = queries.page(queries.public(wanted), 1, lang)
    return _cached(render(request, "dialogue/embedded.html", {"rows": rows[:10], "wanted": wanted}))
