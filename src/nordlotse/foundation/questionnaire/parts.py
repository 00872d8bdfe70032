"""The parts of a formula as it was read: a tree of constants, references, calls, signs and chains of operators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Constant:
    """A number or words as written. `at`: its place in the formula, counted from 0."""

    value: float | str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """`${name}`; `.` is the reference to the question itself."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[Part, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """A minus sign before a part."""

    part: Part
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators of one rank in a row, from the left: `first`, then (operator, part) each."""

    first: Part
    rest: tuple[tuple[str, Part], ...]
    at: int = field(default=0, compare=False)


Part = Constant | Reference | Call | Negative | Chain


def parts_of(part: Part) -> Iterator[Part]:
    """Yield a part and all parts in it."""
    yield part
    if isinstance(part, Call):
        inner: tuple[Part, ...] = part.arguments
    elif isinstance(part, Negative):
        inner = (part.part,)
    elif isinstance(part, Chain):
        inner = (part.first, *(p for _, p in part.rest))
    else:
        inner = ()
    for one in inner:
        yield from parts_of(one)
