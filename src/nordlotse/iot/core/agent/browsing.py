"""What an OPC UA server offers, as lines to copy into the configuration."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.uaerrors import UaError

from nordlotse.foundation.problem import NotAvailable, Problem
from nordlotse.iot.core.agent.allowed import Target
from nordlotse.iot.core.agent.config import OpcUa
from nordlotse.iot.core.agent.opcua import opened, words
from nordlotse.iot.core.agent.reading import usable

#: Nodes looked at, and levels below "Objects", at most.
_MOST, _DEPTH = 5000, 12
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f/+#\\]")


@dataclass(frozen=True, slots=True)
class Found:
    """A variable of the server: id, way from "Objects", value now (None: none that can be recorded)."""

    id: str
    way: tuple[str, ...]
    value: float | bool | str | None


async def browse(config: OpcUa, allow: Sequence[Target]) -> AsyncIterator[Found]:
    """Yield the server's variables, its own housekeeping left out.

    Raises:
        NotAvailable: `iot_agent_opcua`.
    """
    try:
        async with await opened(config, allow) as client:
            seen: set[Any] = {ua.NodeId(ua.Int32(ObjectIds.Server))}
            waiting: list[tuple[Any, tuple[str, ...]]] = [(client.nodes.objects, ())]
            while waiting and len(seen) < _MOST:
                node, way = waiting.pop()
                for told in await node.get_children_descriptions():
                    if told.NodeId in seen:
                        continue
                    seen.add(told.NodeId)
                    here = (*way, told.DisplayName.Text or told.BrowseName.Name or "?")
                    child = client.get_node(told.NodeId)
                    if told.NodeClass == ua.NodeClass.Variable and told.NodeId.NamespaceIndex:
                        data = await child.read_data_value(raise_on_bad_status=False)
                        value = usable(data.Value.Value if data.Value is not None else None)
                        yield Found(told.NodeId.to_string(), here, value)
                    if len(here) < _DEPTH:
                        waiting.append((child, here))
    except (OSError, UaError, Problem, TimeoutError, ValueError) as error:
        de, en = words(error, config.to)
        raise NotAvailable("iot_agent_opcua", de=de, en=en, where=str(config.to)) from error


def as_toml(found: Found, names: set[str]) -> str:
    """Return a variable as lines for the configuration; `names` taken before, so that every signal gets one of its own."""
    name = _FORBIDDEN.sub(" ", found.way[-1]).strip(". ")[:56] or "signal"
    way = " / ".join(found.way)
    if name in names and len(found.way) > 1:
        name = _FORBIDDEN.sub(" ", f"{found.way[-2]} {name}").strip(". ")[:56]
    unique, number = name, 2
    while unique in names:
        unique, number = f"{name} {number}", number + 1
    names.add(unique)
    mark = "" if found.value is not None else "# "
    lines = [f"# {way}" + (f" = {found.value}" if found.value is not None else " (kein Wert, no value)")]
    lines += [f"{mark}[[opcua.nodes]]", f"{mark}id = {_quoted(found.id)}", f"{mark}signal = {_quoted(unique)}"]
    return "\n".join(line.replace("\n", " ") for line in lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
