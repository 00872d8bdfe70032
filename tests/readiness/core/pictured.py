"""A small model with a score and a plan made by hand, for what is drawn and written of them; texts as long as asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.foundation.questionnaire.form import Choice, Form, Kind, Question
from nordlotse.readiness.core.maturity import Band, Distribution, Leaf, MaturityModel, ModelSource, Node
from nordlotse.readiness.core.measure import Cost, Goal, Measure, Plan, Raise, Step
from nordlotse.readiness.core.score import Blocking, PartScore, Point, Score

NAMES = ("Strategie", "Fabrik", "Abläufe", "Produkte", "Datenbasierte Dienste", "Beschäftigte")
SHARES = {
    "0": Fraction(389, 10),
    "1": Fraction(376, 10),
    "2": Fraction(179, 10),
    "3": Fraction(46, 10),
    "4": Fraction(1),
    "5": Fraction(0),
}


def text(words: str, letters: int = 0) -> Text:
    """Return a text in both languages, filled up to so many letters."""
    filling = " und das gilt für Digitalisierungsverantwortungszuständigkeiten aller Art" * (letters // 70 + 1)
    return Text((words + filling)[: max(letters, len(words))], (words + filling)[: max(letters, len(words))])


def bands(letters: int = 0) -> tuple[Band, ...]:
    return tuple(
        Band(str(n), n, Fraction(n), text(f"Stufe {n}", letters // 6), text("Was es heißt", letters)) for n in range(6)
    )


def model(letters: int = 0) -> MaturityModel:
    dimensions = tuple(
        Node(f"d{n}", text(name, letters // 4), "min", (_leaf(n),), weight=Fraction(100, 6))
        for n, name in enumerate(NAMES)
    )
    return MaturityModel(
        id="made",
        version="1",
        title=text("Gemachtes Modell", letters // 2),
        root=Node("total", text("Gesamt"), "weighted_mean", dimensions),
        bands=bands(letters),
        dimension_bands=bands(letters),
        top=Fraction(5),
        unit="level",
        rounding="half_up",
        missing="undetermined_with_bounds",
        not_applicable="skip",
        minutes=5,
        about=text("Worum es geht.", letters),
        limits=text("Was es nicht kann.", letters),
        attribution=text("Woher es kommt.", letters),
        sources=(ModelSource(text("Bericht", letters).de, "Verlag", 2015, "https://example.org/"),)
        * (8 if letters else 1),
        published=(published("total"), *(published(f"d{n}") for n in range(6))),
        hash="0" * 64,
    )


def published(about: str, *, synthetic: bool = False) -> Distribution:
    return Distribution(
        about, SHARES, "234–268", 2015, text("Maschinenbau ab 20 Beschäftigten"), "Studie", NOTHING, synthetic
    )


def _leaf(n: int) -> Leaf:
    return Leaf(f"l{n}", f"q{n}", {str(i): Fraction(i) for i in range(6)}, False, Fraction(0), Fraction(5))


def part(n: int, lower: int, upper: int, letters: int = 0, *, applies: bool = True) -> PartScore:
    low, high = Fraction(lower), Fraction(upper)
    return PartScore(
        id=f"d{n}",
        label=text(NAMES[n], letters // 4),
        value=low if low == high else None,
        lower=low,
        upper=high,
        band=bands()[lower] if low == high else None,
        share=low / 5,
        top=Fraction(5),
        applies=applies,
    )


def score(
    bounds: tuple[tuple[int, int], ...] = ((1, 1), (2, 2), (1, 3), (0, 0), (0, 2), (3, 3)), letters: int = 0
) -> Score:
    parts = tuple(part(n, low, high, letters) for n, (low, high) in enumerate(bounds))
    low, high = (sum((getattr(p, name) for p in parts), Fraction(0)) / 6 for name in ("lower", "upper"))
    total = PartScore("total", text("Gesamt"), low if low == high else None, low, high, None, low / 5, Fraction(5))
    trace = tuple(
        Point(
            f"l{n}",
            f"q{n}",
            (p.id, f"l{n}"),
            None if p.value is None else str(p.lower),
            "missing" if p.value is None else "answered",
            p.value,
            p.lower,
            p.upper,
            text("Eine Wahl gibt ihre Stufe."),
        )
        for n, p in enumerate(parts)
    )
    block = Blocking(
        "l3", "q3", "", "0", "1", Fraction(1, 6), text("Dieser Punkt hält den Bereich auf Stufe 0.", letters)
    )
    open_answers = sum(p.state == "missing" for p in trace)
    return Score("made", "1", "0" * 64, parts, total, bands()[2], (block,), trace, 6 - open_answers, 6)


def form(letters: int = 0) -> Form:
    choices = tuple(Choice(str(i), text(f"Antwort {i}", letters // 3)) for i in range(6))
    questions = tuple(
        Question(f"q{n}", Kind.SELECT_ONE, text(f"Wie steht es um {name}?", letters // 2), choices=choices)
        for n, name in enumerate(NAMES)
    )
    return Form("made", "1", text("Gemachte Fragen"), questions)


def plan(steps: int = 2, letters: int = 0) -> Plan:
    made = tuple(
        Step(
            n + 1,
            Measure(
                f"m{n}",
                text(f"Maßnahme {n}", letters // 3),
                text("Was zu tun ist. Woran man sieht, dass es getan ist.", letters),
                (Raise(f"q{n}", "2", (), text("Weil es hilft.")),),
                (1, 2, 4),
                Cost(0, 500, 2000, text("Eigene Schätzung", letters), date(2026, 11, 23)),
            ),
            ((f"q{n}", "0", "2"),),
            text("Ohne diesen Schritt bleibt der Bereich, wo er ist.", letters),
            Fraction(1, 3),
        )
        for n in range(steps)
    )
    return Plan(
        "made",
        Goal("2"),
        made,
        (0, 1000, 4000),
        (2, 4, 8),
        Fraction(1),
        Fraction(2),
        "1",
        "2",
        reached=True,
        optimal=True,
        unknown=("q4",),
    )


def unknown_goal(made: Plan) -> Plan:
    return replace(made, goal=Goal("5"), reached=False, best="2")
