"""What pages say about machines in places where words mislead easily: the way in, the first step, the making of a past."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import Client

from nordlotse.iot.actions.simulating import Progress
from nordlotse.iot.queries.alarm_words import first_step
from nordlotse.iot.templatetags import iot_past


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "way"), [("/", "/maschinen/"), ("/en/", "/en/maschinen/")])
def test_the_start_page_offers_machines_with_a_button_of_its_own(address: str, way: str) -> None:
    page = Client().get(address).content.decode()
    assert f'<a class="kern-btn kern-btn--secondary" href="{way}">' in page


def test_a_proposal_without_a_source_claims_no_experience() -> None:
    for kind in ("unusual", "drift", "stuck", "missing", "above", "below", "outside", "silent", "state"):
        _, source = first_step(kind, "x", "de")
        assert source.startswith("eigener Vorschlag, ohne Quelle")


def test_a_warm_spindle_leads_to_its_bearing_first_and_a_warm_oven_does_not() -> None:
    assert "Lager" in first_step("above", "Spindeltemperatur", "de")[0]
    assert "Lager" not in first_step("above", "Ofentemperatur", "de")[0]


def test_a_past_in_the_making_is_told_in_per_cent_of_the_year(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = type("Made", (), {"kind": "mill"})()
    monkeypatch.setattr(iot_past.simulating, "progress", lambda _: Progress(0.69))
    assert "69 Prozent des Jahres" in render_to_string("iot/_past.html", {"machine": machine, "request": {"path": "/"}})


@pytest.mark.parametrize("files", [1, 3])
def test_a_receipt_counts_files_without_a_wrong_plural_and_names_no_end_it_does_not_know(files: int) -> None:
    receipt = {"name": "", "machines": 1, "values": 12, "files": files}
    said = render_to_string("iot/deleted.html", {"receipt": receipt, "hall": None})
    assert f"Werte: 12, Dateien: {files}." in said and "sobald er diese löscht" in said
