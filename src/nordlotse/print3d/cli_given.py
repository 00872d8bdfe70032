"""What the arguments of `nordlotse print3d` mean: a part's bytes, prices, figures of one's own, and the child that computes."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from nordlotse.foundation.problem import WrongCall

if TYPE_CHECKING:
    from nordlotse.print3d.core.asking import Asked
    from nordlotse.print3d.core.comparison import Today
    from nordlotse.print3d.core.estimate import Factors
    from nordlotse.print3d.core.rates import Rates
    from nordlotse.print3d.core.workshop import Workshop

#: One's own machine may take longer and more than a page: seconds and bytes for one file.
SECONDS, MEMORY = 360.0, 6 * 1024**3
ASKING = "nordlotse.print3d.core.asking"
#: `archive.zip:part.stl` chooses one part of an archive.
_INNER = re.compile(r"(.+?\.zip):(.+)", re.IGNORECASE)


@contextmanager
def shop() -> Iterator[Workshop]:
    """Give a child that computes; it starts while this process still loads what it says the result with."""
    from nordlotse.print3d.core.workshop import WorkLimits, Workshop

    with Workshop(WorkLimits(SECONDS, MEMORY), (ASKING, f"{ASKING}:warm")) as shop:
        begun = Thread(target=_started, args=(shop,), daemon=True)
        begun.start()
        try:
            yield shop
        finally:
            begun.join()


def _started(shop: Workshop) -> None:
    try:
        shop.start()
    except Exception:  # the first call says why
        return


def asked(called: argparse.Namespace) -> Asked:
    """Return the part to ask about: its file's bytes with the unit and the scale named.

    Raises:
        WrongCall: a scale that is none.
        OSError: the file cannot be read.
    """
    from nordlotse.print3d.core.asking import Asked
    from nordlotse.print3d.core.limits import MAX_BYTES
    from nordlotse.print3d.core.units import check_scale

    check_scale(called.unit, called.scale)
    path, inner = called.part, ""
    chosen = _INNER.fullmatch(path)
    if chosen is not None and not Path(path).exists():
        path, inner = chosen.groups()
    return Asked(bytes_of(path, MAX_BYTES), Path(path).name, called.unit, called.scale, inner)


def bytes_of(name: str, most: int) -> bytes:
    """Return a file's bytes, at most one more than `most`, so that a huge file is refused without being read."""
    with Path(name).open("rb") as file:
        return file.read(most + 1)


def today(called: argparse.Namespace) -> Today | None:
    """Return how the part is bought today, where its price is named; refuse a quantity that is none."""
    from nordlotse.print3d.core.comparison import Today
    from nordlotse.print3d.core.costs import check_quantity

    check_quantity(called.quantity)
    price = _price(called.today)
    return None if price is None else Today(price, minimum=called.today_minimum)


def rates_of(called: argparse.Namespace) -> Rates:
    """Return the figures to reckon with, those of the material named where one is."""
    from nordlotse.print3d.core.limits_data import material
    from nordlotse.print3d.core.rates import rates, with_material

    return with_material(rates(), material(called.material)) if called.material else rates()


def _price(written: str | None) -> float | None:
    """Return euros as people write them: 12, 12.50, 12,50, 1.200,00, with or without the sign."""
    if written is None:
        return None
    bare = re.sub(r"[\s€]|eur", "", written.lower())
    if "," in bare and "." in bare:
        thousands, point = (".", ",") if bare.rfind(",") > bare.rfind(".") else (",", ".")
        bare = bare.replace(thousands, "").replace(point, ".")
    bare = bare.replace(",", ".")
    if not re.fullmatch(r"\d{1,9}(\.\d{1,4})?", bare, re.ASCII):
        raise WrongCall(
            "today_price",
            de=f"„{written[:40]}“ ist kein Preis.",
            en=f"“{written[:40]}” is no price.",
            where="--today",
            remedy_de="Zum Beispiel: --today 12.50",
            remedy_en="For example: --today 12.50",
        )
    return float(bare)


def factors(name: str | None, profile: str) -> Factors | None:
    """Return what `calibrate --json` printed into a file, for this profile."""
    if name is None:
        return None
    from nordlotse.print3d.core.calibration import read_factors

    return read_factors(bytes_of(name, 1_000_000), profile, name)
