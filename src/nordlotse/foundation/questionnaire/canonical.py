"""A form made again from its canonical JSON, as it is kept beside answers and own models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.form import Choice, DimensionRow, Form, Group, Kind, Level, Question

__all__ = ["from_canonical"]


def from_canonical(kept: Mapping[str, Any]) -> Form:
    """Return the form whose `canonical` this is: `from_canonical(form.canonical()) == form`, but for row numbers.

    Raises:
        BadInput: these values are no form.
    """
    try:
        return Form(
            id=kept["id"],
            version=kept["version"],
            title=_text(kept["title"]),
            questions=tuple(_question(q) for q in kept["questions"]),
            groups=tuple(Group(g["name"], _text(g.get("label")), g.get("relevant", "")) for g in kept["groups"]),
            levels=tuple(
                Level(lv["key"], _text(lv.get("label")), float(lv["lower"]), _text(lv.get("text")))
                for lv in kept["levels"]
            ),
            dimensions=tuple(
                DimensionRow(d["name"], _text(d.get("label")), d["aggregate"], float(d["weight"]))
                for d in kept["dimensions"]
            ),
            settings=dict(kept["settings"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(
            "form_broken",
            de="Dieses Formular ist nicht lesbar.",
            en="This form cannot be read.",
            where=str(error)[:80],
            remedy_de="Bitte die Datei neu einlesen.",
            remedy_en="Read the file in anew.",
        ) from error


def _text(kept: Mapping[str, str] | None) -> Text:
    return Text(kept.get("de", ""), kept.get("en", "")) if kept else Text("", "")


def _question(kept: Mapping[str, Any]) -> Question:
    plain = (
        "list_name",
        "group",
        "relevant",
        "constraint",
        "calculation",
        "dimension",
        "benchmark",
        "source",
        "action",
    )
    return Question(
        name=kept["name"],
        kind=Kind(kept["kind"]),
        choices=tuple(_choice(c) for c in kept.get("choices", ())),
        required=bool(kept.get("required", False)),
        weight=kept.get("weight"),
        label=_text(kept.get("label")),
        hint=_text(kept.get("hint")),
        constraint_message=_text(kept.get("constraint_message")),
        **{key: str(kept.get(key, "")) for key in plain},  # type: ignore[arg-type]
    )


def _choice(kept: Mapping[str, Any]) -> Choice:
    return Choice(
        kept["name"], _text(kept.get("label")), kept.get("score"), kept.get("exclusive", False), _text(kept.get("hint"))
    )
