"""A shared link: it shows and changes nothing, ends when it should, and never outlives the part."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.print3d.actions import sharing
from nordlotse.print3d.models import Part
from nordlotse.print3d.queries import parts
from tests.print3d import handed_in, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def key() -> str:
    return made.kept("holder", picture=True)


def _share(key: str, **fields: Any) -> str:
    assert Client().post(f"/druck/{key}/teilen/", fields or {"days": "3"}).status_code == 302
    return parts.by_key(key).share


def test_a_shared_link_shows_result_and_picture_but_neither_key_nor_anything_to_change(key: str) -> None:
    share = _share(key)
    page = Client().get(f"/druck/geteilt/{share}/").content.decode()
    assert "<h1" in page and "Je Verfahren" in page
    assert key not in page
    assert "loeschen" not in page and 'method="post"' not in page and "/teilen/" not in page
    assert Client().get(f"/druck/geteilt/{share}/ansicht.bin").content.startswith(b"NLV1")


def test_a_shared_link_tells_nobody_what_the_company_pays_today(key: str) -> None:
    today = {"quantity": 40, "price": 9.37, "lead_days": [10, 20], "minimum": 5, "process": "Zulieferer Meier"}
    Part.objects.update(today=today)
    share = _share(key)
    assert "9,37" in Client().get(f"/druck/{key}/").content.decode()
    page = Client().get(f"/druck/geteilt/{share}/").content.decode()
    assert "9,37" not in page and "Meier" not in page
    assert "bei 40" in page
    assert parts.by_share(share).today == {"quantity": 40}


def test_a_link_that_has_ended_is_not_shown_as_one(key: str) -> None:
    share = _share(key)
    Part.objects.update(share_until=timezone.now() - timedelta(seconds=1))
    assert share not in Client().get(f"/druck/{key}/teilen/").content.decode()


@pytest.mark.parametrize("path", ["", "ansicht.bin", "bild/front.png"])
def test_a_shared_link_can_only_be_looked_at(key: str, path: str) -> None:
    assert Client().post(f"/druck/geteilt/{_share(key)}/{path}").status_code == 405


@pytest.mark.parametrize("path", ["", "neu/", "loeschen/", "teilen/", "abbrechen/", "reparatur/", "genau/"])
def test_the_key_of_a_shared_link_opens_none_of_the_part_s_own_pages(key: str, path: str) -> None:
    share = _share(key)
    assert Client().get(f"/druck/{share}/{path}").status_code in (404, 405)
    assert Client().post(f"/druck/{share}/{path}", {"sure": "yes"}).status_code == 404
    assert Part.objects.filter(pk=key).exists()


@pytest.mark.parametrize("days", [1, 3, 7])
def test_it_ends_after_the_days_chosen(key: str, days: int) -> None:
    share = _share(key, days=str(days))
    until = parts.by_key(key).share_until
    assert until is not None
    assert abs(until - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)
    Part.objects.update(share_until=timezone.now() - timedelta(seconds=1))
    assert Client().get(f"/druck/geteilt/{share}/").status_code == 404


def test_it_never_outlives_the_part(key: str) -> None:
    end = timezone.now() + timedelta(days=2)
    Part.objects.update(expires_at=end)
    _share(key, days="7")
    assert parts.by_key(key).share_until == end
    assert sharing.offered(parts.by_key(key)) == (1,)


def test_it_can_be_ended_at_once(key: str) -> None:
    share = _share(key)
    Client().post(f"/druck/{key}/teilen/", {"do": "end"})
    assert Client().get(f"/druck/geteilt/{share}/").status_code == 404
    assert parts.by_key(key).share == ""


def test_a_new_link_ends_the_old_one(key: str) -> None:
    first = _share(key)
    second = _share(key)
    assert first != second
    assert Client().get(f"/druck/geteilt/{first}/").status_code == 404
    assert Client().get(f"/druck/geteilt/{second}/").status_code == 200


@pytest.mark.parametrize("days", ["", "0", "2", "8", "99", "-1", "³"])
def test_other_days_are_refused(key: str, days: str) -> None:
    response = Client().post(f"/druck/{key}/teilen/", {"days": days})
    assert response.status_code == 422
    assert "Wählen Sie 1, 3 oder 7 Tage." in response.content.decode()
    assert parts.by_key(key).share == ""


def test_what_is_not_checked_yet_cannot_be_shared() -> None:
    with pytest.raises(BadInput, match="nothing_to_share"):
        sharing.share(handed_in.hand_in(), 1)


def test_a_part_that_is_not_there_cannot_be_shared_nor_its_sharing_ended() -> None:
    with pytest.raises(NotFound):
        sharing.share("A" * 24, 1)
    with pytest.raises(NotFound):
        sharing.end("A" * 24)
