"""Payloads nobody could read: shown by topic with their reasons, all their values mapped at once from a sample, read again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.problem import Problem
from nordlotse.iot import memory
from nordlotse.iot.actions import mapping as actions
from nordlotse.iot.core.heard import heard
from nordlotse.iot.core.mapping import Rule
from nordlotse.iot.core.naming import names_of, proposal
from nordlotse.iot.forms.mapping import RuleForm, ValueForm
from nordlotse.iot.models import Hall
from nordlotse.iot.queries import mapping as queries
from nordlotse.iot.queries.mapping import Leaf, Stand, Waiting
from nordlotse.iot.views.page import go, hall_of, lang_of, unlisted

#: Values of one payload that can be mapped at once: each brings six fields, and a form may have two hundred.
_LINES = 30


@dataclass(frozen=True, slots=True)
class _Filled:
    """What a page of one topic was sent or begins with."""

    form: RuleForm
    lines: Sequence[ValueForm]

    def good(self) -> bool:
        """Return whether all of it can be."""
        lines = [line.is_valid() for line in self.lines]
        if not self.form.is_valid() or not all(lines):
            return False
        if not any(line.taken for line in self.lines):
            self.form.add_error(None, _("Bitte haken Sie mindestens einen Wert an."))
        return self.form.is_valid()

    def rules(self, sample: str) -> list[Rule]:
        """Return the rules of the values that are taken.

        Raises:
            BadInput: `iot_rule`.
        """
        given = self.form.cleaned_data
        return [
            actions.rule(
                given["topic"],
                given["machine"],
                line.cleaned_data["signal"],
                line.cleaned_data["path"],
                time=given["time"],
                unit=line.cleaned_data["unit"],
                scale=line.factor,
                offset=line.shift,
                sample=sample,
            )
            for line in self.lines
            if line.taken
        ]


@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: HttpRequest, key: str) -> HttpResponse:
    """List what waits; `?thema=` maps one topic; POST tries rules, keeps them, takes one away, or throws away what waits."""
    hall = hall_of(request, key)
    if request.method == "POST" and request.POST.get("do") == "remove":
        place = request.POST.get("place", "")
        actions.remove(hall, int(place) if place.isascii() and place.isdigit() and len(place) < 6 else -1, request.user)
        return go(request, "iot_mapping", hall.pk)
    if request.method == "POST" and request.POST.get("do") == "discard":
        until = request.POST.get("bis", "")
        moment = int(until) if until.isascii() and until.isdigit() and len(until) < 18 else 0
        actions.discard(hall, request.POST.get("thema", ""), moment, request.user)
        return go(request, "iot_mapping", hall.pk, more="?verworfen=1")
    found, rules = queries.stand(hall), queries.rules(hall)
    topic = request.POST.get("thema") or request.GET.get("thema", "")
    known = _known(rules, topic)
    chosen = next((one for one in found.waiting if one.topic == topic), None) or known
    if chosen is not None and chosen.broken and known is not None:
        chosen = replace(chosen, sample=known.sample, broken=False)  # only broken ones wait: there was a good one once
    context: dict[str, Any] = {"hall": hall, "chosen": chosen, "rules": rules, **_shown(found)}
    status = 200
    if chosen is not None:
        told, status = _chosen(request, hall, chosen, [rule for rule in rules if rule.topic == topic])
        if isinstance(told, HttpResponse):
            return told
        context |= told
    elif request.method == "POST":
        return go(request, "iot_mapping", hall.pk)
    return unlisted(render(request, "iot/mapping.html", context, status=status))


@require_safe
def stand(request: HttpRequest, key: str) -> HttpResponse:
    """What waits, as a fragment, nothing where it is as it was (`mark`); without a script the whole page."""
    hall = hall_of(request, key)
    if not request.headers.get("HX-Request"):
        return go(request, "iot_mapping", hall.pk)
    found = queries.stand(hall)
    if request.GET.get("mark") == found.mark:
        return unlisted(HttpResponse(status=204))
    return unlisted(render(request, "iot/_waiting.html", {"hall": hall, **_shown(found)}))


def _shown(found: Stand) -> dict[str, Any]:
    running = not found.reading or heard(memory.folder()).state != "ended"
    return {"waiting": found.waiting, "stand": found, "running": running}


def _known(rules: Sequence[Rule], topic: str) -> Waiting | None:
    """Return the sample that rules of a topic were made from, where nothing of it waits any more."""
    sample = next((rule.sample for rule in rules if rule.topic == topic and rule.sample), "")
    return Waiting(topic, (), 0, sample, 0) if sample else None


def _chosen(
    request: HttpRequest, hall: Hall, chosen: Waiting, rules: Sequence[Rule]
) -> tuple[dict[str, Any] | HttpResponse, int]:
    """Return what the page shows of one topic and the answer's status, or where to go when rules were kept."""
    leaves = [] if chosen.broken else queries.leaves_of(hall, chosen.topic, chosen.sample)
    filled = _filled(request, chosen, leaves, rules)
    shown: dict[str, Any] = {"form": filled.form, "lines": filled.lines, "before": rules, "most": _LINES}
    shown["more"] = len([leaf for leaf in leaves if leaf.usable]) > _LINES
    if request.method != "POST":
        return shown, 200
    if not filled.good():
        return shown, 422
    try:
        made = filled.rules(chosen.sample)
        if request.POST.get("do") == "keep":
            actions.add(hall, made, request.user)
            return go(request, "iot_mapping", hall.pk, more="?gemerkt=1"), 302
        trial = queries.tried(hall, made)
    except Problem as problem:
        return shown | {"problem": problem}, problem.http_status
    return shown | {"trial": trial}, 200


def _filled(request: HttpRequest, chosen: Waiting, leaves: Sequence[Leaf], rules: Sequence[Rule]) -> _Filled:
    if request.method != "POST":
        lang = lang_of(request)
        usable = [leaf for leaf in leaves if leaf.usable][:_LINES]
        levels = [level for level in chosen.topic.split("/") if level]
        here = {leaf.path for leaf in usable}
        others = [rule.signal for rule in rules if queries.written(rule.path) not in here]
        names = names_of([json.loads(leaf.path) for leaf in usable], others, levels[-1] if levels else "")
        lines = [
            ValueForm(leaf, prefix=f"w{place}", initial=_proposed(leaf, name, rules, lang))
            for place, (leaf, name) in enumerate(zip(usable, names, strict=True))
        ]
        machine = rules[0].machine if rules else levels[0][:64] if levels else ""
        return _Filled(RuleForm(leaves, initial={"topic": chosen.topic, "machine": machine}), lines)
    # a newer message may have come meanwhile: the lines are those that were sent, with what lies there now
    by_path = {leaf.path: leaf for leaf in leaves}
    lines = []
    for place in range(_LINES):
        path = request.POST.get(f"w{place}-path")
        if path is not None:
            leaf = by_path.get(path) or Leaf(path, path[:100], "", True)
            lines.append(ValueForm(leaf, request.POST, prefix=f"w{place}"))
    return _Filled(RuleForm(leaves, request.POST), lines)


def _proposed(leaf: Leaf, name: str, rules: Sequence[Rule], lang: str) -> dict[str, Any]:
    """Return what a line begins with: the rule there is, or the name made from path or topic, with the unit it probably has."""
    same = next((rule for rule in rules if queries.written(rule.path) == leaf.path), None)
    if same is not None:
        return {"path": leaf.path, "signal": same.signal, "unit": same.unit, "scale": same.scale, "offset": same.offset}
    last = leaf.words.split(" › ")[-1] or name
    unit = proposal(last, lang).unit or proposal(name, lang).unit
    return {"path": leaf.path, "signal": name, "unit": unit, "take": False}
