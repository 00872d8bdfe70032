"""A learnt model as plain values for JSON, and back: what a table or a file keeps between two starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.anomaly.learning import Model
from nordlotse.iot.core.anomaly.settings import Settings
from nordlotse.iot.core.anomaly.values import LeftOut

#: Raised with every change of the model's fields; an older one is learnt anew.
VERSION = 2


def as_plain(model: Model) -> dict[str, Any]:
    """Return the model as lists, numbers and texts; exact, for JSON keeps 64-bit numbers as they are."""
    found: dict[str, Any] = {"version": VERSION}
    for field in fields(model):
        value = getattr(model, field.name)
        if isinstance(value, np.ndarray):
            value = value.tolist()
        elif isinstance(value, Settings):
            value = asdict(value)
        elif field.name == "left_out":
            value = [asdict(one) for one in value]
        elif isinstance(value, tuple):
            value = list(value)
        found[field.name] = value
    return found


def from_plain(kept: Mapping[str, Any]) -> Model:
    """Return the model kept by `as_plain`.

    Raises:
        BadInput: `anomaly_model`: of another version or not whole.
    """
    try:
        if kept["version"] != VERSION:
            raise ValueError
        given = {name: value for name, value in kept.items() if name != "version"}
        sensors = len(given["sensors"])
        for name in (
            "centre",
            "spread",
            "pattern_spread",
            "ewma_high",
            "ewma_low",
            "drift_high",
            "drift_low",
            "pattern_mean",
            "inverse_variances",
            "joint_mean",
        ):
            given[name] = np.array(given[name], dtype=np.float64).reshape(sensors)
        for name in ("axes", "joint_inverse"):
            given[name] = np.array(given[name], dtype=np.float64).reshape(sensors, sensors)
        given["longest_still"] = np.array(given["longest_still"], dtype=np.int64).reshape(sensors)
        given["sensors"], given["columns"] = tuple(given["sensors"]), tuple(given["columns"])
        given["left_out"] = tuple(LeftOut(**one) for one in given["left_out"])
        given["settings"] = Settings(**given["settings"])
        return Model(**given)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(
            "anomaly_model",
            de="Das Gelernte passt nicht zu dieser Version.",
            en="What was learnt does not fit this version.",
            remedy_de="Lernen Sie neu aus einem guten Zeitraum.",
            remedy_en="Learn anew from a good period.",
        ) from error
