"""Reading the tree of a maturity model: dimensions, items, rows, each checked against the questionnaire and against its siblings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import cast

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.form import DONT_KNOW, NOT_APPLICABLE, Form, Kind, Question
from nordlotse.foundation.records.fields import Fields
from nordlotse.readiness.core.aggregate import highest, lowest
from nordlotse.readiness.core.maturity import Aggregate, Leaf, Node

#: Items and rows a model may have, and how deep they may lie: more than any published model by far.
MOST_LEAVES = 500
DEEPEST = 6

AGGREGATES = ("mean", "weighted_mean", "sum", "min")
_HUNDRED = Fraction(100)
#: Up to nine digits each, no powers of ten: "1e999999999" would fill the memory.
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?|-?\d{1,9}/\d{1,9}", re.ASCII)
_RESERVED = frozenset({DONT_KNOW, NOT_APPLICABLE})


def wrong(where: str, de: str, en: str, remedy_de: str, remedy_en: str) -> BadInput:
    """Return the error for a model that cannot be used."""
    return BadInput("model_broken", de=de, en=en, where=where, remedy_de=remedy_de, remedy_en=remedy_en)


def fraction(fields: Fields, key: str, value: object) -> Fraction:
    """Return a number as written: 0.1 is one tenth, "1/3" one third."""
    text = "" if isinstance(value, bool) or not isinstance(value, int | float | str) else str(value).strip()
    try:
        if not _NUMBER.fullmatch(text):
            raise ValueError
        return Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise wrong(
            fields.where(key),
            f"„{text[:40]}“ ist keine Zahl.",
            f"“{text[:40]}” is not a number.",
            'Schreiben Sie eine Zahl oder einen Bruch in Anführungszeichen, zum Beispiel "1/10".',
            'Write a number or a fraction in quotes, for example "1/10".',
        ) from error


def number(fields: Fields, key: str) -> Fraction | None:
    """Return a field that holds a number, None if it is missing."""
    value = fields.raw(key)
    return None if value is None else fraction(fields, key, value)


def label(fields: Fields, *, needed: bool = True, prefix: str = "") -> Text:
    """Return the texts beside `de` and `en` (or `text_de`, `text_en`)."""
    de, en = f"{prefix}de", f"{prefix}en"
    said = Text(fields.string(de, needed=needed), fields.string(en, needed=needed))
    if bool(said.de) != bool(said.en):
        missing = en if said.de else de
        raise wrong(
            fields.where(missing),
            f"„{missing}“ fehlt: Jeder Text steht in beiden Sprachen da.",
            f"“{missing}” is missing: every text is there in both languages.",
            f"Ergänzen Sie „{missing}“.",
            f"Add “{missing}”.",
        )
    return said


class TreeReader:
    """Reads the tree of one model; holds what is the same for all its parts."""

    def __init__(self, form: Form | None, unit: str, top: Fraction, not_applicable: str) -> None:
        self.form = form
        self.unit = unit
        self.top = top
        self.skips = not_applicable == "skip"
        self.leaves: dict[str, str] = {}

    def part(self, fields: Fields, weighted: bool, depth: int = 1) -> Node | Leaf:
        """Return an item or a node with what is below it."""
        inner = fields.raw("items") is not None
        return self._node(fields, weighted, depth) if inner else self._leaf(fields, weighted)

    def _weight(self, fields: Fields, weighted: bool) -> Fraction:
        weight = number(fields, "weight")
        if weighted and (weight is None or weight <= 0):
            raise wrong(
                fields.where("weight"),
                "Das Gewicht fehlt oder ist nicht größer als 0.",
                "The weight is missing or not greater than 0.",
                "Geben Sie jedem Teil eines gewichteten Mittels ein Gewicht; zusammen 100.",
                "Give every part of a weighted mean a weight; together 100.",
            )
        if not weighted and weight is not None:
            raise wrong(
                fields.where("weight"),
                "Das Gewicht hätte hier keine Wirkung.",
                "The weight would have no effect here.",
                "Löschen Sie „weight“ oder schreiben Sie eine Ebene höher „aggregate: weighted_mean“.",
                "Delete “weight” or write “aggregate: weighted_mean” one level up.",
            )
        return Fraction(1) if weight is None else weight

    def _node(self, fields: Fields, weighted: bool, depth: int) -> Node:
        if depth > DEEPEST:
            raise wrong(
                fields.where("items"),
                f"Tiefer als {DEEPEST} Ebenen.",
                f"Deeper than {DEEPEST} levels.",
                "Fassen Sie Ebenen zusammen.",
                "Merge levels.",
            )
        name = fields.string("id", needed=True)
        aggregate = cast(Aggregate, fields.choice("aggregate", AGGREGATES))
        children = tuple(
            self.part(child, aggregate == "weighted_mean", depth + 1) for child in fields.mappings("items")
        )
        scale = number(fields, "scale")
        node = Node(
            id=name,
            label=label(fields, needed=depth == 1),
            aggregate=aggregate,
            children=children,
            weight=self._weight(fields, weighted),
            scale=Fraction(1) if scale is None else scale,
            cap=number(fields, "cap"),
            text=label(fields, needed=False, prefix="text_"),
        )
        self.check(fields, "items", node)
        fields.done()
        return node

    def check(self, fields: Fields, key: str, node: Node) -> None:
        """Refuse a node whose parts cannot come together as it says."""
        where = fields.where(key)
        if not node.children:
            raise wrong(
                where, f"„{node.id}“ hat keine Teile.", f"“{node.id}” has no parts.", "Nennen Sie welche.", "Name some."
            )
        if node.scale <= 0 or (node.cap is not None and node.cap <= 0):
            raise wrong(
                where,
                f"„scale“ und „cap“ von „{node.id}“ müssen größer als 0 sein.",
                f"“scale” and “cap” of “{node.id}” must be greater than 0.",
                "Berichtigen Sie die Zahl.",
                "Correct the number.",
            )
        total = sum((child.weight for child in node.children), Fraction(0))
        if node.aggregate == "weighted_mean" and total != _HUNDRED:
            raise wrong(
                where,
                f"Die Gewichte in „{node.id}“ ergeben {plain(total)} statt 100.",
                f"The weights in “{node.id}” sum to {plain(total)} instead of 100.",
                "Ändern Sie die Gewichte, bis sie zusammen 100 ergeben.",
                "Change the weights until they sum to 100.",
            )
        # left out of a mean, a part with a smaller range would change what the others can reach
        ranges = {(lowest(child), highest(child)) for child in node.children}
        if self.skips and node.aggregate in ("mean", "weighted_mean") and len(ranges) > 1:
            raise wrong(
                where,
                f"Die Teile von „{node.id}“ reichen verschieden weit; ein Mittel daraus gewichtet sie heimlich.",
                f"The parts of “{node.id}” have different ranges; their mean would weight them unseen.",
                "Bringen Sie alle Teile auf denselben Bereich („scale“) und gewichten Sie mit „weighted_mean“.",
                "Bring all parts to the same range (“scale”) and weight them with “weighted_mean”.",
            )

    def _leaf(self, fields: Fields, weighted: bool) -> Leaf:
        name = fields.string("id", needed=True)
        if len(self.leaves) >= MOST_LEAVES:
            raise wrong(
                fields.where("id"),
                f"Mehr als {MOST_LEAVES} Punkte.",
                f"More than {MOST_LEAVES} items.",
                "Kürzen Sie das Modell.",
                "Shorten the model.",
            )
        if name in self.leaves:
            raise wrong(
                fields.where("id"),
                f"„{name}“ steht schon bei {self.leaves[name]}.",
                f"“{name}” already stands at {self.leaves[name]}.",
                "Jeder Punkt braucht einen eigenen Namen.",
                "Every item needs a name of its own.",
            )
        self.leaves[name] = fields.where("id")
        question = fields.string("question", needed=True)
        asked = self._question(fields, question)
        several = fields.raw("each") is not None
        scores = self._ticks(fields, asked) if several else self._stages(fields, asked)
        cap = number(fields, "cap")
        self._in_range(fields, scores, several)
        worth = sum(scores.values(), Fraction(0)) if several else max(scores.values())
        leaf = Leaf(
            id=name,
            question=question,
            scores=scores,
            several=several,
            low=Fraction(0) if several else min(scores.values()),
            high=worth if cap is None else min(worth, cap),
            cap=cap,
            weight=self._weight(fields, weighted),
            label=label(fields, needed=False) if asked is None else _said(label(fields, needed=False), asked.label),
            choices={} if asked is None else {c.name: c.label for c in asked.choices},
            exclusive=frozenset() if asked is None else frozenset(c.name for c in asked.choices if c.exclusive),
        )
        fields.done()
        return leaf

    def _question(self, fields: Fields, name: str) -> Question | None:
        if self.form is None:
            return None
        if name not in self.form.by_name:
            raise wrong(
                fields.where("question"),
                f"Die Frage „{name}“ gibt es nicht.",
                f"There is no question “{name}”.",
                "Nennen Sie eine Frage des Fragebogens oder nehmen Sie die Frage dort auf.",
                "Name a question of the questionnaire or add the question there.",
            )
        asked = self.form.by_name[name]
        needed = Kind.SELECT_MULTIPLE if fields.raw("each") is not None else Kind.SELECT_ONE
        if asked.kind is not needed:
            raise wrong(
                fields.where("question"),
                f"Die Frage „{name}“ ist {asked.kind.value}; gebraucht wird {needed.value}.",
                f"The question “{name}” is {asked.kind.value}; {needed.value} is needed.",
                "Nehmen Sie „map“ für eine Antwort von mehreren (select_one), „each“ und „of“ für mehrere (select_multiple).",
                "Use “map” for one answer (select_one), “each” and “of” for several (select_multiple).",
            )
        return asked

    def _stages(self, fields: Fields, asked: Question | None) -> dict[str, Fraction]:
        """Return the points of one choice out of several; a choice mapped to nothing stays undetermined."""
        raw = fields.raw("map", needed=True)
        if not isinstance(raw, dict) or not raw:
            raise fields.wrong("map", "muss jeder Antwort Punkte geben.", "must give each answer its points.")
        named = {str(choice): value for choice, value in raw.items()}
        self._known(fields, "map", tuple(named), asked)
        for choice in () if asked is None else asked.choices:
            if choice.name not in named and choice.name not in _RESERVED:
                raise wrong(
                    fields.where("map"),
                    f"Der Antwort „{choice.name}“ fehlen Punkte.",
                    f"The answer “{choice.name}” has no points.",
                    f"Ergänzen Sie „{choice.name}“; „null“ heißt: kein Gegenstück, der Punkt bleibt offen.",
                    f"Add “{choice.name}”; “null” means: no counterpart, the item stays undetermined.",
                )
        scores = {
            choice: fraction(fields, f"map.{choice}", value) for choice, value in named.items() if value is not None
        }
        if not scores:
            raise fields.wrong("map", "gibt keiner Antwort Punkte.", "gives no answer any points.")
        return scores

    def _ticks(self, fields: Fields, asked: Question | None) -> dict[str, Fraction]:
        """Return the points of each choice that may be ticked; those not named add nothing.

        `each: "1/10"` with `of: [...]` gives all the same, `each: {choice: points}` each its own.
        """
        each = fields.raw("each")
        if isinstance(each, dict):
            scores = {str(choice): fraction(fields, f"each.{choice}", points) for choice, points in each.items()}
        else:
            raw = fields.raw("of", needed=True)
            if not isinstance(raw, list) or not raw:
                raise fields.wrong("of", "muss eine Liste von Antworten sein.", "must be a list of answers.")
            scores = dict.fromkeys((str(choice) for choice in raw), fraction(fields, "each", each))
            if len(scores) != len(raw):
                raise fields.wrong("of", "nennt eine Antwort zweimal.", "names an answer twice.")
        self._known(fields, "of", tuple(scores), asked)
        for choice in () if asked is None else asked.choices:
            if choice.exclusive and scores.get(choice.name):
                raise wrong(
                    fields.where("of"),
                    f"„{choice.name}“ heißt „nichts davon“ und darf keine Punkte geben.",
                    f"“{choice.name}” means “none of these” and must not give points.",
                    f"Nehmen Sie „{choice.name}“ aus „of“ heraus.",
                    f"Remove “{choice.name}” from “of”.",
                )
            if choice.name not in _RESERVED:
                scores.setdefault(choice.name, Fraction(0))
        return scores

    def _known(self, fields: Fields, key: str, names: Sequence[str], asked: Question | None) -> None:
        for name in names:
            if name in _RESERVED or (asked is not None and asked.choice(name) is None):
                known = "" if asked is None else ", ".join(c.name for c in asked.choices)
                raise wrong(
                    fields.where(key),
                    f"Die Antwort „{name}“ gibt es dort nicht.",
                    f"There is no answer “{name}”.",
                    f"Möglich sind: {known}. „Weiß nicht“ und „trifft nicht zu“ regelt das Modell als Ganzes.",
                    f"Possible: {known}. “Don't know” and “not applicable” are ruled by the model as a whole.",
                )

    def _in_range(self, fields: Fields, scores: Mapping[str, Fraction], several: bool) -> None:
        high = self.top if self.unit == "level" else None
        for choice, points in scores.items():
            if points < 0 or (high is not None and not several and points > high):
                upto = f" bis {plain(high)}" if high is not None else ""
                to = f" to {plain(high)}" if high is not None else ""
                raise wrong(
                    fields.where("each" if several else "map"),
                    f"{plain(points)} Punkte für „{choice}“ liegen außerhalb des Bereichs ab 0{upto}.",
                    f"{plain(points)} points for “{choice}” are outside the range from 0{to}.",
                    "Ändern Sie die Punkte.",
                    "Change the points.",
                )


def _said(own: Text, other: Text) -> Text:
    return own if own.de else other


def plain(value: Fraction) -> str:
    """Return a number for an error: decimal if it is one with few digits, else the fraction."""
    return f"{float(value):g}" if 10**4 % value.denominator == 0 else str(value)
