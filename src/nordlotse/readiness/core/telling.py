"""Scores in words, in German and English: values, levels, bounds, and the sentence beside each picture.

Pages, PDF, command line and the result that goes into a case say the same, because they all ask here.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from nordlotse.foundation.language import LANGS, Lang, Text
from nordlotse.foundation.questionnaire.form import DONT_KNOW, NOT_APPLICABLE, Form, Question
from nordlotse.readiness.core import explaining
from nordlotse.readiness.core.aggregate import band_of_dimension, band_of_total
from nordlotse.readiness.core.catalogue import questions
from nordlotse.readiness.core.maturity import Band, MaturityModel
from nordlotse.readiness.core.score import PartScore, Score

_NONE_TICKED = Text("nichts davon", "none of these")
_UNKNOWN = Text("weiß nicht", "do not know")
_OPEN = Text("keine Antwort", "no answer")
_APPLIES_NOT = Text("trifft nicht zu", "does not apply")


def figure(value: Fraction, lang: Lang, places: int = 1) -> str:
    """Write a value with at most so many decimals: "41,3" in German, "41.3" in English."""
    return explaining.figure(value, places).get(lang)


def places_of(model: MaturityModel) -> int:
    """Return how many decimals a value of the model takes: levels lie close together."""
    return 2 if model.unit == "level" else 1


def span(part: PartScore, model: MaturityModel, lang: Lang) -> str:
    """Write a value, or the bounds of a value that is not known: "20 – 60"."""
    places = places_of(model)
    low, high = figure(part.lower, lang, places), figure(part.upper, lang, places)
    return low if low == high else f"{low} – {high}"


def about(part: PartScore, model: MaturityModel, lang: Lang) -> str:
    """Write a value as one says it: points in whole numbers, "etwa 30 bis 44"; levels as they are."""
    if model.unit == "level":
        return span(part, model, lang).replace(" – ", " bis " if lang == "de" else " to ")
    low, high = figure(part.lower, lang, 0), figure(part.upper, lang, 0)
    exact = part.lower == part.upper and part.lower.denominator == 1
    word = "" if exact else "etwa " if lang == "de" else "about "
    return f"{word}{low}" if low == high else f"{word}{low} {'bis' if lang == 'de' else 'to'} {high}"


def possible_bands(model: MaturityModel, part: PartScore, *, total: bool) -> tuple[Band, ...]:
    """Return every level the total or a dimension may have, given its bounds."""
    bands, of = (model.bands, band_of_total) if total else (model.dimension_bands, band_of_dimension)
    if not bands or not part.applies:
        return ()
    low, high = of(model, part.lower), of(model, part.upper)
    return tuple(b for b in bands if low.number <= b.number <= high.number)


def level_name(bands: Sequence[Band]) -> Text:
    """Say which level: its name, or "zwischen … und …" where answers are missing."""
    if not bands:
        return Text("noch offen", "still open")
    first, last = bands[0].label, bands[-1].label
    if len(bands) == 1:
        return first
    return Text(f"zwischen „{first.de}“ und „{last.de}“", f"between “{first.en}” and “{last.en}”")


def level_number(bands: Sequence[Band], model: MaturityModel) -> Text:
    """Say the level as a number: "Stufe 2 von 3", or on a study's own scale "Stufe 2 auf der Skala 0 bis 5"."""
    if not bands:
        return Text("Stufe noch offen", "Level still open")
    first, last, top = (level_place(band, model) for band in (bands[0], bands[-1], model.bands[-1]))
    of = Text(f"von {top}", f"of {top}")
    if model.unit == "level":
        of = Text(f"auf der Skala 0 bis {top}", f"on the scale 0 to {top}")
    if len(bands) == 1:
        return Text(f"Stufe {first} {of.de}", f"Level {first} {of.en}")
    return Text(f"Stufe {first} bis {last} {of.de}", f"Level {first} to {last} {of.en}")


def level_place(band: Band, model: MaturityModel) -> int:
    """Return which level it is as people count: from 1; where values are levels themselves, the level's own number."""
    return band.number if model.unit == "level" else band.number + 1


def unit(model: MaturityModel) -> Text:
    """Say what values are counted in and how far they go."""
    top = figure(model.top, "en")
    if model.unit == "level":
        return Text(f"Wert von 0 bis {top}", f"Value from 0 to {top}")
    return Text(f"Punkte von 0 bis {top}", f"Points from 0 to {top}")


def missing(score: Score) -> int:
    """Return how many answers the model does not have."""
    return score.asked - score.answered


def why_open(score: Score, model: MaturityModel) -> Text:
    """Say why a result has bounds instead of one value; nothing where no answer is missing."""
    n = missing(score)
    if not n:
        return Text("", "")
    low, high = score.total.lower, score.total.upper
    places = places_of(model)
    de = f"zwischen {figure(low, 'de', places)} und {figure(high, 'de', places)}"
    en = f"between {figure(low, 'en', places)} and {figure(high, 'en', places)}"
    what = "Der Wert" if model.unit == "level" else "Die Punktzahl"
    value = "value" if model.unit == "level" else "number of points"
    many = (
        (
            f"eine von {score.asked} Antworten fehlt oder nicht bekannt ist",
            f"one of {score.asked} answers is missing or not known",
        )
        if n == 1
        else (
            f"{n} von {score.asked} Antworten fehlen oder nicht bekannt sind",
            f"{n} of {score.asked} answers are missing or not known",
        )
    )
    return Text(f"{what} liegt {de}, weil {many[0]}.", f"The {value} lies {en} because {many[1]}.")


def picture_sentence(score: Score, model: MaturityModel) -> Text:
    """Say what the picture of the areas shows: where the company is furthest and least far, among those that are known; what is open."""
    parts = [d for d in score.dimensions if d.applies and d.top]
    known, rest = [d for d in parts if d.lower == d.upper], [d for d in parts if d.lower < d.upper]
    if not parts:
        return Text("Kein Bereich trifft auf Ihren Betrieb zu.", "No area applies to your company.")
    said = [_ranked(known, model, bool(rest))] if len(known) > 1 else []
    if rest:
        de, en = (", ".join(f"{d.label.get(lang)} ({span(d, model, lang)})" for d in rest) for lang in LANGS)
        said.append(Text(f"Noch offen, weil Antworten fehlen: {de}.", f"Still open, as answers are missing: {en}."))
    return Text(" ".join(t.de for t in said), " ".join(t.en for t in said))


def _ranked(parts: Sequence[PartScore], model: MaturityModel, some: bool) -> Text:
    best, least = max(parts, key=lambda d: d.lower / d.top), min(parts, key=lambda d: d.lower / d.top)
    if best.lower * least.top == least.lower * best.top:
        every = Text("Die übrigen Bereiche", "The other areas") if some else Text("Alle Bereiche", "All areas")
        return Text(
            f"{every.de} stehen gleich: {_written(best, model, 'de')}.",
            f"{every.en} stand level: {_written(best, model, 'en')}.",
        )
    among = (
        Text("Unter den Bereichen ohne Lücke sind Sie am weitesten", "Among the areas without a gap you are furthest")
        if some
        else Text("Am weitesten sind Sie", "You are furthest")
    )
    return Text(
        f"{among.de} bei „{best.label.de}“ ({_written(best, model, 'de')}), am wenigsten weit bei"
        f" „{least.label.de}“ ({_written(least, model, 'de')}).",
        f"{among.en} in “{best.label.en}” ({_written(best, model, 'en')}) and least far in"
        f" “{least.label.en}” ({_written(least, model, 'en')}).",
    )


def _written(part: PartScore, model: MaturityModel, lang: Lang) -> str:
    """Write an area's value with its unit."""
    value, top = figure(part.lower, lang, places_of(model)), figure(part.top, lang)
    if model.unit == "level":
        return f"{'Stufe' if lang == 'de' else 'level'} {value}"
    return f"{value} {'von' if lang == 'de' else 'of'} {top}"


def answer_words(form: Form, question: str, answer: object) -> Text:
    """Say an answer as the form words it; several are joined."""
    asked = _question(form, question)
    if answer is None:
        return _OPEN
    if answer == DONT_KNOW:
        return _UNKNOWN
    if isinstance(answer, tuple | list):
        found = [answer_words(form, question, one) for one in answer]
        return Text("; ".join(t.de for t in found), "; ".join(t.en for t in found)) if found else _NONE_TICKED
    choice = asked.choice(str(answer)) if asked else None
    if choice is not None:
        return choice.label
    if answer == NOT_APPLICABLE:
        return _APPLIES_NOT
    return Text(str(answer).replace(".", ","), str(answer)) if isinstance(answer, float) else Text(*[str(answer)] * 2)


def question_words(form: Form, question: str) -> Text:
    """Return a question's wording; its name where neither the form nor the common set knows it."""
    asked = _question(form, question)
    return asked.label if asked else Text(question, question)


def _question(form: Form, name: str) -> Question | None:
    """Return a question of the form, else of the common set: a measure also raises what this form does not ask."""
    return form.by_name.get(name) or questions().by_name.get(name)
