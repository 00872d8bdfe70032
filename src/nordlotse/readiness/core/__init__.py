"""The front door of the room's core: maturity models as data, scoring with bounds, the cheapest plan; usable without Django.

What stands here is loaded when it is first asked for, so that whoever wants a value does not load the solver. The verbs `assess` and
`score` stand in the modules of their names.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nordlotse.readiness.core.assess import Assessment, read_document
    from nordlotse.readiness.core.catalogue import form_for, questions, shipped_models
    from nordlotse.readiness.core.first_goal import FirstGoal, default_goal
    from nordlotse.readiness.core.from_form import model_of_form
    from nordlotse.readiness.core.loading import read_model
    from nordlotse.readiness.core.maturity import Band, Leaf, MaturityModel, Node
    from nordlotse.readiness.core.measure import Cost, Goal, Measure, Plan, Pointer, Raise, Step
    from nordlotse.readiness.core.measures import read_measures, shipped_measures
    from nordlotse.readiness.core.own import compile_file
    from nordlotse.readiness.core.planning import plan
    from nordlotse.readiness.core.ports import Direction, Directions
    from nordlotse.readiness.core.score import Blocking, PartScore, Point, Score

__all__ = [
    "Assessment",
    "Band",
    "Blocking",
    "Cost",
    "Direction",
    "Directions",
    "FirstGoal",
    "Goal",
    "Leaf",
    "MaturityModel",
    "Measure",
    "Node",
    "PartScore",
    "Plan",
    "Point",
    "Pointer",
    "Raise",
    "Score",
    "Step",
    "compile_file",
    "default_goal",
    "form_for",
    "model_of_form",
    "plan",
    "questions",
    "read_document",
    "read_measures",
    "read_model",
    "shipped_measures",
    "shipped_models",
]

_MODULES = {
    "assess": ("Assessment", "read_document"),
    "catalogue": ("form_for", "questions", "shipped_models"),
    "first_goal": ("FirstGoal", "default_goal"),
    "from_form": ("model_of_form",),
    "loading": ("read_model",),
    "maturity": ("Band", "Leaf", "MaturityModel", "Node"),
    "measure": ("Cost", "Goal", "Measure", "Plan", "Pointer", "Raise", "Step"),
    "measures": ("read_measures", "shipped_measures"),
    "own": ("compile_file",),
    "planning": ("plan",),
    "ports": ("Direction", "Directions"),
    "score": ("Blocking", "PartScore", "Point", "Score"),
}
_MODULE = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first asked for (PEP 562)."""
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
