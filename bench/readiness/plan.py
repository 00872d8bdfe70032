"""The plan against every other plan, and how long it takes: on random questions and on the models and measures that ship.

`python -m bench.readiness.plan [CASES]`. Trying everything is code of its own in exact fractions (plan_cases.py). Targets: on 1,000
random cases of at most 16 measures always the same plan; with 200 measures a typical plan (median) within 300 ms, p95 printed beside.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

from bench.readiness.plan_cases import Case, random_case, ticks, to, try_everything, with_many
from nordlotse.foundation.questionnaire.form import Question
from nordlotse.readiness.core.catalogue import questions, shipped_models
from nordlotse.readiness.core.measure import Goal, Measure, Plan, Raise
from nordlotse.readiness.core.measures import shipped_measures
from nordlotse.readiness.core.planning import plan

CASES = 1_000
MOST = 16
MANY = 200
MILLISECONDS = 300

_T = TypeVar("_T")


def _planned(case: Case) -> Plan:
    return plan(case.model, case.answers, case.goal, case.measures, employees=case.employees, hidden=case.hidden)


def _timed(work: Callable[..., _T], *given: Any, **named: Any) -> tuple[_T, float, float]:
    """Return a result, milliseconds on the clock, and milliseconds of this process's own processor time."""
    clock, own = time.perf_counter(), time.process_time()
    result = work(*given, **named)
    return result, (time.perf_counter() - clock) * 1e3, (time.process_time() - own) * 1e3


def _spread(values: Sequence[float]) -> str:
    ordered = sorted(values)
    late = ordered[math.ceil(0.95 * len(ordered)) - 1]
    return f"median {ordered[len(ordered) // 2]:7.1f} ms   p95 {late:7.1f} ms   most {ordered[-1]:7.1f} ms"


def against_everything(cases: int) -> bool:
    """Hold the plan against every other plan and print how often it is the same, and how much longer trying everything takes."""
    ours, theirs, differing, tried = 0.0, 0.0, list[int](), 0
    for seed in range(cases):
        case = random_case(seed, MOST)
        found, _, own = _timed(_planned, case)
        best, _, other = _timed(try_everything, case)
        ours, theirs, tried = (
            ours + own,
            theirs + other,
            tried + sum(math.comb(len(case.measures), n) for n in range(6)),
        )
        ids = tuple(sorted(step.measure.id for step in found.steps))
        same = (ids, found.after, found.cost[1], found.days[1], found.reached)
        if same != (best.ids, best.total, best.cost, best.days, best.reached):
            differing.append(seed)
    print(
        f"{cases:,} random cases of at most {MOST} measures, {tried:,} sets tried: {cases - len(differing):,} plans the same"
    )
    print(f"  same means cost, days, total, reached, and the very measures; differing seeds: {differing or 'none'}")
    print(f"  own processor time: programme {ours / cases:.1f} ms, trying everything {theirs / cases:.1f} ms a case")
    return not differing


def trying_more(sizes: Sequence[int] = (12, 16, 20, 24)) -> None:
    """Print how the two grow with the number of measures."""
    print("\nmeasures   programme   everything     ratio   (own processor time a case, 5 cases each)")
    for size in sizes:
        cases = [with_many(seed, size) for seed in range(5)]
        ours = sum(_timed(_planned, case)[2] for case in cases) / len(cases)
        theirs = sum(_timed(try_everything, case)[2] for case in cases) / len(cases)
        print(f"{size:8}   {ours:6.1f} ms   {theirs:7.1f} ms   {theirs / ours:7.1f}")


def _answers(random: Random) -> dict[str, object]:
    """Return answers of a company that is mostly at the beginning, a fifth of them not known."""
    given: dict[str, object] = {}
    for asked in questions().questions:
        names = [c.name for c in asked.choices if not c.exclusive and c.name != "not_applicable"]
        if asked.group == "company" or not names or random.random() < 0.2:
            continue
        if asked.kind.value == "select_multiple":
            given[asked.name] = [name for name in names if random.random() < 0.3]
        else:
            given[asked.name] = names[min(int(random.expovariate(0.7)), len(names) - 1)]
    return given


def _enough(random: Random) -> tuple[Measure, ...]:
    """Return the measures that ship and, up to 200, others on the same questions at cost, days and prerequisites like theirs."""
    shipped = shipped_measures()
    asked = [q for q in questions().questions if q.group != "company" and q.kind.value.startswith("select")]
    made = list(shipped)
    while len(made) < MANY:
        like, factor = random.choice(shipped), random.uniform(0.5, 2.0)
        raises = tuple(_any_raise(random, one) for one in random.sample(asked, random.choice([1, 1, 2, 3])))
        cost = replace(like.cost, likely=int(like.cost.likely * factor), high=like.cost.high * 2)
        days = (like.days[0], max(int(like.days[1] * factor), 1), like.days[2] * 2)
        made.append(replace(like, id=f"more_{len(made)}", raises=raises, cost=cost, days=days))
    return tuple(made)


def _any_raise(random: Random, asked: Question) -> Raise:
    names = [c.name for c in asked.choices if not c.exclusive and c.name != "not_applicable"]
    if asked.kind.value == "select_multiple":
        return ticks(asked.name, *random.sample(names, min(len(names), random.randint(1, 3))))
    return to(asked.name, random.choice(names[1:]))


def how_long(rounds: int = 60) -> bool:
    """Print how long a plan takes on the shipped models, with the shipped measures and with 200."""
    random, kept = Random(1), True
    many = _enough(random)
    for title, measures in (
        (f"{len(shipped_measures())} shipped measures", shipped_measures()),
        (f"{MANY} measures", many),
    ):
        for name, model in shipped_models().items():
            clock, own, steps = [], [], 0
            for _ in range(rounds):
                target = random.choice(model.bands[1:]).key
                goal = (
                    Goal(target)
                    if random.random() < 0.5
                    else Goal(budget=random.choice([0, 500, 2_000, 10_000, 50_000]))
                )
                answers, size = _answers(random), random.choice([None, 4, 40])
                found, wall, mine = _timed(plan, model, answers, goal, measures, employees=size, form=questions())
                assert found.optimal
                clock.append(wall)
                own.append(mine)
                steps += len(found.steps)
            kept = kept and sorted(own)[rounds // 2] <= MILLISECONDS
            print(f"{title}, {name:6} clock {_spread(clock)}")
            print(f"{'':{len(title)}}         own   {_spread(own)}   {steps / rounds:.1f} steps on average")
    own = [_timed(_planned, with_many(seed, MANY))[2] for seed in range(rounds)]
    print(f"{MANY} random measures on random trees: own {_spread(own)}")
    return kept


def main() -> None:
    """Print all three."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    same = against_everything(cases)
    trying_more()
    print(
        f"\nload of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; “own” is the processor time of this process"
    )
    kept = how_long()
    print(
        f"\nalways the same plan: {'yes' if same else 'NO'}; 200 measures within {MILLISECONDS} ms (median, own; p95 above): {'yes' if kept else 'NO'}"
    )


if __name__ == "__main__":
    main()
