"""A key that stands twice in a YAML file is refused: YAML itself keeps the last one without a word."""

from __future__ import annotations

import yaml

from nordlotse.readiness.core.branches import DEEPEST, wrong


def refuse_double_keys(root: yaml.Node | None, place: str) -> None:
    """Refuse a key that stands twice in one mapping at any depth; `place` names the file.

    Raises:
        BadInput: `model_broken`, with line and key.
    """
    open_nodes: list[tuple[yaml.Node, int]] = [] if root is None else [(root, 0)]
    seen: set[int] = set()
    while open_nodes:
        node, depth = open_nodes.pop()
        if id(node) in seen or depth > 4 * DEEPEST:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            open_nodes.extend((child, depth + 1) for child in node.value)
        elif isinstance(node, yaml.MappingNode):
            names: set[str] = set()
            for key, value in node.value:
                if str(key.value) in names:
                    raise wrong(
                        f"{place}:{key.start_mark.line + 1} {key.value}",
                        f"„{key.value}“ steht zweimal.",
                        f"“{key.value}” appears twice.",
                        "Löschen Sie eine der beiden Zeilen.",
                        "Delete one of the two lines.",
                    )
                names.add(str(key.value))
                open_nodes.append((value, depth + 1))
