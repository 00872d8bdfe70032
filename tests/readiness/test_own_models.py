"""A centre adds a check of its own: handed in, looked at, published, answered and scored with the others, withdrawn."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound
from nordlotse.foundation.questionnaire.answering import fill
from nordlotse.readiness.actions import own_models as actions
from nordlotse.readiness.core.assess import assess
from nordlotse.readiness.core.own import compile_file, example_workbook
from nordlotse.readiness.models import OwnModel
from nordlotse.readiness.queries import models as queries
from tests.web.world import person_of, signed_in

pytestmark = pytest.mark.django_db

WORKBOOK = example_workbook()


def coordinator() -> Any:
    return person_of("coordinator")


def published() -> OwnModel:
    handed = actions.hand_in(coordinator(), "check.xlsx", WORKBOOK)
    assert handed.draft is not None
    actions.publish(coordinator(), handed.draft)
    return OwnModel.objects.get(pk=handed.draft)


def changed(**cells: object) -> bytes:
    """The example workbook with some cells changed: `settings_B2="2"`."""
    book = openpyxl.load_workbook(io.BytesIO(WORKBOOK))
    for place, value in cells.items():
        sheet, cell = place.rsplit("_", 1)
        book[sheet][cell] = value
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def cell_of(sheet: str, heading: str, row: int) -> str:
    """The place of a cell by its heading, for `changed`."""
    page = openpyxl.load_workbook(io.BytesIO(WORKBOOK))[sheet]
    column = next(c.column_letter for c in page[1] if c.value == heading)
    return f"{sheet}_{column}{row}"


def test_the_example_makes_a_draft_without_errors() -> None:
    handed = actions.hand_in(coordinator(), "check.xlsx", WORKBOOK)
    assert handed.findings == ()
    assert OwnModel.objects.get(pk=handed.draft).state == "draft"


def test_a_draft_is_not_on_offer_and_a_published_one_is() -> None:
    handed = actions.hand_in(coordinator(), "check.xlsx", WORKBOOK)
    assert "welding_check" not in queries.available()
    actions.publish(coordinator(), handed.draft or 0)
    assert list(queries.available())[:3] == ["own", "dma", "impuls"]
    assert queries.available()["welding_check"].title.en == "Welding check"


def test_a_withdrawn_one_is_off_at_once() -> None:
    row = published()
    assert "welding_check" in queries.available()
    actions.withdraw(coordinator(), row.pk)
    assert "welding_check" not in queries.available()


def test_its_questions_are_asked_with_those_about_the_company() -> None:
    published()
    names = [q.name for q in queries.form_for(["welding_check"]).questions]
    assert names == ["employees", "sector", "state", "welds", "weld_robot", "weld_power", "weld_records"]


def test_it_is_asked_beside_the_short_check_and_nothing_twice() -> None:
    published()
    together = [q.name for q in queries.form_for(["own", "welding_check"]).questions]
    assert len(together) == len(set(together)) == len(queries.form_for(["own"]).questions) + 4


def test_it_is_scored_like_the_others() -> None:
    published()
    form, models = queries.form_for(["welding_check"]), queries.available()
    answers = {"welds": "yes", "weld_robot": "3", "weld_power": "0", "weld_records": ["machine", "linked"]}
    found = assess(answers, {"welding_check": models["welding_check"]}, form).scores["welding_check"]
    technology, quality = (d.value for d in found.dimensions)
    assert technology == 50  # 3 of 3 and 0 of 3, each counted up to 100
    assert quality is not None
    assert float(quality) == pytest.approx(500 / 6)  # 5 of 6 points
    assert float(found.total.lower) == pytest.approx(0.6 * 50 + 0.4 * 500 / 6)
    assert found.total.band is not None
    assert found.total.band.key == "way"


def test_its_hidden_group_is_not_asked() -> None:
    published()
    assert "weld_records" in fill(queries.form_for(["welding_check"]), {"welds": "no"}).hidden


def test_a_new_version_takes_the_place_of_the_old_one_which_stays_explained() -> None:
    first = published()
    version = cell_of("settings", "version", 2)
    handed = actions.hand_in(coordinator(), "check.xlsx", changed(**{version: "2"}))
    actions.publish(coordinator(), handed.draft or 0)
    first.refresh_from_db()
    assert first.state == "withdrawn"
    assert queries.available()["welding_check"].version == "2"
    assert queries.usable_of(first).model.version == "1"


def test_a_version_that_was_published_cannot_be_handed_in_again() -> None:
    published()
    handed = actions.hand_in(coordinator(), "check.xlsx", WORKBOOK)
    assert handed.draft is None
    assert [(f.code, f.sheet, f.column) for f in handed.findings] == [("version_taken", "settings", "version")]


def test_a_draft_is_replaced_by_the_next_file_of_its_version() -> None:
    actions.hand_in(coordinator(), "check.xlsx", WORKBOOK)
    actions.hand_in(coordinator(), "check.xlsx", WORKBOOK)
    assert OwnModel.objects.count() == 1


def test_a_question_name_of_the_common_set_with_other_answers_is_refused_with_its_row() -> None:
    name = cell_of("survey", "name", 4)
    handed = actions.hand_in(coordinator(), "check.xlsx", changed(**{name: "iot_use"}))
    assert handed.draft is None
    assert ("question_name_taken", "survey", 4, "name") in [(f.code, f.sheet, f.row, f.column) for f in handed.findings]


def test_the_name_of_a_shipped_model_is_refused() -> None:
    handed = actions.hand_in(coordinator(), "check.xlsx", changed(**{cell_of("settings", "form_id", 2): "dma"}))
    assert [f.code for f in handed.findings] == ["model_id_taken"]


def test_weights_that_do_not_sum_to_100_are_told_with_sheet_and_column() -> None:
    handed = actions.hand_in(coordinator(), "check.xlsx", changed(**{cell_of("dimensions", "weight", 2): 50}))
    assert ("weight_sum", "dimensions", "weight") in [(f.code, f.sheet, f.column) for f in handed.findings]


def test_a_file_that_is_no_table_is_refused_with_a_remedy() -> None:
    with pytest.raises(BadInput) as error:
        actions.hand_in(coordinator(), "check.pdf", b"%PDF-1.7\x00")
    assert "XLSX" in error.value.remedy_de


def test_questions_without_a_model_are_told_so() -> None:
    book = openpyxl.load_workbook(io.BytesIO(WORKBOOK))
    del book["levels"], book["dimensions"]
    kept = io.BytesIO()
    book.save(kept)
    handed = actions.hand_in(coordinator(), "check.xlsx", kept.getvalue())
    assert handed.draft is None
    assert any(f.severity == "error" for f in handed.findings)


def test_only_a_draft_can_be_thrown_away() -> None:
    row = published()
    with pytest.raises(BadInput):
        actions.discard(coordinator(), row.pk)
    draft = actions.hand_in(coordinator(), "c.xlsx", changed(**{cell_of("settings", "version", 2): "2"})).draft or 0
    actions.discard(coordinator(), draft)
    with pytest.raises(NotFound):
        actions.publish(coordinator(), draft)


@pytest.mark.parametrize("role", ["expert", "editor", "researcher", "officer", "member"])
def test_others_may_do_nothing_of_it(role: str) -> None:
    user = person_of(role)
    with pytest.raises(NotAllowed):
        actions.hand_in(user, "check.xlsx", WORKBOOK)
    for action in (actions.publish, actions.withdraw, actions.discard):
        with pytest.raises(NotAllowed):
            action(user, 1)


MODEL_YAML = """
id: quick
version: "1"
title: {de: Kurz, en: Quick}
unit: points
top: 100
rounding: none
missing: undetermined_with_bounds
not_applicable: skip
minutes: 2
about: {de: Zwei Fragen., en: Two questions.}
limits: {de: Nur ein Anfang., en: Only a start.}
aggregate: mean
dimensions:
  - id: all
    de: Alles
    en: Everything
    aggregate: mean
    items:
      - {id: iot_use, question: iot_use, map: {"0": 0, "1": 20, "2": 40, "3": 60, "4": 80, "5": 100}}
      - {id: mine, question: mine, map: {"a": 0, "b": 100}}
bands:
  - {key: low, from: 0, de: Niedrig, en: Low}
  - {key: high, from: 50, de: Hoch, en: High}
questionnaire:
  questions:
    - {name: mine, kind: select_one, de: "Meine Frage?", en: "My question?", choices: [{name: a, de: A, en: A}, {name: b, de: B, en: B}]}
"""


def test_a_model_in_yaml_may_use_common_questions_and_bring_its_own() -> None:
    handed = actions.hand_in(coordinator(), "quick.yaml", MODEL_YAML.encode())
    assert handed.findings == ()
    actions.publish(coordinator(), handed.draft or 0)
    form = queries.form_for(["quick"])
    assert {"iot_use", "mine"} <= set(form.by_name)
    found = assess({"iot_use": "5", "mine": "a"}, {"quick": queries.available()["quick"]}, form).scores["quick"]
    assert found.total.value == 50


def test_a_wrong_model_in_yaml_is_told_with_its_place() -> None:
    made = compile_file("quick.yaml", MODEL_YAML.replace("question: iot_use", "question: iot_us").encode())
    assert made.usable is None
    assert [f.code for f in made.findings] == ["model_broken"]
    assert "iot_us" in made.findings[0].message.de


def test_the_page_lists_what_is_wrong_and_keeps_nothing() -> None:
    client = signed_in("coordinator")
    wrong = changed(**{cell_of("survey", "relevant", 4): "${nothing} = 1"})
    page = client.post("/desk/check/modelle/", {"table": SimpleUploadedFile("check.xlsx", wrong)})
    text = page.content.decode()
    assert page.status_code == 422
    assert "${nothing}" in text
    assert "relevant" in text
    assert OwnModel.objects.count() == 0


def test_the_page_leads_from_the_file_over_the_questions_to_the_offer() -> None:
    client = signed_in("coordinator")
    template = client.get("/desk/check/modelle/vorlage.xlsx").content
    page = client.post("/desk/check/modelle/", {"table": SimpleUploadedFile("check.xlsx", template)}, follow=True)
    assert "Schweißt bei Ihnen ein Roboter oder Cobot?" in page.content.decode()
    address = page.redirect_chain[-1][0]
    client.post(address, {"do": "publish"})
    assert "welding_check" in queries.available()
    assert "Schweiß-Check" in Client().get("/check/").content.decode()
    client.post(address, {"do": "withdraw"})
    assert "welding_check" not in queries.available()


def test_without_a_file_the_page_says_so() -> None:
    page = signed_in("coordinator").post("/desk/check/modelle/", {})
    assert page.status_code == 422
    assert "Bitte eine Datei wählen." in page.content.decode()


def test_the_page_speaks_english() -> None:
    client = signed_in("coordinator")
    handed = actions.hand_in(coordinator(), "check.xlsx", WORKBOOK)
    text = client.get(f"/en/desk/check/modelle/{handed.draft}/").content.decode()
    assert "Does a robot or cobot weld in your company?" in text
    assert "Publish" in text
