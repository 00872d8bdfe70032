"""What a page of results works on: answers that travel in the form, or those of a kept check; and the addresses around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from nordlotse.foundation.language import Lang
from nordlotse.readiness.actions.checks import opened
from nordlotse.readiness.queries.checks import KeptCheck, RoundOf, kept
from nordlotse.readiness.queries.models import Outdated, outdated
from nordlotse.readiness.queries.outcome import Outcome, outcome
from nordlotse.readiness.views.carried import Carried, carried
from nordlotse.readiness.views.page import lang_of, travelling, unlisted

#: The pages there are for both, by the end of their name.
_PAGES = ("questions", "result", "plan", "report", "calendar", "file")


#: Who sends one of these has chosen a plan on the page.
_OF_A_GOAL = ("model", "ziel", "stufe", "budget", "regler", "without")


@dataclass(frozen=True, slots=True)
class Basis:
    """Answers, models and where they come from: `carried` for those that travel, `check` and `round` for those that are kept."""

    answers: Mapping[str, Any]
    models: tuple[str, ...]
    lang: Lang
    carried: Carried | None = None
    check: KeptCheck | None = None
    round: RoundOf | None = None

    @property
    def key(self) -> str:
        """Return the kept check's key, "" where nothing is kept."""
        return self.check.key if self.check else ""

    @property
    def outdated(self) -> tuple[Outdated, ...]:
        """Return the own models that are answered in another version than the one on offer."""
        return outdated(self.models)

    @property
    def older(self) -> bool:
        """Tell whether an earlier round than the newest is shown."""
        return bool(self.check and self.round and self.round.number != self.check.newest.number)

    @property
    def address(self) -> dict[str, str]:
        """Return the addresses of the pages around this one, by the end of their name."""
        return {page: self._address(page, self.lang) for page in _PAGES}

    @property
    def other(self) -> dict[str, str]:
        """Return the same in the other language: answers that travel would be lost with a plain link."""
        return {page: self._address(page, "en" if self.lang == "de" else "de") for page in _PAGES}

    def _address(self, page: str, lang: Lang) -> str:
        if self.check:
            return reverse(f"{lang}:readiness_kept_{page}", args=[self.check.key])
        return reverse(f"{lang}:readiness_{page}")

    def outcome(self) -> Outcome:
        """Return what comes out of the answers."""
        return outcome(self.answers, self.models)

    def given(self, request: HttpRequest) -> Mapping[str, str]:
        """Return what was typed into a form of the page: in the address behind a key, in the body where answers travel.

        Behind a key, whoever types no goal has the plan that was chosen and kept with the round.
        """
        if self.round is None:
            return request.POST.dict()
        typed = (request.POST if request.method == "POST" else request.GET).dict()
        return typed if any(name in typed for name in _OF_A_GOAL) else {**self.round.wanted, **typed}

    def finished(self, response: HttpResponse) -> HttpResponse:
        """Return the page with the headers that suit where its answers are."""
        return unlisted(response) if self.check else travelling(response)


def loose(request: HttpRequest) -> Basis | None:
    """Return the answers that travel in a form; None where the request brought none."""
    if request.method != "POST":
        return None
    found = carried(request)
    return Basis(found.answers, found.models, lang_of(request), carried=found) if found.given else None


def kept_basis(request: HttpRequest, key: str) -> Basis:
    """Return the lead's answers of a kept check, of the round asked for with `?runde=` or the newest.

    Raises:
        NotFound: there is no such check.
    """
    check = kept(key)
    opened(check)
    begun = check.round(request.GET.get("runde"))
    return Basis(begun.answers, begun.models, lang_of(request), check=check, round=begun)
