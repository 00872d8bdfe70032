"""What happens to answers: what is relevant, what is kept, what is calculated, what has to be mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nordlotse.foundation.language import NOTHING, Text

#: An answer as it is kept: a choice's name, several names in the order of the form, a number, or words.
Answer = str | int | float | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mend:
    """What has to be mended in one answer: the question, a code, what is wrong, what to do."""

    question: str
    code: str
    message: Text
    remedy: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Filled:
    """Answers as a form takes them.

    `visible`: names of the questions that are asked now, in order. `answers`: those given to visible questions (a hidden
    question's answer is empty before anything is calculated). `calculated`: values of `calculate` rows (None: not known).
    `hidden`: names of questions not asked because of their or their group's `relevant`. `mends`: what has to be mended.
    """

    visible: tuple[str, ...]
    answers: Mapping[str, Answer]
    calculated: Mapping[str, float | str | None] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    mends: tuple[Mend, ...] = ()
