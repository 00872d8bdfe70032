"""What happens to answers: what is relevant, what is kept, what is calculated, what has to be mended.

Every row waits for the rows its `relevant` and `calculation` name, so one pass in that order is the state in which nothing changes any
more. A question that is not relevant is empty *before* anything is calculated from it (as in XForms); so is an answer that has to be
mended. A constraint is looked at when all values stand; an answer that breaks it is left out and the pass repeated.
"""

from __future__ import annotations

import heapq
import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from types import MappingProxyType
from typing import Final

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.expression import Expression, Value, parse
from nordlotse.foundation.questionnaire.form import DONT_KNOW, Form, Group, Kind, Question
from nordlotse.foundation.questionnaire.taking import Answer, Mend, Taker, taker, unknown_question

__all__ = ["Answer", "Filled", "Mend", "fill", "needed"]

#: Most passes while answers that break a constraint are left out one after the other.
_MAX_PASSES: Final = 5

#: Most names of unknown questions that are told one by one.
_MAX_UNKNOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Filled:
    """Answers as a form takes them.

    `visible`: names of the questions that are asked now, in order. `answers`: those given to visible questions (a hidden
    question's answer is empty before anything is calculated). `calculated`: values of `calculate` rows (None: not known).
    `hidden`: names of questions not asked because of their or their group's `relevant`. `mends`: what has to be mended; an
    answer that has to be is not among `answers`.
    """

    visible: tuple[str, ...]
    answers: Mapping[str, Answer]
    calculated: Mapping[str, float | str | None] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    mends: tuple[Mend, ...] = ()


def fill(form: Form, answers: Mapping[str, object]) -> Filled:
    """Return what the form makes of answers as they come in: `{question: value}`; what is absent, None or "" is unknown.

    Wrong types, unknown names and broken constraints become a `Mend` each, never an error. Notes count as visible.

    Raises:
        BadInput: the form itself is wrong (a formula that cannot be read, a circle); a checked form never is.
    """
    return _program(form).fill(answers)


def needed(form: Form, names: Iterable[str]) -> tuple[str, ...]:
    """Return these questions and all that their `relevant` and calculations name, in the order of the form.

    Raises:
        BadInput: as `fill`.
    """
    program, found, waiting = _program(form), set[str](), list(names)
    while waiting:
        name = waiting.pop()
        if name not in found and name in form.by_name:
            found.add(name)
            waiting += program.names[name]
    return tuple(q.name for q in form.questions if q.name in found)


# ---- a form made ready ----

_GROUP, _CHOICE, _QUESTION, _CALCULATE, _NOTE = range(5)
_TAKES: Final = (_CHOICE, _QUESTION)

#: One row made ready: what it is, its name, its group if that has a condition, its condition, the names of choices taken at once, the
#: taker of answers, the formula of a calculation.
_Step = tuple[
    int,
    str,
    str | None,
    Callable[[Mapping[str, Value]], bool] | None,
    frozenset[str],
    Taker | None,
    Expression | None,
]


class _Program:
    """A form made ready: its rows in the order in which they can be worked out."""

    def __init__(self, form: Form) -> None:
        if len(form.by_name) < len(form.questions):
            raise _wrong_form("form_double", "", "Ein Name steht zweimal.", "A name is there twice.")
        self.known = tuple(form.by_name)
        self.known_set = frozenset(self.known)
        self.place = {q.name: i for i, q in enumerate(form.questions)}
        gates = {g.name: g for g in form.groups if g.relevant}
        #: what each question's state depends on directly
        self.names: dict[str, tuple[str, ...]] = {q.name: _depends(q, gates) for q in form.questions}
        self.steps: tuple[_Step, ...] = tuple(_steps(form, gates, _order(form, gates)))
        self.in_order = [s[1] for s in self.steps if s[0] != _GROUP] == [q.name for q in form.questions]
        self.asked = frozenset(q.name for q in form.questions if q.kind is not Kind.CALCULATE)
        self.constraints = tuple(
            (q, parse(q.constraint, q.name, f"{q.name}: constraint")) for q in form.questions if q.constraint
        )
        self.hushed: frozenset[str] = frozenset()

    def fill(self, answers: Mapping[str, object]) -> Filled:
        visible, kept, values, calculated, mends = self.once(answers, frozenset())
        broken: dict[str, Mend] = {}
        for _ in range(_MAX_PASSES if self.constraints else 0):
            fresh = {
                question.name: _broken(question)
                for question, constraint in self.constraints
                if kept.get(question.name, DONT_KNOW) not in (DONT_KNOW, ()) and not constraint.holds(values)
            }
            if not fresh:
                break
            broken |= fresh
            visible, kept, values, calculated, mends = self.once(answers, broken.keys())
        if not answers.keys() <= self.known_set:
            unknown = [name for name in answers if name not in self.known_set][:_MAX_UNKNOWN]
            mends += [unknown_question(name, self.known) for name in unknown]
        mends += broken.values()
        if not self.in_order:
            visible.sort(key=self.place.__getitem__)
        return Filled(
            tuple(visible),
            MappingProxyType(kept),
            MappingProxyType(calculated),
            self.asked.difference(visible) if len(visible) < len(self.asked) else self.hushed,
            tuple(mends),
        )

    def once(  # noqa: PLR0912 - one loop: a call per row would cost a third of its speed
        self, answers: Mapping[str, object], left_out: Iterable[str]
    ) -> tuple[list[str], dict[str, Answer], dict[str, Value], dict[str, float | str | None], list[Mend]]:
        """Work out every row once, without the answers in `left_out`. This loop is what every page and benchmark waits for."""
        get = {k: v for k, v in answers.items() if k not in left_out}.get if left_out else answers.get
        visible: list[str] = []
        kept: dict[str, Answer] = {}
        values: dict[str, Value] = {}
        calculated: dict[str, float | str | None] = {}
        mends: list[Mend] = []
        closed: set[str] = set()
        for kind, name, group, relevant, choices, take, formula in self.steps:
            if (group is not None and group in closed) or (relevant is not None and not relevant(values)):
                if kind == _GROUP:
                    closed.add(name)
                elif kind == _CALCULATE:
                    calculated[name] = None
                continue
            if kind in _TAKES:
                visible.append(name)
                raw = get(name)
                if raw is None:
                    continue
                if kind == _CHOICE and raw.__class__ is str and raw in choices:
                    kept[name] = values[name] = raw
                    continue
                taken = take(raw) if take is not None else None
                if taken is None:
                    continue
                if isinstance(taken, Mend):
                    mends.append(taken)
                    continue
                kept[name] = taken
                if isinstance(taken, (int, float)):
                    values[name] = float(taken)
                elif taken != DONT_KNOW:
                    values[name] = taken
            elif kind == _CALCULATE and formula is not None:
                value = formula.value(values)
                outcome = calculated[name] = _outcome(value)
                if outcome is not None:
                    values[name] = value
            elif kind == _NOTE:
                visible.append(name)
        return visible, kept, values, calculated, mends


def _outcome(value: Value) -> float | str | None:
    """A calculation as it is handed on: a number, words, or None while not known; yes and no are 1 and 0."""
    if isinstance(value, tuple):
        return " ".join(value) or None
    if isinstance(value, str):
        return value or None
    return None if math.isnan(value) else float(value)


def _broken(question: Question) -> Mend:
    message = question.constraint_message
    if not (message.de or message.en):
        message = Text("Diese Antwort passt nicht zur Bedingung.", "This answer does not meet the condition.")
    return Mend(question.name, "constraint", message, Text("Bitte die Antwort prüfen.", "Check the answer."))


def _wrong_form(code: str, where: str, de: str, en: str) -> BadInput:
    return BadInput(
        code, de=de, en=en, where=where, remedy_de="Bitte das Formular prüfen.", remedy_en="Check the form."
    )


def _relevant(row: Question | Group) -> Expression | None:
    return parse(row.relevant, "", f"{row.name}: relevant") if row.relevant else None


def _calculation(question: Question) -> Expression | None:
    if question.kind is not Kind.CALCULATE:
        return None
    return parse(question.calculation or "''", "", f"{question.name}: calculation")


def _depends(question: Question, gates: Mapping[str, Group]) -> tuple[str, ...]:
    found: list[str] = []
    group = gates.get(question.group)
    for formula in (_relevant(question), _calculation(question), _relevant(group) if group else None):
        found += formula.references if formula else ()
    return tuple(dict.fromkeys(found))


def _order(form: Form, gates: Mapping[str, Group]) -> list[Question]:
    """The questions so that each comes after those it depends on, otherwise in the order of the form."""
    place = {q.name: i for i, q in enumerate(form.questions)}
    waits: dict[str, set[str]] = {}
    followers: dict[str, list[str]] = {}
    for question in form.questions:
        depends = set(_depends(question, gates))
        if unknown := sorted(depends - place.keys()):
            raise _wrong_form(
                "form_reference",
                question.name,
                f"Die Frage ${{{unknown[0]}}} gibt es nicht.",
                f"There is no question ${{{unknown[0]}}}.",
            )
        waits[question.name] = depends
        for name in depends:
            followers.setdefault(name, []).append(question.name)
    free = [place[name] for name, depends in waits.items() if not depends]
    heapq.heapify(free)
    found = []
    while free:
        question = form.questions[heapq.heappop(free)]
        found.append(question)
        for name in followers.get(question.name, ()):
            waits[name].discard(question.name)
            if not waits[name]:
                heapq.heappush(free, place[name])
    if len(found) < len(form.questions):
        stuck = next(q.name for q in form.questions if waits[q.name])
        raise _wrong_form(
            "form_circle",
            stuck,
            "Diese Frage hängt über Formeln von sich selbst ab.",
            "This question depends on itself through formulas.",
        )
    return found


def _steps(form: Form, gates: Mapping[str, Group], order: Iterable[Question]) -> Iterable[_Step]:
    """The rows made ready; a group with a condition comes right before the first of its questions in this order."""
    begun: set[str] = set()
    for question in order:
        group = question.group if question.group in gates else None
        if group is not None and group not in begun:
            begun.add(group)
            gate = _relevant(gates[group])
            yield _GROUP, group, None, gate.holds if gate else None, frozenset(), None, None
        own = _relevant(question)
        kind = _KINDS.get(question.kind, _QUESTION)
        choices = frozenset(c.name for c in question.choices) - {DONT_KNOW} if kind == _CHOICE else frozenset()
        take = taker(question) if kind in (_CHOICE, _QUESTION) else None
        yield kind, question.name, group, own.holds if own else None, choices, take, _calculation(question)


_KINDS: Final[Mapping[Kind, int]] = {Kind.SELECT_ONE: _CHOICE, Kind.CALCULATE: _CALCULATE, Kind.NOTE: _NOTE}

_MOST_READY: Final = 64
_ready: OrderedDict[str, _Program] = OrderedDict()
_ready_lock = Lock()


def _program(form: Form) -> _Program:
    """The form made ready; kept by hash, the longest unused ones forgotten."""
    with _ready_lock:
        if found := _ready.get(form.hash):
            _ready.move_to_end(form.hash)
            return found
    made = _Program(form)
    with _ready_lock:
        _ready[form.hash] = made
        if len(_ready) > _MOST_READY:
            _ready.popitem(last=False)
    return made
