"""Today's answers as a plan counts them, and what measures make of them.

What is not known counts as the lowest answer; what does not apply (or is not asked) stays as it is. One choice is raised to
at least a choice, by the points of the model at hand; of several, choices are ticked and a choice that stands alone goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from nordlotse.foundation.questionnaire.form import DONT_KNOW, NOT_APPLICABLE, Form, Kind
from nordlotse.readiness.core.aggregate import valued
from nordlotse.readiness.core.maturity import Leaf, MaturityModel, Node
from nordlotse.readiness.core.measure import Answers, Measure, Raise
from nordlotse.readiness.core.scoring import points_of

#: An answer of a plan: one choice, several choices, or None for what is not known.
Chosen = str | tuple[str, ...] | None

#: Where a choice stands among the choices of its question: all its points in the model, then the points leaf by leaf.
Rank = tuple[Fraction, ...]


class Prospect:
    """The answers of one company, seen through one model.

    `today` holds the known answers that count, `unknown` the questions of the model without one, `fixed` those that no measure
    changes (hidden, not applicable, or `left_out`: unknown in a model that leaves out what is missing).
    """

    def __init__(
        self, model: MaturityModel, answers: Answers, form: Form | None = None, hidden: frozenset[str] = frozenset()
    ) -> None:
        """Take the answers; `form` tells choices of questions outside the model, and which stand alone."""
        self.model = model
        self.form = form
        self.leaves: dict[str, list[Leaf]] = {}
        for leaf in model.leaves():
            self.leaves.setdefault(leaf.question, []).append(leaf)
        self.fixed = hidden | {name for name, given in answers.items() if given == NOT_APPLICABLE}
        self.today: dict[str, str | tuple[str, ...]] = {}
        for name, given in answers.items():
            known = None if name in self.fixed else self._known(name, given)
            if known is not None:
                self.today[name] = known
        self.unknown = tuple(q for q in self.leaves if q not in self.today and q not in self.fixed)
        # a model that leaves out what is missing cannot say what a step there would bring
        self.left_out = frozenset(self.unknown) if model.missing == "skip" else frozenset[str]()
        self.fixed |= self.left_out
        self._ranks: dict[str, Mapping[str, Rank]] = {}

    def _known(self, name: str, given: object) -> Chosen:
        """Return an answer as it counts, None where it is none."""
        if given is None or given in (DONT_KNOW, ""):
            return None
        leaves = self.leaves.get(name, ())
        if any(leaf.several for leaf in leaves) or isinstance(given, list | tuple | set | frozenset):
            return self._ticks(name, given.split() if isinstance(given, str) else given)
        known = not leaves or any(str(given) in leaf.scores for leaf in leaves)
        return str(given) if known else None

    def _ticks(self, name: str, given: object) -> tuple[str, ...] | None:
        """Return the ticks of an answer; one that stands alone counts alone, as the scorer has it."""
        if not isinstance(given, list | tuple | set | frozenset) or DONT_KNOW in given or NOT_APPLICABLE in given:
            return None
        ticked = [str(choice) for choice in given]
        alone = [choice for choice in ticked if choice in self._alone(name)]
        return tuple(dict.fromkeys(alone or ticked))

    def _alone(self, name: str) -> set[str]:
        """Return the choices of a question that stand alone, as “none of these”."""
        asked = self.form.by_name.get(name) if self.form else None
        alone = {choice.name for choice in asked.choices if choice.exclusive} if asked else set[str]()
        return alone | {choice for leaf in self.leaves.get(name, ()) for choice in leaf.exclusive}

    def ranks(self, question: str) -> Mapping[str, Rank]:
        """Return where the choices of a question with one answer stand: by points, outside the model by the form's order."""
        if question not in self._ranks:
            self._ranks[question] = self._ranked(question)
        return self._ranks[question]

    def _ranked(self, question: str) -> Mapping[str, Rank]:
        leaves = self.leaves.get(question, [])
        if leaves:
            return {choice: _rank(leaves, choice) for leaf in leaves for choice in leaf.scores}
        asked = self.form.by_name.get(question) if self.form else None
        choices = asked.choices if asked and asked.kind == Kind.SELECT_ONE else ()
        if any(c.score is not None for c in choices):
            return {c.name: (Fraction(str(c.score)),) for c in choices if c.score is not None}
        return {c.name: (Fraction(place),) for place, c in enumerate(choices) if c.name != NOT_APPLICABLE}

    def several(self, raised: Raise) -> bool:
        """Tell whether a question takes several choices."""
        leaves = self.leaves.get(raised.question)
        return leaves[0].several if leaves else bool(raised.adds)

    def changed(self, chosen: Mapping[str, str | tuple[str, ...]], raised: Raise) -> str | tuple[str, ...] | None:
        """Return the answer that a measure makes of what is chosen so far; None where it changes nothing."""
        if raised.question in self.fixed:
            return None
        now = chosen.get(raised.question)
        if self.several(raised):
            ticked = (now,) if isinstance(now, str) else now or ()
            new = [choice for choice in raised.adds if choice not in ticked]
            return self._ticked(raised.question, (*ticked, *new), new) if new else None
        if not raised.to or isinstance(now, tuple) or now == raised.to:
            return None
        ranks = self.ranks(raised.question)
        if raised.to not in ranks:
            # a question that neither model nor form knows: the measure is taken at its word
            return None if ranks else raised.to
        standing = self.rank(raised.question, now)
        return raised.to if standing is None or ranks[raised.to] > standing else None

    def rank(self, question: str, choice: str | None) -> Rank | None:
        """Return where an answer stands: an unknown one lowest, None outside the model."""
        leaves = self.leaves.get(question)
        if choice is None or choice not in self.ranks(question):
            return _rank(leaves, "") if leaves else None
        return self.ranks(question)[choice]

    def _ticked(self, question: str, choices: Iterable[str], new: Iterable[str]) -> tuple[str, ...]:
        """Return ticks in the order of the form, without a choice that stands alone once there is another."""
        asked = self.form.by_name.get(question) if self.form else None
        order = [choice.name for choice in asked.choices] if asked else []
        alone = self._alone(question) - set(new)
        place = {name: number for number, name in enumerate(order)}
        kept = [choice for choice in dict.fromkeys(choices) if choice not in alone]
        return tuple(sorted(kept, key=lambda choice: place.get(choice, len(place))))

    def after(
        self, chosen: Mapping[str, str | tuple[str, ...]], measures: Iterable[Measure]
    ) -> dict[str, str | tuple[str, ...]]:
        """Return the answers once the measures are done, one after the other."""
        result = dict(chosen)
        for measure in measures:
            for raised in measure.raises:
                new = self.changed(result, raised)
                if new is not None:
                    result[raised.question] = new
        return result

    def changes(self, measure: Measure) -> bool:
        """Tell whether a measure changes any of today's answers."""
        return any(self.changed(self.today, raised) is not None for raised in measure.raises)

    def does(self, measure: Measure) -> frozenset[tuple[str, str]]:
        """Return what a measure brings in the model: every tick, and every choice up to its own above today's."""
        brought: set[tuple[str, str]] = set()
        for raised in measure.raises:
            if raised.question not in self.leaves or self.changed(self.today, raised) is None:
                continue
            if self.several(raised):
                brought |= {(raised.question, choice) for choice in raised.adds}
            else:
                ranks = self.ranks(raised.question)
                brought |= {(raised.question, c) for c, rank in ranks.items() if rank <= ranks[raised.to]}
        return frozenset(brought)

    def met(self, measure: Measure) -> bool:
        """Tell whether today's answer already is what a measure is for: its first raise; the others come along with it."""
        main = measure.raises[0]
        return main.question not in self.fixed and self.changed(self.today, main) is None

    def begun(self, measure: Measure) -> bool:
        """Tell whether today's answer to what a measure is for stands above the lowest: the company does something of the kind."""
        main = measure.raises[0]
        given = self.today.get(main.question)
        if isinstance(given, tuple):
            return bool(set(given) - self._alone(main.question))
        ranks = self.ranks(main.question)
        return given is not None and given in ranks and ranks[given] > min(ranks.values())

    def total(self, chosen: Mapping[str, str | tuple[str, ...]]) -> Fraction:
        """Return the exact total for chosen answers."""
        value = self.value(self.model.root, chosen)
        return Fraction(0) if value is None else value

    def value(self, part: Node | Leaf, chosen: Mapping[str, str | tuple[str, ...]]) -> Fraction | None:
        """Return the exact value of a part for chosen answers; None where nothing of it applies."""
        return valued(part, lambda leaf: self._points(leaf, chosen)).value

    def _points(self, leaf: Leaf, chosen: Mapping[str, str | tuple[str, ...]]) -> Fraction | None:
        if leaf.question in self.left_out:
            return None
        if leaf.question in self.fixed:
            return leaf.low if self.model.not_applicable == "zero" else None
        given = chosen.get(leaf.question)
        if given is None or (isinstance(given, str) and given not in leaf.scores):
            return leaf.low
        return points_of(leaf, given)


def _rank(leaves: Iterable[Leaf], choice: str) -> Rank:
    points = [leaf.scores.get(choice, leaf.low) for leaf in leaves]
    return (sum(points, Fraction(0)), *points)
