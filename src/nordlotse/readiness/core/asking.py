"""Which questions stand on a page, what comes before and after it, how far somebody is, and what a page's fields say.

A page holds at most five questions of one group. Which questions there are depends on the answers (`relevant`), so pages are not
numbered: a page is known by the names of the questions shown on it, and the next one begins behind them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nordlotse.foundation.language import Text
from nordlotse.foundation.questionnaire.answering import Filled, Mend, needed
from nordlotse.foundation.questionnaire.form import DONT_KNOW, NOT_APPLICABLE, Form, Group, Kind, Question

__all__ = [
    "ANSWER_OPEN",
    "ASKED",
    "COMPANY",
    "MOST",
    "NONE_OF_THESE",
    "Given",
    "Screen",
    "asked",
    "at",
    "back",
    "counted",
    "is_complete",
    "onward",
    "open_questions",
    "read",
    "said",
    "screen",
    "start",
]

#: So many questions stand on one page at most: on a phone more is a long way to the button.
MOST = 5
#: The group of questions about the company itself: voluntary, not counted, and not asked of colleagues.
COMPANY = "company"
#: What the page sends for "none of these" where the list itself has no such choice.
NONE_OF_THESE = "none_of_these"

#: Kinds of rows that want an answer.
ASKED = frozenset({Kind.SELECT_ONE, Kind.SELECT_MULTIPLE, Kind.INTEGER, Kind.DECIMAL, Kind.TEXT})
_GROUPED = re.compile(r"-?\d{1,3}(\.\d{3})+")
#: What people write behind a number of people: "5 Leute".
_PEOPLE = re.compile(r"\s*(?:leute|personen|people|persons|mitarbeiter\w*|beschäftigte\w*)$", re.IGNORECASE)
_COMMA = re.compile(r"-?(\d{1,3}(\.\d{3})+|\d+),\d+")


@dataclass(frozen=True, slots=True)
class Screen:
    """One page: its questions, `first` to `last` of `total` asked now, how many of those are answered, and what borders it.

    Questions about the company are not counted: on their page `first` is 0. `before`, `after`: whether there is a page on that side.
    `dropped`: how many questions fell away because an answer says that they do not fit.
    """

    group: Group | None
    questions: tuple[Question, ...]
    first: int
    last: int
    total: int
    answered: int
    before: bool
    after: bool
    dropped: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of its questions."""
        return tuple(q.name for q in self.questions)

    @property
    def open(self) -> int:
        """Return how many questions asked now have no answer."""
        return self.total - self.answered


def asked(form: Form, filled: Filled) -> tuple[Question, ...]:
    """Return the questions that want an answer now, in order."""
    return tuple(q for name in filled.visible if (q := form.by_name[name]).kind in ASKED)


def open_questions(form: Form, filled: Filled, answers: Mapping[str, Any]) -> tuple[Question, ...]:
    """Return the questions asked now without any answer; "don't know" is one. Those about the company may stay open."""
    return tuple(q for q in counted(form, filled) if q.name not in answers)


def counted(form: Form, filled: Filled) -> tuple[Question, ...]:
    """Return the questions asked now that are counted: all but those about the company."""
    return tuple(q for q in asked(form, filled) if q.group != COMPANY)


def is_complete(form: Form, filled: Filled, answers: Mapping[str, Any]) -> bool:
    """Tell whether every question that counts has an answer."""
    return not open_questions(form, filled, answers)


def screen(form: Form, filled: Filled, answers: Mapping[str, Any], names: Sequence[str]) -> Screen | None:
    """Return the page of these questions; None where none of them is asked now."""
    everything = asked(form, filled)
    shown = tuple(q for q in everything if q.name in set(names))
    if not shown:
        return None
    place = {q.name: n for n, q in enumerate(counted(form, filled), 1)}
    numbers = [place[q.name] for q in shown if q.name in place]
    return Screen(
        group=form.group(shown[0].group),
        questions=shown,
        first=min(numbers, default=0),
        last=max(numbers, default=0),
        total=len(place),
        answered=sum(name in answers for name in place),
        before=shown[0].name != everything[0].name,
        after=shown[-1].name != everything[-1].name,
        dropped=sum(_dropped(form, filled, answers, q) for q in form.questions),
    )


def _dropped(form: Form, filled: Filled, answers: Mapping[str, Any], q: Question) -> bool:
    """Tell whether an answer made a question fall away: one that waits for an answer may still come."""
    if q.kind not in ASKED or q.name in filled.visible:
        return False
    return all(name in answers for name in needed(form, [q.name]) if name != q.name and name in filled.visible)


def start(form: Form, filled: Filled, answers: Mapping[str, Any], *, only_open: bool = False) -> tuple[str, ...]:
    """Return the names on the first page; with `only_open` on the first one that lacks an answer, () if none does."""
    found = asked(form, filled)
    if not only_open:
        return _from(found, 0)
    place = next((n for n, q in enumerate(found) if _is_open(q, answers)), None)
    return () if place is None else _open_from(found, place, answers)


def onward(
    form: Form, filled: Filled, answers: Mapping[str, Any], shown: Sequence[str], *, only_open: bool = False
) -> tuple[str, ...]:
    """Return the names on the page behind the one shown, () behind the last.

    Where an answer made a question appear between those shown, the page is shown again with it: it belongs there.
    """
    found = asked(form, filled)
    order = {q.name: n for n, q in enumerate(form.questions)}
    known = [order[name] for name in shown if name in order]
    if not known:
        return start(form, filled, answers, only_open=only_open)
    new = [q for q in found if min(known) < order[q.name] < max(known) and q.name not in shown]
    if any(q.name not in answers for q in new) and not only_open:
        return tuple(q.name for q in found if min(known) <= order[q.name] <= max(known))
    place = next(
        (n for n, q in enumerate(found) if order[q.name] > max(known) and (not only_open or _is_open(q, answers))), None
    )
    if place is None:
        return ()
    return _open_from(found, place, answers) if only_open else _from(found, place)


def back(form: Form, filled: Filled, shown: Sequence[str]) -> tuple[str, ...]:
    """Return the names on the page before the one shown, () before the first; answered questions too."""
    found = asked(form, filled)
    order = {q.name: n for n, q in enumerate(form.questions)}
    known = [order[name] for name in shown if name in order]
    before = [q for q in found if known and order[q.name] < min(known)]
    if not before:
        return ()
    run = list(reversed(_run(list(reversed(before)), lambda q: True)))
    while len(run) > _size(len(run)):  # the pages as they came on the way here; the last of them
        run = run[_size(len(run)) :]
    return tuple(q.name for q in run)


def at(form: Form, filled: Filled, name: str) -> tuple[str, ...]:
    """Return the names on a page that begins with a question, () if it is not asked now."""
    found = asked(form, filled)
    place = next((n for n, q in enumerate(found) if q.name == name), None)
    return () if place is None else _from(found, place)


def _is_open(q: Question, answers: Mapping[str, Any]) -> bool:
    return q.group != COMPANY and q.name not in answers


def _from(found: Sequence[Question], place: int) -> tuple[str, ...]:
    run = _run(found[place:], lambda q: True)
    return tuple(q.name for q in run[: _size(len(run))])


def _open_from(found: Sequence[Question], place: int, answers: Mapping[str, Any]) -> tuple[str, ...]:
    run = _run(found[place:], lambda q: q.name not in answers)
    return tuple(q.name for q in run[: _size(len(run))])


def _run(found: Sequence[Question], wanted: Callable[[Question], bool]) -> list[Question]:
    """Return the wanted questions of the first one's group, up to where another group begins."""
    run: list[Question] = []
    for q in found:
        if q.group != found[0].group:
            break
        if wanted(q):
            run.append(q)
    return run


def _size(count: int) -> int:
    """Return how many of a group's remaining questions a page takes: as even as possible, at most five."""
    pages = -(-count // MOST)
    return -(-count // pages) if pages else 0


# ---- what the fields of a page say ----


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody put into a page: answers by name (None: left open), and what has to be mended before the form is asked."""

    answers: Mapping[str, Any]
    mends: tuple[Mend, ...] = ()

    def merged(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return answers with those of the page put in; what was left open is taken out."""
        kept = {name: value for name, value in before.items() if name not in self.answers}
        return kept | {name: value for name, value in self.answers.items() if value is not None}


def read(questions: Sequence[Question], values: Callable[[str], Sequence[str]]) -> Given:
    """Return what the fields of a page say; `values` gives what was sent for a question."""
    answers: dict[str, Any] = {}
    mends: list[Mend] = []
    for q in questions:
        sent = [v.strip() for v in values(q.name) if v.strip()]
        if q.kind == Kind.SELECT_MULTIPLE:
            answers[q.name], mend = _several(q, sent)
            mends += mend
        elif q.kind in (Kind.INTEGER, Kind.DECIMAL):
            answers[q.name] = _number(sent[0]) if sent else None
        else:
            answers[q.name] = sent[0][:2000] if sent else None
    return Given(answers, tuple(mends))


def _several(q: Question, sent: Sequence[str]) -> tuple[Any, list[Mend]]:
    chosen = tuple(c.name for c in q.choices if c.name in sent)
    alone = [name for name in (DONT_KNOW, NONE_OF_THESE) if name in sent]
    if len(alone) > 1 or (alone and chosen):
        mend = Mend(
            q.name,
            "exclusive",
            Text(
                "„Weiß nicht“ und „nichts davon“ passen nicht zu anderen Häkchen.",
                "“Don't know” and “none of these” do not go with other ticks.",
            ),
            Text("Bitte nehmen Sie eines davon weg.", "Please remove one of them."),
        )
        return chosen, [mend]
    if alone:
        return (DONT_KNOW if alone[0] == DONT_KNOW else ()), []
    return (chosen or None), []


def _number(typed: str) -> int | float | str:
    """Return a number as people here write it ("1.200", "12,5"); what is none stays as typed, so that the form can say so."""
    typed = _PEOPLE.sub("", typed)
    plain = typed.replace(" ", "").replace("\u00a0", "")[:30]
    if _COMMA.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif _GROUPED.fullmatch(plain):
        plain = plain.replace(".", "")
    try:
        return (
            int(plain)
            if re.fullmatch(r"-?[0-9]{1,15}", plain)
            else float(plain)
            if re.fullmatch(r"-?[0-9]{1,15}\.[0-9]{1,6}", plain)
            else typed[:30]
        )
    except ValueError:
        return typed[:30]


# ---- an answer in words ----

#: What stands for an answer that was not given.
ANSWER_OPEN = Text("offen", "open")
_DONT_KNOW = Text("weiß nicht", "don't know")
_NONE = Text("nichts davon", "none of these")
_NOT_APPLICABLE = Text("trifft nicht zu", "does not apply")


def said(question: Question, answer: Any) -> Text:
    """Return an answer in words: the labels of what was chosen, or the number or words as given."""
    if answer is None:
        return ANSWER_OPEN
    if answer == DONT_KNOW:
        return _DONT_KNOW
    if isinstance(answer, list | tuple):
        labels = [c.label for c in question.choices if c.name in answer]
        return Text("; ".join(t.de for t in labels), "; ".join(t.en for t in labels)) if labels else _NONE
    choice = question.choice(str(answer))
    if choice is not None:
        return choice.label
    if answer == NOT_APPLICABLE:
        return _NOT_APPLICABLE
    plain = str(answer)
    return Text(plain.replace(".", ",") if isinstance(answer, float) else plain, plain)
