"""A shop's past jobs make the estimate its own: one factor for time, one for filament, each with its uncertainty and band.

The jobs come as CSV with a head line: `part` (file), `minutes`, `grams`, and if wanted `support` (yes or no) and `copies`. Comma,
semicolon or tab; a comma as decimal sign is understood where the fields are parted otherwise. Nothing is guessed.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.print3d.core.estimate import Factors
from nordlotse.print3d.core.mesh import Floats
from nordlotse.print3d.core.values import Estimate

#: Fewer jobs than this say nothing about a machine; 10 to 50 are good.
FEWEST = 5
#: More than this is no list of jobs made by hand.
MOST = 10_000
#: A file larger than this in characters is refused.
LONGEST = 5_000_000
#: A job whose residual is this many robust standard deviations away is left out and named.
_OUTLIER = 3.5
#: From the median absolute deviation to the standard deviation of a normal distribution.
_MAD = 1.4826
#: Share of jobs the band shall hold.
_HELD = 0.9

_NAMES = {
    "part": ("part", "teil", "datei", "file"),
    "minutes": ("minutes", "minuten", "druckzeit_min", "time_min"),
    "grams": ("grams", "gramm", "filament_g"),
    "support": ("support", "stützen", "stuetzen"),
    "copies": ("copies", "anzahl"),
}
_YES, _NO = {"yes", "ja", "1", "true", "x"}, {"no", "nein", "0", "false", ""}


@dataclass(frozen=True, slots=True)
class Job:
    """One print that was made: file, minutes and grams of the whole plate, how many copies lay on it, with support or not."""

    row: int
    part: str
    minutes: float
    grams: float
    support: bool = False
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Fit:
    """A factor with its 95 % interval, and the half width of the band around later estimates as a share."""

    factor: float
    low: float
    high: float
    band: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the jobs say: factors for time and filament, how many jobs counted, rows left out as outliers."""

    profile: str
    time: Fit
    filament: Fit
    jobs: int
    left_out: tuple[int, ...]

    @property
    def factors(self) -> Factors:
        """Return what `estimate` takes."""
        return Factors(self.time.factor, self.filament.factor, self.time.band, self.filament.band)


def read_jobs(text: str, place: str = "jobs.csv") -> tuple[Job, ...]:
    """Return the jobs of a CSV text; `place` names the file.

    Raises:
        BadInput: `jobs_broken`, with row, column and remedy.
        TooLarge: `jobs_too_large`.
    """
    if len(text) > LONGEST:
        raise TooLarge(
            "jobs_too_large",
            de=f"Die Liste ist länger als {LONGEST} Zeichen.",
            en=f"The list is longer than {LONGEST} characters.",
            where=place,
        )
    head = text.lstrip("\ufeff").splitlines()[:1]
    if not head:
        raise _broken(
            place,
            1,
            "",
            "Die Datei ist leer.",
            "The file is empty.",
            "Schreiben Sie eine Kopfzeile: part, minutes, grams.",
        )
    mark = max(";\t,", key=head[0].count)
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=mark)
    try:
        columns = _columns(next(rows), place)
        jobs = tuple(_jobs(rows, columns, mark, place))
    except csv.Error as error:
        remedy = "Ergänzen Sie die Felder."
        wrong = "Die Zeile ist keine Zeile einer CSV-Tabelle.", "The row is no row of a CSV table."
        raise _broken(place, rows.line_num, "", *wrong, remedy) from error
    if len(jobs) > MOST:
        raise TooLarge("jobs_too_large", de=f"Mehr als {MOST} Aufträge.", en=f"More than {MOST} jobs.", where=place)
    return jobs


def _columns(head: Sequence[str], place: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, title in enumerate(head):
        name = next((n for n, titles in _NAMES.items() if title.strip().lower() in titles), None)
        if name is None or name in found:
            wrong_de = "steht doppelt" if name else "ist unbekannt"
            wrong_en = "stands twice" if name else "is unknown"
            raise _broken(
                place, 1, title, f"Die Spalte „{title[:40]}“ {wrong_de}.", f"The column “{title[:40]}” {wrong_en}.",
                "Erlaubt sind: part, minutes, grams, support, copies.",
            )  # fmt: skip
        found[name] = at
    for name in ("part", "minutes", "grams"):
        if name not in found:
            raise _broken(
                place, 1, name, f"Die Spalte „{name}“ fehlt.", f"The column “{name}” is missing.",
                "Ergänzen Sie die Spalte in der Kopfzeile.",
            )  # fmt: skip
    return found


def _jobs(rows: Iterator[list[str]], columns: dict[str, int], mark: str, place: str) -> Iterator[Job]:
    for number, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) <= max(columns.values()):
            raise _broken(
                place,
                number,
                "",
                "Die Zeile hat zu wenige Felder.",
                "The row has too few fields.",
                "Ergänzen Sie die Felder.",
            )
        part = cells[columns["part"]].strip()
        if not part:
            raise _broken(
                place,
                number,
                "part",
                "Der Name des Teils fehlt.",
                "The part's name is missing.",
                "Tragen Sie die Datei ein.",
            )
        minutes = _number(cells[columns["minutes"]], "minutes", number, mark, place)
        grams = _number(cells[columns["grams"]], "grams", number, mark, place)
        copies = 1.0
        if "copies" in columns and cells[columns["copies"]].strip():
            copies = _number(cells[columns["copies"]], "copies", number, mark, place)
        if copies != int(copies):
            raise _broken(
                place,
                number,
                "copies",
                "Die Anzahl muss ganz sein.",
                "The number must be whole.",
                "Schreiben Sie 1, 2, 3 …",
            )
        yield Job(number, part, minutes, grams, _support(cells, columns, number, place), int(copies))


def _support(cells: Sequence[str], columns: dict[str, int], number: int, place: str) -> bool:
    word = cells[columns["support"]].strip().lower() if "support" in columns else ""
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise _broken(
        place, number, "support", f"„{word[:20]}“ ist weder ja noch nein.", f"“{word[:20]}” is neither yes nor no.",
        "Schreiben Sie ja oder nein.",
    )  # fmt: skip


def _number(word: str, column: str, row: int, mark: str, place: str) -> float:
    written = word.strip()
    if mark != "," and "." not in written:
        written = written.replace(",", ".")
    try:
        value = float(written)
    except ValueError:
        value = float("nan")
    if not 0 < value < 1e7:
        raise _broken(
            place, row, column, f"„{word.strip()[:20]}“ ist keine Zahl über 0.", f"“{word.strip()[:20]}” is not a number above 0.",
            "Schreiben Sie eine Zahl ohne Einheit, etwa 134 oder 12.5.",
        )  # fmt: skip
    return value


_REMEDIES_EN = {
    "Erlaubt sind: part, minutes, grams, support, copies.": "Allowed are: part, minutes, grams, support, copies.",
    "Ergänzen Sie die Spalte in der Kopfzeile.": "Add the column to the head line.",
    "Ergänzen Sie die Felder.": "Add the fields.",
    "Tragen Sie die Datei ein.": "Write the file's name.",
    "Schreiben Sie 1, 2, 3 …": "Write 1, 2, 3 …",
    "Schreiben Sie ja oder nein.": "Write yes or no.",
    "Schreiben Sie eine Zahl ohne Einheit, etwa 134 oder 12.5.": "Write a number without unit, such as 134 or 12.5.",
    "Schreiben Sie eine Kopfzeile: part, minutes, grams.": "Write a head line: part, minutes, grams.",
}


def _broken(place: str, row: int, column: str, de: str, en: str, remedy: str) -> BadInput:
    where = f"{place}:{row}" + (f" {column}" if column else "")
    return BadInput("jobs_broken", de=de, en=en, where=where, remedy_de=remedy, remedy_en=_REMEDIES_EN[remedy])


def read_factors(data: bytes, profile: str, place: str = "calibration.json") -> Factors:
    """Return the factors of a calibration kept as JSON (`profile`, `time` and `filament` with `factor` and `band`).

    Raises:
        BadInput: `calibration_unreadable`, also where it is one of another profile.
    """
    try:
        given = json.loads(data)
        values = [float(given[what][key]) for key in ("factor", "band") for what in ("time", "filament")]
        if given["profile"] == profile and all(0 < value < 1000 for value in values):
            return Factors(*values)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise BadInput(
        "calibration_unreadable",
        de=f"Diese Datei hält keine Kalibrierung für {profile}.",
        en=f"This file holds no calibration for {profile}.",
        where=place,
        remedy_de=f"Legen Sie sie an: nordlotse print3d calibrate AUFTRÄGE.csv --profile {profile} --json",
        remedy_en=f"Make it: nordlotse print3d calibrate JOBS.csv --profile {profile} --json",
    )


def calibrate(jobs: Sequence[Job], estimates: Sequence[Estimate], profile: str) -> Calibration:
    """Return what the jobs say about `profile`; `estimates` are those of their parts, uncalibrated, one copy each.

    The factor is the median of actual by estimated (outliers cannot move it), drawn towards 1 by as much as few jobs deserve.

    Raises:
        BadInput: `too_few_jobs`.
    """
    if len(jobs) < FEWEST:
        raise BadInput(
            "too_few_jobs",
            de=f"{len(jobs)} Aufträge reichen nicht.",
            en=f"{len(jobs)} jobs are not enough.",
            remedy_de=f"Nennen Sie mindestens {FEWEST} Aufträge mit verschiedenen Teilen, besser 10 bis 50.",
            remedy_en=f"Give at least {FEWEST} jobs with different parts, better 10 to 50.",
        )
    times = np.array([log(j.minutes * 60 / (e.time_s * j.copies)) for j, e in zip(jobs, estimates, strict=True)])
    masses = np.array([log(j.grams / (e.filament_g * j.copies)) for j, e in zip(jobs, estimates, strict=True)])
    far = _far(times) | _far(masses)
    if len(jobs) - int(far.sum()) < FEWEST:
        far[:] = False
    out = tuple(job.row for job, away in zip(jobs, far, strict=True) if away)
    return Calibration(profile, _fit(times[~far]), _fit(masses[~far]), int((~far).sum()), out)


def _far(logs: Floats) -> NDArray[np.bool_]:
    middle = float(np.median(logs))
    spread = max(_MAD * float(np.median(np.abs(logs - middle))), 0.02)
    return np.asarray(np.abs(logs - middle) > _OUTLIER * spread)


def _fit(logs: Floats) -> Fit:
    """Return the factor of the logarithms of actual by estimated, its interval, and a band that holds nine of ten further jobs."""
    count = len(logs)
    middle = float(np.median(logs))
    spread = max(float(np.std(logs, ddof=1)), 0.01)
    # the median of n normal values spreads by √(π/2n); a prior of one job that says 1 ± 30 % keeps few jobs from too much
    error = spread * sqrt(np.pi / (2 * count))
    weight = 0.3**2 / (0.3**2 + error**2)
    factor = weight * middle
    # conformal: the (n + 1)·0.9-th smallest residual; with few jobs the largest, widened
    residual = np.sort(np.abs(np.expm1(logs - factor)))
    place = int(np.ceil((count + 1) * _HELD)) - 1
    band = float(residual[place]) if place < count else float(residual[-1]) * (1 + 2.0 / count)
    return Fit(exp(factor), exp(factor - 1.96 * error), exp(factor + 1.96 * error), max(band, 0.02))
