"""The maturity models on offer: those shipped, and the centre's own that are published."""

from __future__ import annotations

from nordlotse.readiness.core import catalogue
from nordlotse.readiness.core.maturity import MaturityModel


def available() -> dict[str, MaturityModel]:
    """Return every model on offer by id, the shipped ones first."""
    return dict(catalogue.shipped_models())
