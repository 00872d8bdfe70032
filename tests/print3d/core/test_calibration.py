"""A shop's own jobs."""

from __future__ import annotations

import numpy as np
import pytest

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.print3d.core.calibration import Job, calibrate, read_jobs
from nordlotse.print3d.core.values import Estimate


def _estimate(seconds: float, grams: float) -> Estimate:
    return Estimate("fdm-pla-0.2", seconds, seconds, seconds, grams, grams, grams, 0.0, 1, "estimated")


def _made(count: int, time: float, mass: float, noise: float, seed: int = 1) -> tuple[list[Job], list[Estimate]]:
    draw = np.random.default_rng(seed)
    estimates = [
        _estimate(*pair) for pair in zip(draw.uniform(600, 9000, count), draw.uniform(2, 80, count), strict=True)
    ]
    jobs = [
        Job(
            n + 2,
            f"{n}.stl",
            e.time_s * time * draw.lognormal(0, noise) / 60,
            e.filament_g * mass * draw.lognormal(0, noise),
        )
        for n, e in enumerate(estimates)
    ]
    return jobs, estimates


def test_a_list_is_read_in_german_and_english() -> None:
    german = read_jobs("Teil;Minuten;Gramm;Stützen;Anzahl\nhalter.stl;134,5;12,25;ja;2\n")
    english = read_jobs("part,minutes,grams,support,copies\nhalter.stl,134.5,12.25,yes,2\n\n")
    assert german == english == (Job(2, "halter.stl", 134.5, 12.25, True, 2),)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "jobs.csv:1"),
        ("part;minutes\na.stl;3\n", "jobs.csv:1 grams"),
        ("part;minutes;grams;colour\na.stl;3;4;red\n", "jobs.csv:1 colour"),
        ("part;minutes;grams;Gramm\na.stl;3;4;4\n", "jobs.csv:1 Gramm"),
        ("part;minutes;grams\na.stl;3\n", "jobs.csv:2"),
        ("part;minutes;grams\n;3;4\n", "jobs.csv:2 part"),
        ("part;minutes;grams\na.stl;3;4\nb.stl;2 h;4\n", "jobs.csv:3 minutes"),
        ("part;minutes;grams\na.stl;3;-4\n", "jobs.csv:2 grams"),
        ("part;minutes;grams\na.stl;3;nan\n", "jobs.csv:2 grams"),
        ("part;minutes;grams;support\na.stl;3;4;maybe\n", "jobs.csv:2 support"),
        ("part;minutes;grams;copies\na.stl;3;4;1.5\n", "jobs.csv:2 copies"),
    ],
)
def test_what_is_wrong_is_told_with_row_column_and_remedy(text: str, where: str) -> None:
    with pytest.raises(BadInput) as told:
        read_jobs(text)
    assert told.value.where == where
    assert told.value.remedy_de
    assert told.value.remedy_en


def test_a_list_without_end_is_refused() -> None:
    with pytest.raises(TooLarge):
        read_jobs("part;minutes;grams\n" + "x" * 6_000_000)


def test_a_machine_a_fifth_slower_is_found() -> None:
    found = calibrate(*_made(30, 1.2, 0.95, 0.05), "fdm-pla-0.2")
    assert found.time.factor == pytest.approx(1.2, rel=0.03)
    assert found.time.low < 1.2 < found.time.high
    assert found.filament.factor == pytest.approx(0.95, rel=0.03)
    assert found.factors.time == found.time.factor


def test_the_band_holds_about_nine_of_ten_further_jobs() -> None:
    held = []
    for seed in range(30):
        fit = calibrate(*_made(25, 1.1, 1.0, 0.08, seed), "fdm-pla-0.2").time
        later, estimates = _made(50, 1.1, 1.0, 0.08, seed + 1000)
        ratio = np.array([j.minutes * 60 / (e.time_s * fit.factor) for j, e in zip(later, estimates, strict=True)])
        held.append(np.mean(np.abs(ratio - 1) <= fit.band))
    assert 0.85 <= np.mean(held) <= 0.97


def test_a_job_that_went_wrong_is_left_out_and_named() -> None:
    jobs, estimates = _made(20, 1.0, 1.0, 0.03)
    jobs[4] = Job(6, "4.stl", jobs[4].minutes * 5, jobs[4].grams)
    found = calibrate(jobs, estimates, "fdm-pla-0.2")
    assert found.left_out == (6,)
    assert found.time.factor == pytest.approx(1.0, rel=0.03)


def test_few_jobs_move_the_factor_less_and_fewer_are_refused() -> None:
    few = calibrate(*_made(5, 1.5, 1.0, 0.3), "fdm-pla-0.2")
    many = calibrate(*_made(50, 1.5, 1.0, 0.3), "fdm-pla-0.2")
    assert few.time.high - few.time.low > many.time.high - many.time.low
    with pytest.raises(BadInput, match="too_few_jobs"):
        calibrate(*_made(4, 1.0, 1.0, 0.1), "fdm-pla-0.2")


def test_a_field_longer_than_any_name_is_refused_with_its_row() -> None:
    with pytest.raises(BadInput, match="jobs_broken") as refused:
        read_jobs("part,minutes,grams\n" + "a" * 200_000 + ",1,2\n")
    assert refused.value.where == "jobs.csv:2"
