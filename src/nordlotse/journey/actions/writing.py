"""One frame around every write on cases: one transaction, with named points at which a test may kill the program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from nordlotse.office.faults import reach


@contextmanager
def written(name: str) -> Iterator[None]:
    """Do what is inside in one transaction (that of the caller, if there is one); the points are `journey.NAME.before` and `.after`."""
    with transaction.atomic():
        yield
        reach(f"journey.{name}.before")
    reach(f"journey.{name}.after")
