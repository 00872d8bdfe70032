"""Two small texts without encoders: quick enough to be built again and again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from nordlotse.answers import actions, importing, memory, queries
from nordlotse.answers.core import knowledge
from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.understand import Given, Understanding, tidy
from nordlotse.answers.core.vectors import MemoryVectors
from tests.answers.articles_made import english, german


class PlainRouter:
    """Takes every question for one to be answered."""

    def understand(
        self, question: str, *, e5: object = None, use: object = None, given: Given | None = None, near: object = ()
    ) -> Understanding:
        """Return the same understanding for every question; only the language follows what was given."""
        lang = given.lang if given and given.lang else "de"
        return Understanding(
            lang=lang,
            topic="iot",
            topic_p=1.0,
            kind="answer",
            kind_p=1.0,
            demonstrator="none",
            demonstrator_p=1.0,
            state=given.state if given else None,
            employees=given.employees if given else None,
            card=None,
            reason="test",
            cleaned=tidy(question),
            expansions=(),
        )


def write_texts(folder: Path) -> Path:
    """Write the shipped texts of the small knowledge."""
    (folder / "iot").mkdir(parents=True, exist_ok=True)
    (folder / "iot" / "iot-90.de.md").write_text(german(), encoding="utf-8")
    (folder / "iot" / "iot-90.en.md").write_text(english(), encoding="utf-8")
    return folder


def plug_in(folder: Path, put: Callable[[Any, str, Any], None]) -> None:
    """Let the answers room use the texts of `folder`; `put` is `monkeypatch.setattr` or `setattr`."""
    shipped = partial(knowledge.shipped_texts, folder)
    put(memory, "encoders", Encoders)
    store = MemoryVectors()
    put(memory, "vectors", lambda: store)
    put(memory, "router", PlainRouter)
    put(memory, "load_knowledge", partial(knowledge.load_knowledge, folder=folder))
    for module in (actions, importing, queries):
        put(module, "shipped_texts", shipped)
    memory.memory.forget()
