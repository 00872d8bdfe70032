"""The report of a kept part is handed out behind its link and behind a shared one, and nowhere else."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from nordlotse.office import files
from nordlotse.print3d.core import amounts, seeing
from nordlotse.print3d.core.samples import sample, sample_bytes
from nordlotse.print3d.core.whole import from_text, to_text
from nordlotse.print3d.models import Part, new_key
from nordlotse.print3d.queries import parts
from nordlotse.print3d.queries.result import as_result
from tests.print3d.made import kept

pytestmark = pytest.mark.django_db


def _named(key: str, name: str) -> str:
    Part.objects.filter(pk=key).update(name=name)
    return key


def _with_views(**values: Any) -> str:
    key = kept("holder", **values)
    checked, _, seen = seeing.look_closely(sample_bytes("holder"), sample("holder").file)
    for name, png in seeing.views(seen, checked).items():
        files.keep(png, name=f"{name}.png", media_type="image/png", room=parts.ROOM, reference=key)
    return key


def _text(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def test_the_report_of_a_part_is_a_pdf_in_the_page_s_language(client: Client) -> None:
    key = _with_views(today={"quantity": 40, "price": 9.5, "process": "Fräsen"})
    _named(key, "Halter für Kabel.stl")
    german = client.get(f"/druck/{key}/bericht.pdf")
    assert german.status_code == 200 and german["Content-Type"] == "application/pdf"
    told = _text(german.content)
    assert "Halter für Kabel.stl" in told and "bei 40 Stück" in told and "9,50 €" in told
    assert "von vorn" in told
    english = client.get(f"/en/druck/{key}/bericht.pdf")
    assert "at 40 pieces" in _text(english.content)


def test_the_report_weighs_the_filament_as_the_material_chosen_like_the_page(client: Client) -> None:
    key = kept("holder")
    part = Part.objects.get(pk=key)
    examined = from_text(part.found)
    assert examined.reckoned is not None
    part.found = to_text(replace(examined, wishes=replace(examined.wishes, process="fdm", material="abs")))
    part.save()
    light = examined.reckoned.estimate.filament_g * 1.04 / 1.24
    told = _text(client.get(f"/druck/{key}/bericht.pdf").content)
    assert amounts.grams(light, "de") != amounts.grams(examined.reckoned.estimate.filament_g, "de")
    assert amounts.grams(light, "de") in told
    assert "Druckeinstellungen für PLA" in told
    assert "Druckeinstellungen für PLA" in client.get(f"/druck/{key}/").content.decode()


def test_a_result_with_a_cost_figure_no_longer_known_is_told_without_it(client: Client) -> None:
    key = kept("holder", today={"quantity": 3, "price": 20.0, "figures": {"fdm.gone_for_good": 2.0}})
    told = as_result(parts.by_key(key), "de")
    assert told is not None and any("bei 3, heute" in figure.label for figure in told.figures)
    assert client.get(f"/druck/{key}/bericht.pdf").status_code == 200


def test_the_report_is_kept_out_of_caches_and_search_engines_and_named_after_the_part(client: Client) -> None:
    key = _named(kept("holder"), 'Halter "neu"; x.stl')
    answer = client.get(f"/druck/{key}/bericht.pdf")
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["Content-Disposition"].startswith('attachment; filename="Druckbericht-Halter _neu_; x.pdf"')


def test_a_shared_link_gives_the_same_report_while_it_lasts(client: Client) -> None:
    key = kept("holder")
    share = new_key()
    Part.objects.filter(pk=key).update(share=share, share_until=timezone.now() + timedelta(days=1))
    assert client.get(f"/druck/geteilt/{share}/bericht.pdf").content == client.get(f"/druck/{key}/bericht.pdf").content
    Part.objects.filter(pk=key).update(share_until=timezone.now() - timedelta(seconds=1))
    assert client.get(f"/druck/geteilt/{share}/bericht.pdf").status_code == 404


def test_there_is_no_report_before_the_check_is_done_nor_after_the_part_expired(client: Client) -> None:
    waiting = kept("holder", done=False)
    answer = client.get(f"/druck/{waiting}/bericht.pdf")
    assert answer.status_code == 404 and "fertig" in answer.content.decode()
    old = kept("holder", expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"/druck/{old}/bericht.pdf").status_code == 404
    assert client.get(f"/druck/{new_key()}/bericht.pdf").status_code == 404


def test_a_cost_figure_kept_once_and_no_longer_known_does_not_stop_the_report(client: Client) -> None:
    key = kept("holder", today={"quantity": 40, "figures": {"fdm.moonlight": 3.0}})
    answer = client.get(f"/druck/{key}/bericht.pdf")
    assert answer.status_code == 200 and "bei 40 Stück" in _text(answer.content)


def test_only_reading_is_allowed(client: Client) -> None:
    key = kept("holder")
    assert client.post(f"/druck/{key}/bericht.pdf").status_code == 405
