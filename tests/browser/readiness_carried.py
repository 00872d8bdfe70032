"""Result and plan of a check in a browser: answers are carried there as the questions' pages do it, by a form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page

from nordlotse.foundation.questionnaire.form import Form, Kind
from nordlotse.readiness.core import catalogue

ALL = ("own", "dma", "impuls")
_POST = """([address, fields]) => {
  const form = document.createElement("form");
  form.method = "post"; form.action = address;
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  for (const [name, value] of [...Object.entries(fields), ["csrfmiddlewaretoken", token.value]]) {
    const field = document.createElement("input");
    field.type = "hidden"; field.name = name; field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}"""


def answers(models: tuple[str, ...] = ("own",), *, stage: int = 1, leave: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return answers of a company of 40 people that works with metal: each question at about the same stage."""
    form = catalogue.form_for(models)
    given = {q.name: value for q in form.questions if (value := _answer(form, q.name, stage)) is not None}
    given |= {"employees": 40, "sector": "C", "state": "SH"}
    return {name: value for name, value in given.items() if name not in leave}


def _answer(form: Form, name: str, stage: int) -> Any:
    question = form.by_name[name]
    if question.kind is Kind.SELECT_ONE:
        names = [c.name for c in question.choices if c.name != "not_applicable"]
        if "yes" in names:
            return "yes"
        return str(stage) if str(stage) in names else names[min(stage, len(names) - 1)]
    if question.kind is Kind.SELECT_MULTIPLE:
        return [c.name for c in question.choices if not c.exclusive][:stage]
    return None


def carry(page: Page, name: str, given: Mapping[str, Any], models: tuple[str, ...] = ("own",), **fields: str) -> None:
    """Open a page of answers that nobody keeps, `name` as in its German address ("ergebnis", "plan")."""
    prefix = fields.pop("prefix", "")
    page.goto(f"{prefix}/check/")
    sent = {"answers": json.dumps(given), "models": ",".join(models), **fields}
    with page.expect_navigation():
        page.evaluate(_POST, [f"{prefix}/check/{name}/", sent])
