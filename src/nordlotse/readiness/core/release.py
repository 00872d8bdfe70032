"""Own participants as published figures: the fixed tree of cells, who is counted in each, and what must stay out.

The tree is all → size → size and sector → size, sector and state; there are no other filters. A release takes the cells
from the top, each as full as the audit of `disclosure` allows beside everything ever published; what cannot be published keeps its last
figures (nobody in it may have left) or stays out. Who takes back the consent is taken out together with at least four others, drawn by lot,
who come back with a later release: otherwise the difference of two releases would be that one company.

Published per cell: n, and per dimension and in total the mean with a 95 % interval (Student's t; Gosset 1908), unless all
members have the same value. Shares per level are not published: a level that nobody or everybody reached would tell of each of them.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nordlotse.readiness.core import disclosure

__all__ = ["ALL", "Cell", "Draft", "Issue", "Member", "cells_of", "draft", "interval", "token"]

#: The cell of everybody. Others are "small", "small/C", "small/C/HH".
ALL = "all"

#: The name under which a member counts as itself, whatever its values are.
_SELF = ""


@dataclass(frozen=True, slots=True)
class Member:
    """One company that agreed to be compared: a token in place of its key, the cells it counts in (widest first), values by name.

    A cell publishes those values that all its members have.
    """

    token: str
    cells: tuple[str, ...]
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Cell:
    """Figures of one cell: n, and (mean, low, high) per dimension and for the total; `as_of` is the day they were worked out."""

    n: int
    values: Mapping[str, tuple[float, float, float]]
    as_of: str


@dataclass(frozen=True, slots=True)
class Issue:
    """What a release published: per cell the tokens of its members, and per token what stood for each value (see `marks`)."""

    members: Mapping[str, frozenset[str]]
    marks: Mapping[str, Mapping[str, str]]
    cells: Mapping[str, Cell]
    model_hash: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A release ready to be published; `changed` tells whether anything differs from the last one."""

    issue: Issue
    changed: bool


def token(key: str) -> str:
    """Return what stands for a check in a release: nobody finds the key from it, and the same check keeps it."""
    return hashlib.sha256(f"release {key}".encode()).hexdigest()[:16]


def cells_of(size: str, sector: str, state: str) -> tuple[str, ...]:
    """Return the cells a company belongs to, widest first: a level whose detail is unknown ends the way down."""
    found = [ALL]
    for part in (size, sector, state):
        if not part:
            break
        found.append(part if found[-1] == ALL else f"{found[-1]}/{part}")
    return tuple(found)


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return mean, lower and upper end of the 95 % interval by Student's t, rounded to two decimals; one value has no width to tell.

    Raises:
        ValueError: there are fewer than two values.
    """
    if len(values) < 2:
        raise ValueError("an interval needs at least two values")
    from scipy.stats import t

    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))
    half = float(t.ppf(0.975, len(values) - 1)) * spread / math.sqrt(len(values))
    return round(mean, 2), round(mean - half, 2), round(mean + half, 2)


def marks(member: Member) -> dict[str, str]:
    """Return what stands for each of a member's values: the same only while the value is the same."""
    return {
        name: hashlib.sha256(f"{member.token} {name} {value!r}".encode()).hexdigest()[:10]
        for name, value in member.values.items()
    }


class _Audits:
    """One audit by member, and one by member and value for each figure.

    By member alone, because a new version of a model may turn every value into another that says the same; by value, because whoever
    changes answers leaves a cell and joins it at once.
    """

    def __init__(self, history: Iterable[Issue], now: Mapping[str, Mapping[str, str]], names: Sequence[str]) -> None:
        self._now = now
        self._audits = {name: disclosure.Audit(minimum=disclosure.MINIMUM) for name in (_SELF, *names)}
        for issue in history:
            for cell in sorted(issue.members):
                self._take(issue.members[cell], issue.marks)

    def _take(self, members: frozenset[str], marks: Mapping[str, Mapping[str, str]]) -> None:
        for name, audit in self._audits.items():
            audit.add(_marked(members, marks, name))

    def allow(self, members: frozenset[str]) -> bool:
        return all(audit.allows(_marked(members, self._now, name)) for name, audit in self._audits.items())

    def add(self, members: frozenset[str]) -> None:
        self._take(members, self._now)


def _marked(members: frozenset[str], marks: Mapping[str, Mapping[str, str]], name: str) -> frozenset[str]:
    if name == _SELF:
        return members
    return frozenset(f"{one}:{marks.get(one, {}).get(name, '')}" for one in members)


def draft(
    members: Sequence[Member], history: Sequence[Issue], *, names: Sequence[str], model_hash: str, today: str, seed: str
) -> Draft:
    """Work out the next release from who agrees now and everything published before (oldest first).

    `names` are the dimensions and the total; `seed` is a secret, the lot by which others leave together with one who left.
    """
    last = history[-1] if history else None
    known = {m.token: m for m in members}
    current: dict[str, set[str]] = defaultdict(set)
    for member in members:
        for cell in member.cells:
            current[cell].add(member.token)
    now = {m.token: marks(m) for m in members}
    audits = _Audits(history, now, names)
    steady = _steady(last, now, model_hash)
    resting = _resting(last, frozenset(now), steady, seed) if last else frozenset()
    chosen: dict[str, frozenset[str]] = {}
    cells: dict[str, Cell] = {}
    for cell in sorted(current, key=_depth):
        for wanted in _candidates(cell, frozenset(current[cell]), last, steady, resting):
            if len(wanted) >= disclosure.MINIMUM and audits.allow(wanted):
                audits.add(wanted)
                chosen[cell] = wanted
                cells[cell] = _cell(
                    cell, [known[one] for one in sorted(wanted)], last, model_hash, wanted, now, today, names
                )
                break
    issue = Issue(chosen, {one: now[one] for group in chosen.values() for one in group}, cells, model_hash)
    return Draft(issue, last is None or last.cells != cells or last.model_hash != model_hash)


def _candidates(
    cell: str,
    current: frozenset[str],
    last: Issue | None,
    steady: frozenset[str],
    resting: frozenset[str],
) -> list[frozenset[str]]:
    """Return who could be counted in a cell, best first: everybody, those of the last time, everybody without the resting, fewer."""
    before = last.members.get(cell, frozenset()) if last else frozenset()
    same = before & current & steady
    wanted = [current, same, current - resting, same - resting]
    return list(dict.fromkeys(group for group in wanted if group))


def _steady(last: Issue | None, now: Mapping[str, Mapping[str, str]], model_hash: str) -> frozenset[str]:
    """Return who still agrees with the same values as last time; in a new version of the model values tell nothing of changes."""
    if last is None:
        return frozenset()
    return frozenset(
        one for one, found in last.marks.items() if one in now and (last.model_hash != model_hash or now[one] == found)
    )


def _resting(last: Issue, here: frozenset[str], steady: frozenset[str], seed: str) -> frozenset[str]:
    """Return who leaves for a while with those who left: per smallest published cell at least `MINIMUM` together, or all of it.

    Whoever changed answers has left with the old ones and comes back with the new ones only among others.
    """
    home: dict[str, str] = {}
    for cell in sorted(last.members, key=_depth):
        home.update(dict.fromkeys(last.members[cell], cell))
    stay: dict[str, list[str]] = defaultdict(list)
    gone: dict[str, int] = defaultdict(int)
    for one in sorted(home):
        if one in steady:
            stay[home[one]].append(one)
        else:
            gone[home[one]] += 1
    lot = random.Random(seed)  # noqa: S311 - the seed is a secret; who rests is not
    resting: set[str] = set()
    for cell, left in sorted(gone.items()):
        need, rest = max(0, disclosure.MINIMUM - left), stay[cell]
        resting.update(rest if len(rest) - need < disclosure.MINIMUM else lot.sample(rest, need))
    return frozenset(resting) | ((frozenset(home) & here) - steady)


def _depth(cell: str) -> tuple[bool, int, str]:
    return cell != ALL, cell.count("/"), cell


def _cell(
    cell: str,
    members: Sequence[Member],
    last: Issue | None,
    model_hash: str,
    wanted: frozenset[str],
    now: Mapping[str, Mapping[str, str]],
    today: str,
    names: Sequence[str],
) -> Cell:
    """Return a cell's figures; the last ones with their day where nothing has changed."""
    unchanged = last is not None and last.model_hash == model_hash and last.members.get(cell) == wanted
    if last is not None and unchanged and cell in last.cells and all(last.marks.get(one) == now[one] for one in wanted):
        return last.cells[cell]
    common = [name for name in names if all(name in m.values for m in members)]
    figures = {name: interval([m.values[name] for m in members]) for name in common}
    # Where all have the same value, its mean would be the value of each.
    return Cell(len(members), {name: found for name, found in figures.items() if found[1] < found[2]}, today)
