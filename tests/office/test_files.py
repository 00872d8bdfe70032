"""Files: kept durably under an id, judged before, limited per thing, given back only as a download, gone with their row."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import FileResponse, HttpRequest
from django.test import RequestFactory

from nordlotse.foundation.problem import BadInput, NotFound, TooLarge
from nordlotse.office import files
from nordlotse.office.models import StoredFile

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """An empty folder for files."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def hand_in(content: bytes = b"%PDF-1.7", name: str = "Angebot.pdf", reference: str = "c1") -> StoredFile:
    return files.take_in(SimpleUploadedFile(name, content), room="journey", reference=reference)


def test_a_file_lies_under_its_id_and_its_row_says_what_it_is() -> None:
    made = hand_in(name="../Grüße an Müller.exe")
    assert files.path_of(made).read_bytes() == b"%PDF-1.7"
    assert files.path_of(made).name == made.pk
    assert (made.name, made.media_type, made.size) == ("Grüße an Müller.pdf", "application/pdf", 8)
    assert files.of("journey", "c1") == [made]
    assert files.of("journey", "c2") == []


@pytest.mark.parametrize(("content", "name", "kind"), [(b"", "a.pdf", BadInput), (b"MZ", "a.pdf", BadInput)])
def test_what_is_refused_leaves_nothing_behind(content: bytes, name: str, kind: type, folder: Path) -> None:
    with pytest.raises(kind):
        hand_in(content, name)
    assert not StoredFile.objects.exists()
    assert [p for p in folder.rglob("*") if p.is_file()] == []


def test_a_file_above_ten_megabytes_is_refused_before_it_is_read() -> None:
    class Unread(SimpleUploadedFile):
        def read(self, *amount: int) -> bytes:
            return pytest.fail("it was read")

    upload = Unread("a.txt", b"x")
    upload.size = 11 * 1024 * 1024
    with pytest.raises(TooLarge):
        files.take_in(upload, room="journey", reference="c1")


def test_one_thing_has_at_most_twenty_files_and_fifty_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(files.MAX_FILES):
        hand_in()
    with pytest.raises(BadInput, match="file_quota"):
        hand_in()
    hand_in(reference="c2")
    monkeypatch.setattr(files, "MAX_TOTAL_BYTES", 20)
    hand_in(reference="c2")
    with pytest.raises(BadInput, match="file_quota"):
        hand_in(reference="c2")


def test_the_bytes_are_on_the_disk_before_the_row_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    real = os.fsync
    monkeypatch.setattr(files.os, "fsync", lambda fd: (order.append("fsync"), real(fd)))
    monkeypatch.setattr(files, "reach", order.append)
    monkeypatch.setattr(StoredFile, "save", lambda self, **_: order.append("row"))
    hand_in()
    assert order == ["fsync", "fsync", "file-written", "row"]


def _age(place: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(place, (then, then))


def test_bytes_without_a_row_are_removed_after_an_hour_and_others_stay(folder: Path) -> None:
    kept = hand_in()
    with pytest.raises(RuntimeError), transaction.atomic():
        lost = files.path_of(hand_in())
        raise RuntimeError
    partial = lost.with_name(f"{files._PARTIAL}x")
    partial.write_bytes(b"half")
    assert files.remove_orphans() == 0, "its transaction might still be under way"
    for place in (lost, partial, files.path_of(kept)):
        _age(place, files.ORPHAN_SECONDS + 5)
    assert files.remove_orphans() == 2
    assert files.path_of(kept).exists()
    assert not lost.exists()


@pytest.mark.django_db(transaction=True)
def test_a_removed_file_takes_its_bytes_along_once_that_is_through() -> None:
    made = [hand_in(), hand_in()]
    places = [files.path_of(f) for f in made]
    with pytest.raises(RuntimeError), transaction.atomic():
        files.remove(StoredFile.objects.get(pk=made[0].pk))
        raise RuntimeError
    assert places[0].exists()
    assert files.remove_all("journey", "c1") == 2
    assert not any(p.exists() for p in places)
    assert not StoredFile.objects.exists()


def test_a_download_is_an_attachment_that_nothing_can_run(rf: RequestFactory) -> None:
    response = files.download(hand_in(name='Größe "5" µm.pdf'))
    assert isinstance(response, FileResponse)
    assert b"".join(response) == b"%PDF-1.7"  # type: ignore[arg-type]
    response.close()
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe")
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "private, no-store"


def test_the_sites_own_policy_does_not_replace_that_of_a_download(rf: RequestFactory) -> None:
    from csp.middleware import CSPMiddleware

    def view(request: HttpRequest) -> FileResponse:
        return files.download(made)

    made = hand_in()
    response = CSPMiddleware(view)(rf.get("/"))
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    response.close()


def test_a_file_whose_bytes_are_gone_is_told() -> None:
    made = hand_in()
    files.path_of(made).unlink()
    with pytest.raises(NotFound, match="file_gone"):
        files.download(made)
