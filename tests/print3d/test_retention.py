"""What expires goes with its files; what a company has is exported and deleted with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from nordlotse.foundation.personal import Subject, tables
from nordlotse.journey.actions.privacy import retain
from nordlotse.office import files
from nordlotse.print3d import tasks
from nordlotse.print3d.actions import belonging
from nordlotse.print3d.models import Part, PartList, Work
from nordlotse.print3d.queries import parts
from tests.print3d import made

pytestmark = pytest.mark.django_db


def _expired(**ago: int) -> str:
    key = made.kept("bracket", picture=True)
    past = timezone.now() - timedelta(**ago)
    Part.objects.filter(pk=key).update(expires_at=past, created_at=past - timedelta(days=7))
    return key


def test_a_part_past_its_day_is_gone_for_everybody_at_once() -> None:
    key = _expired(seconds=1)
    for path in ("", "ansicht.bin", "loeschen/", "kosten/", "bericht.pdf"):
        assert Client().get(f"/druck/{key}/{path}").status_code == 404
    assert Client().post(f"/druck/{key}/neu/", {"same": "1"}).status_code == 404


def test_the_worker_deletes_what_has_expired_with_its_files_and_leaves_the_rest() -> None:
    gone, stays = _expired(seconds=1), made.kept("bracket", picture=True)
    paths = [files.path_of(file) for file in files.of(parts.ROOM, gone)]
    tasks.forget()
    assert list(Part.objects.values_list("pk", flat=True)) == [stays]
    assert not files.of(parts.ROOM, gone) and files.of(parts.ROOM, stays)
    assert paths
    assert not Work.objects.filter(part=gone).exists()


@pytest.mark.django_db(transaction=True)
def test_the_bytes_of_an_expired_part_leave_the_disk() -> None:
    paths = [files.path_of(file) for file in files.of(parts.ROOM, _expired(seconds=1))]
    assert paths and all(path.exists() for path in paths)
    tasks.forget()
    assert not any(path.exists() for path in paths)


def test_the_house_s_own_retention_takes_the_files_along() -> None:
    key = _expired(days=1)
    assert retain()["print3d.Part"] == 1
    assert not files.of(parts.ROOM, key)


def test_a_part_of_a_company_is_exported_with_its_files_and_another_company_s_is_not() -> None:
    key = made.kept("bracket", picture=True)
    belonging.attach(key, "c1")
    table = tables()["print3d.Part"]
    assert [row.pk for row in table.rows(Subject(company="c1"))] == [key]
    assert not table.rows(Subject(company="c2")).exists()
    assert not table.rows(Subject()).exists()
    assert table.files is not None
    assert {file.name for file in table.files(Part.objects.get())} == {parts.ORIGINAL, parts.PICTURE}


def test_deleting_a_company_s_parts_takes_their_files_along() -> None:
    key = made.kept("bracket", picture=True)
    belonging.attach(key, "c1")
    table = tables()["print3d.Part"]
    assert table.erase is not None
    table.erase(table.rows(Subject(company="c1")))
    assert not Part.objects.exists() and not files.of(parts.ROOM, key)


def test_a_list_takes_its_files_along_too() -> None:
    made_list = PartList.objects.create(name="liste.zip", company="c1")
    files.keep(b"x", name="original", media_type="application/zip", room=parts.LIST_ROOM, reference=made_list.pk)
    table = tables()["print3d.PartList"]
    assert table.files is not None and table.erase is not None
    assert len(table.files(made_list)) == 1
    table.erase(table.rows(Subject(company="c1")))
    assert not files.of(parts.LIST_ROOM, made_list.pk)
