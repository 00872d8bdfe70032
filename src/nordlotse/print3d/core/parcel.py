"""Values as bytes and back, between processes that do not trust each other: our own frozen values, plain ones and arrays.

Nothing is ever executed on the way back: only dataclasses and enumerations of the listed modules are built, from data.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

import numpy as np

_MODULES = ("nordlotse.print3d.core.", "nordlotse.foundation.language")
_TAG = "="


def packed(value: Any) -> tuple[bytes, list[memoryview]]:
    """Return a value as JSON and the bytes of its arrays.

    Raises:
        TypeError: something in it is no plain value, array, or dataclass of ours.
    """
    arrays: list[memoryview] = []
    return json.dumps(_plain(value, arrays)).encode(), arrays


def unpacked(text: bytes, arrays: list[bytes]) -> Any:
    """Return the value that was packed; arrays are copies that may be written to.

    Raises:
        ValueError: it is none of ours.
    """
    return _value(json.loads(text), arrays)


def _plain(value: Any, arrays: list[memoryview]) -> Any:
    if isinstance(value, np.ndarray):
        whole = np.ascontiguousarray(value)
        arrays.append(memoryview(whole.reshape(-1).view(np.uint8).data))
        return {_TAG: "array", "type": whole.dtype.str, "shape": list(value.shape)}
    if isinstance(value, Enum):
        return {_TAG: "enum", "of": _name(type(value)), "value": value.value}
    if is_dataclass(value) and not isinstance(value, type):
        held = {f.name: _plain(getattr(value, f.name), arrays) for f in fields(value) if f.init}
        return {_TAG: "object", "of": _name(type(value)), "fields": held}
    if isinstance(value, np.generic):
        return value.item()
    return value if value is None or isinstance(value, (bool, int, float, str)) else _container(value, arrays)


def _container(value: Any, arrays: list[memoryview]) -> Any:
    if isinstance(value, date):
        return {_TAG: "date", "value": value.isoformat()}
    if isinstance(value, bytes):
        arrays.append(memoryview(value))
        return {_TAG: "bytes"}
    if isinstance(value, tuple):
        return {_TAG: "tuple", "items": [_plain(item, arrays) for item in value]}
    if isinstance(value, list):
        return [_plain(item, arrays) for item in value]
    if hasattr(value, "items"):
        return {_TAG: "map", "items": [[_plain(k, arrays), _plain(v, arrays)] for k, v in value.items()]}
    raise TypeError(f"cannot be handed over: {type(value).__name__}")


def _name(kind: type) -> str:
    if not kind.__module__.startswith(_MODULES):
        raise TypeError(f"cannot be handed over: {kind.__name__}")
    return f"{kind.__module__}:{kind.__qualname__}"


def _value(plain: Any, arrays: list[bytes]) -> Any:
    # the order of the arrays is that of packing, so every branch takes them in the order of the fields
    if isinstance(plain, list):
        return [_value(item, arrays) for item in plain]
    if not isinstance(plain, dict):
        return plain
    builder = _BUILDERS.get(plain.get(_TAG))
    if builder is None:
        raise ValueError("unknown value")
    return builder(plain, arrays)


def _class(name: str) -> Any:
    module, _, qualname = name.partition(":")
    if not module.startswith(_MODULES):
        raise ValueError(f"not ours: {module}")
    kind = getattr(importlib.import_module(module), qualname)
    if not isinstance(kind, type) or not (is_dataclass(kind) or issubclass(kind, Enum)):
        raise ValueError(f"no value: {name}")
    return kind


def _array(plain: Any, arrays: list[bytes]) -> Any:
    return np.frombuffer(arrays.pop(0), np.dtype(plain["type"])).reshape(plain["shape"]).copy()


_BUILDERS: dict[Any, Callable[[Any, list[bytes]], Any]] = {
    "array": _array,
    "bytes": lambda plain, arrays: arrays.pop(0),
    "tuple": lambda plain, arrays: tuple(_value(item, arrays) for item in plain["items"]),
    "map": lambda plain, arrays: {_value(k, arrays): _value(v, arrays) for k, v in plain["items"]},
    "date": lambda plain, arrays: date.fromisoformat(plain["value"]),
    "enum": lambda plain, arrays: _class(plain["of"])(plain["value"]),
    "object": lambda plain, arrays: _class(plain["of"])(
        **{name: _value(value, arrays) for name, value in plain["fields"].items()}
    ),
}
