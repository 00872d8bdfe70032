"""Any table a company exports becomes blocks of values: `inspect` finds out how it is written, a person may change that, `blocks` reads it."""

from nordlotse.iot.core.tables.faults import Fault, Told
from nordlotse.iot.core.tables.inspecting import inspect
from nordlotse.iot.core.tables.moments import Reach, reach
from nordlotse.iot.core.tables.reading import blocks
from nordlotse.iot.core.tables.values import Column, FileKind, Found, Role, Shape, TimeForm, found_from, kept

__all__ = [
    "Column",
    "Fault",
    "FileKind",
    "Found",
    "Reach",
    "Role",
    "Shape",
    "TimeForm",
    "Told",
    "blocks",
    "found_from",
    "inspect",
    "kept",
    "reach",
]
