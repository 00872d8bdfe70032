"""How many whole answer sets a second a form of 200 questions takes, on one core: relevance, types, ticks, calculations, constraints."""

from __future__ import annotations

import random
import statistics
import time

from nordlotse.foundation.language import Text
from nordlotse.foundation.questionnaire.answering import fill
from nordlotse.foundation.questionnaire.expression import parse
from nordlotse.foundation.questionnaire.form import DONT_KNOW, Choice, Form, Group, Kind, Question

#: Answer sets a second, from the facts on questionnaires.
TARGET = 5000

_STAGES = tuple(Choice(str(n), Text(f"Stufe {n}", f"stage {n}"), float(n)) for n in range(6))
_TICKS = (
    *(Choice(f"t{n}", Text(f"Technik {n}", f"technology {n}"), 1.0) for n in range(8)),
    Choice("none", Text("nichts davon", "none of these"), 0.0, exclusive=True),
)


def form() -> Form:
    """Return 200 rows: 120 with one choice, 40 with several, 15 numbers, 5 texts, 20 calculations; 60 conditions, 10 constraints."""
    rows: list[Question] = []
    for n in range(200):
        name, group = f"q{n}", f"g{n // 20}"
        condition = f"${{q{n - 3}}} != '0'" if n % 10 in (3, 6, 8) and (n - 3) % 10 in (0, 3, 5) else ""
        said = Text(f"Frage {n}", f"question {n}")
        if n % 10 == 9:
            sums = f"coalesce(${{q{n - 9}}}, 0) + coalesce(${{q{n - 8}}}, 0) * 2 + count-selected(${{q{n - 2}}})"
            rows.append(
                Question(name, Kind.CALCULATE, said, group=group, calculation=f"if(({sums}) > 5, {sums}, 0) div 3")
            )
        elif n % 10 in (2, 7):
            rows.append(Question(name, Kind.SELECT_MULTIPLE, said, choices=_TICKS, group=group, relevant=condition))
        elif n % 20 == 4 or n % 40 == 14:
            rows.append(Question(name, Kind.INTEGER, said, group=group, constraint=". >= 0 and . <= 5000"))
        elif n % 40 == 34:
            rows.append(Question(name, Kind.TEXT, said, group=group))
        else:
            rows.append(Question(name, Kind.SELECT_ONE, said, choices=_STAGES, group=group, relevant=condition))
    groups = tuple(Group(f"g{n}", Text(f"Seite {n}", f"page {n}"), "${q0} != '5'" if n > 7 else "") for n in range(10))
    return Form("bench", "1", Text("Messung", "measurement"), tuple(rows), groups)


def answers(made: Form, chance: random.Random) -> dict[str, object]:
    """Return one company's answers to about nine tenths of the questions, every twentieth of them “don't know”."""
    found: dict[str, object] = {}
    for question in made.questions:
        if question.kind is Kind.CALCULATE or chance.random() < 0.1:
            continue
        if chance.random() < 0.05:
            found[question.name] = DONT_KNOW
        elif question.kind is Kind.SELECT_ONE:
            found[question.name] = str(chance.randrange(6))
        elif question.kind is Kind.SELECT_MULTIPLE:
            found[question.name] = [c.name for c in question.choices[:-1] if chance.random() < 0.4]
        elif question.kind is Kind.INTEGER:
            found[question.name] = chance.randrange(500)
        else:
            found[question.name] = "Wir fangen gerade an."
    return found


def main() -> None:
    """Print the rate: the median of nine runs of half a second of the processor's time, whatever else the machine does."""
    made, chance = form(), random.Random(4)
    sets = [answers(made, chance) for _ in range(500)]
    shown = [fill(made, one) for one in sets]
    rates = []
    for _ in range(9):
        count, started = 0, time.process_time()
        while time.process_time() - started < 0.5:
            for one in sets[:100]:
                fill(made, one)
            count += 100
        rates.append(count / (time.process_time() - started))
    formula = parse("if(coalesce(${a}, 0) + 2 * ${b} >= 10 and selected(${c}, 't3'), ${b} div 3, 0)")
    values = {"a": 4.0, "b": 5.0, "c": ("t1", "t3")}
    started = time.process_time()
    for _ in range(100_000):
        formula.value(values)
    per_formula = 100_000 / (time.process_time() - started)
    print(
        f"form of {len(made.questions)} rows; of 500 answer sets a mean of {statistics.mean(len(f.visible) for f in shown):.0f} rows shown, "
        f"{statistics.mean(len(f.answers) for f in shown):.0f} answers kept"
    )
    print(
        f"whole answer sets a second, one core: {statistics.median(rates):,.0f} (lowest {min(rates):,.0f}, highest {max(rates):,.0f}; target {TARGET:,})"
    )
    print(f"one formula of 13 parts: {per_formula:,.0f} a second")


if __name__ == "__main__":
    main()
