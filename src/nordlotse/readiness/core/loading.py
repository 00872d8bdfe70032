"""Reading a maturity model from YAML (or from a questionnaire's own columns), strictly: what is wrong is told with file, place, remedy.

Nothing is guessed and nothing ignored: unknown keys, weights that do not sum to 100, points out of range, questions or choices that
do not exist, parts that would count differently than they look, each is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any, cast

import yaml

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.foundation.questionnaire.form import Form
from nordlotse.foundation.records.fields import Fields, read_yaml
from nordlotse.readiness.core.aggregate import highest, lowest
from nordlotse.readiness.core.branches import AGGREGATES, TreeReader, fraction, label, number, plain, wrong
from nordlotse.readiness.core.double_keys import refuse_double_keys
from nordlotse.readiness.core.maturity import (
    Aggregate,
    Band,
    Distribution,
    MaturityModel,
    Missing,
    ModelSource,
    Node,
    NotApplicable,
    Rounding,
    Unit,
    Vector,
)
from nordlotse.readiness.core.written import rules_hash

#: A model file is text of a few hundred lines; a larger one is a mistake or an attack.
LONGEST = 500_000


def read_model(text: str, place: str, form: Form | None = None) -> MaturityModel:
    """Return the model written in a YAML text; `place` names the file. With `form`, its questions and choices must exist there.

    Raises:
        BadInput: `model_broken`, with file, place and remedy.
        TooLarge: more than `LONGEST` characters.
    """
    if len(text) > LONGEST:
        raise TooLarge(
            "model_too_large",
            de=f"Die Modell-Datei ist länger als {LONGEST} Zeichen.",
            en=f"The model file is longer than {LONGEST} characters.",
            where=place,
            remedy_de="Teilen Sie das Modell auf oder kürzen Sie die Texte.",
            remedy_en="Split the model or shorten its texts.",
        )
    try:
        fields = read_yaml(text, place)
        refuse_double_keys(yaml.compose(text, Loader=yaml.SafeLoader), place)
        return _model(fields, form)
    except BadInput as problem:
        if problem.code != "record_broken":
            raise
        # the reader of fields is shared with the records; here it is a model that is broken
        raise wrong(
            problem.where, problem.message_de, problem.message_en, problem.remedy_de, problem.remedy_en
        ) from problem


def model_of(tree: Mapping[str, Any], place: str, form: Form | None = None) -> MaturityModel:
    """Return the model written as plain values, as `written.as_tree` writes and keeps it.

    Raises:
        BadInput: as `read_model`.
    """
    return read_model(yaml.safe_dump(dict(tree), allow_unicode=True, sort_keys=False), place, form)


def _model(fields: Fields, form: Form | None) -> MaturityModel:
    unit = fields.choice("unit", ("level", "points"))
    top = number(fields, "top")
    if top is None or top <= 0:
        raise fields.wrong("top", "muss größer als 0 sein.", "must be greater than 0.")
    not_applicable = cast(NotApplicable, fields.choice("not_applicable", ("skip", "zero")))
    tree = TreeReader(form, unit, top, not_applicable)
    title = fields.text("title", needed=True)
    root = _root(fields, tree, title)
    if highest(root) != top:
        raise wrong(
            fields.where("top"),
            f"Der höchste Gesamtwert ist {plain(highest(root))}, nicht {plain(top)}.",
            f"The highest total is {plain(highest(root))}, not {plain(top)}.",
            "Berichtigen Sie „top“, die Punkte oder „scale“.",
            "Correct “top”, the points or “scale”.",
        )
    bands = _bands(fields, "bands", lowest(root), top)
    dimension_bands = bands
    if fields.raw("dimension_bands") is not None:
        reach = max(highest(part) for part in root.children)
        dimension_bands = _bands(fields, "dimension_bands", min(lowest(part) for part in root.children), reach)
    minutes = fields.whole("minutes")
    made = MaturityModel(
        id=_identifier(fields),
        version=str(fields.raw("version", needed=True)),
        title=title,
        root=root,
        bands=bands,
        dimension_bands=dimension_bands,
        top=top,
        unit=cast(Unit, unit),
        rounding=cast(Rounding, fields.choice("rounding", ("none", "half_up"))),
        missing=cast(Missing, fields.choice("missing", ("undetermined_with_bounds", "zero", "skip"))),
        not_applicable=not_applicable,
        minutes=minutes or 0,
        about=fields.text("about", needed=True),
        limits=fields.text("limits", needed=True),
        attribution=fields.text("attribution"),
        sources=tuple(_sources(fields)),
        published=tuple(_published(fields, root, bands, dimension_bands)),
        hash="",
        parameters={key: str(value) for key, value in fields.mapping("parameters").items()},
        vector=_vector(fields, root, form),
    )
    fields.done()
    return replace(made, hash=rules_hash(made))


def _identifier(fields: Fields) -> str:
    name = fields.string("id", needed=True)
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii() or len(name) > 40:
        raise wrong(
            fields.where("id"),
            f"„{name}“ taugt nicht als Kennung.",
            f"“{name}” cannot be an id.",
            "Nehmen Sie höchstens 40 Buchstaben ohne Umlaute, Ziffern, - und _.",
            "Use at most 40 ASCII letters, digits, - and _.",
        )
    return name


def _root(fields: Fields, tree: TreeReader, title: Text) -> Node:
    aggregate = cast(Aggregate, fields.choice("aggregate", AGGREGATES))
    scale, cap = number(fields, "scale"), number(fields, "cap")
    dimensions = tuple(tree.part(part, aggregate == "weighted_mean") for part in fields.mappings("dimensions"))
    names = [part.id for part in dimensions]
    if len(set(names)) != len(names):
        raise fields.wrong("dimensions", "nennt eine Dimension zweimal.", "names a dimension twice.")
    root = Node("total", title, aggregate, dimensions, scale=Fraction(1) if scale is None else scale, cap=cap)
    tree.check(fields, "dimensions", root)
    return root


def _bands(fields: Fields, key: str, low: Fraction, high: Fraction) -> tuple[Band, ...]:
    bands: list[Band] = []
    for place, row in enumerate(fields.mappings(key)):
        lower = fraction(row, "from", row.raw("from", needed=True))
        bands.append(
            Band(
                key=str(row.raw("key", needed=True)),
                number=place,
                lower=lower,
                label=label(row),
                text=label(row, needed=False, prefix="text_"),
            )
        )
        if (place == 0 and lower > low) or (place and lower <= bands[place - 1].lower) or lower > high:
            raise wrong(
                row.where("from"),
                f"Stufe „{bands[place].key}“ beginnt bei {plain(lower)}: Stufen steigen von {plain(low)} bis höchstens {plain(high)}.",
                f"Level “{bands[place].key}” begins at {plain(lower)}: levels rise from {plain(low)} to at most {plain(high)}.",
                "Ordnen Sie die Stufen aufsteigend; die erste beginnt beim kleinsten Wert.",
                "Order the levels upwards; the first begins at the smallest value.",
            )
        row.done()
    if not bands:
        raise fields.wrong(key, "fehlt: Ein Modell braucht Stufen.", "is missing: a model needs levels.")
    if len({band.key for band in bands}) != len(bands):
        raise fields.wrong(key, "nennt eine Stufe zweimal.", "names a level twice.")
    return tuple(bands)


def _sources(fields: Fields) -> Iterator[ModelSource]:
    for row in fields.mappings("sources"):
        yield ModelSource(
            title=row.string("title", needed=True),
            publisher=row.string("publisher", needed=True),
            year=row.whole("year"),
            url=row.string("url"),
            checked_on=_day(row, "checked_on"),
            basis=row.string("basis"),
        )
        row.done()


def _day(fields: Fields, key: str) -> date | None:
    value = fields.raw(key)
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise fields.wrong(key, "muss ein Tag sein (JJJJ-MM-TT).", "must be a day (YYYY-MM-DD).") from error
    return fields.day(key)


def _published(
    fields: Fields, root: Node, bands: tuple[Band, ...], dimension_bands: tuple[Band, ...]
) -> Iterator[Distribution]:
    known = {"total": bands} | {part.id: dimension_bands for part in root.children}
    for row in fields.mappings("published"):
        about = row.choice("about", tuple(known))
        keys = {band.key for band in known[about]}
        shares = {str(key): fraction(row, "shares", value) for key, value in row.mapping("shares").items()}
        if set(shares) - keys or any(share < 0 for share in shares.values()) or not 98 <= sum(shares.values()) <= 102:
            raise wrong(
                row.where("shares"),
                f"Die Anteile gehören zu den Stufen {', '.join(sorted(keys))} und ergeben rund 100 Prozent.",
                f"The shares belong to the levels {', '.join(sorted(keys))} and sum to about 100 percent.",
                "Vergleichen Sie die Zahlen mit der Quelle.",
                "Compare the figures with the source.",
            )
        year = row.whole("year")
        if year is None:
            raise row.wrong("year", "fehlt.", "is missing.")
        yield Distribution(
            about=about,
            shares=shares,
            n=str(row.raw("n", needed=True)),
            year=year,
            scope=row.text("scope", needed=True),
            source=row.string("source", needed=True),
            note=row.text("note"),
            synthetic=bool(row.flag("synthetic")),
        )
        row.done()


def _vector(fields: Fields, root: Node, form: Form | None) -> Vector:
    raw = fields.mapping("vector")
    if not raw:
        return Vector()
    inner = Fields(raw, fields.where("vector"))
    known = {part.id for part in root.children}
    known |= {child.id for part in root.children if isinstance(part, Node) for child in part.children}
    order = inner.strings("order")
    names = {str(key): str(value) for key, value in inner.mapping("names").items()}
    given = {str(key): str(value) for key, value in inner.mapping("given").items()}
    for name in (*order, *names.values()):
        if name not in known:
            raise inner.wrong("order", f"„{name}“ ist kein Teil des Modells.", f"“{name}” is no part of the model.")
    for name in given:
        if form is not None and name not in form.by_name:
            raise inner.wrong("given", f"Die Frage „{name}“ gibt es nicht.", f"There is no question “{name}”.")
    inner.done()
    return Vector(order, names, given)
