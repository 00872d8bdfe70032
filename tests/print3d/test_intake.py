"""Handing a part in: what is taken, what is refused and why, what is kept, and how many may wait."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from nordlotse.foundation.problem import BadInput, NotAvailable, Problem, TooLarge, TooMany, WrongCall
from nordlotse.office import files
from nordlotse.print3d.actions import parts as actions
from nordlotse.print3d.actions import turnstile
from nordlotse.print3d.core.limits import MAX_BYTES
from nordlotse.print3d.core.samples import SAMPLES
from nordlotse.print3d.core.whole import Wishes
from nordlotse.print3d.models import Part, Work
from nordlotse.print3d.queries import parts
from tests.print3d import handed_in

pytestmark = pytest.mark.django_db


def _post(content: bytes, name: str = "platte.stl", **fields: str) -> Any:
    return Client().post("/druck/", {"file": handed_in.upload(content, name), **fields})


def test_a_part_handed_in_leads_to_its_own_page_and_waits_for_its_check() -> None:
    response = _post(handed_in.plate(), unit="inch", process="sls")
    part = Part.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/druck/{part.key}/")
    kept = parts.by_key(part.key)
    assert (kept.name, kept.wishes.unit, kept.wishes.process, kept.days_left) == ("platte.stl", "inch", "sls", 7)
    assert kept.work is not None and (kept.work.kind, kept.work.state) == ("examine", "waiting")


def test_the_file_is_kept_byte_by_byte_under_a_name_of_ours() -> None:
    key = handed_in.hand_in(name="../../etc/passwd.stl")
    assert parts.content(key, parts.ORIGINAL) == handed_in.plate()
    assert parts.by_key(key).name == "passwd.stl"
    assert {file.name for file in files.of(parts.ROOM, key)} == {parts.ORIGINAL}


def test_a_large_file_is_copied_in_pieces_and_never_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    content = handed_in.plate() + b"\0" * 5 * 1024 * 1024
    asked: list[int] = []

    class Stream:
        def __init__(self) -> None:
            self.at = 0

        def seek(self, at: int) -> None:
            self.at = at

        def read(self, size: int = -1) -> bytes:
            asked.append(size)
            piece = content[self.at : self.at + size]
            self.at += len(piece)
            return piece

    key = actions.take_stream(Stream(), len(content), "teil.stl", Wishes(), lang="de")  # type: ignore[arg-type]
    assert parts.content(key, parts.ORIGINAL) == content
    assert all(0 < size <= 1024 * 1024 for size in asked)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Die Datei ist leer."),
        (b"%PDF-1.7 drawing", "Das ist ein PDF."),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "SolidWorks"),
        (b"Hallo, das ist ein Brief.", "nicht erkannt"),
    ],
)
def test_what_is_no_part_is_refused_at_once_and_the_page_says_what_it_is(content: bytes, said: str) -> None:
    response = _post(content, "teil.xyz")
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Part.objects.exists() and not files.of(parts.ROOM, "")


def test_a_form_without_a_file_says_so() -> None:
    response = Client().post("/druck/", {})
    assert response.status_code == 422
    assert "Pflichtfeld" in response.content.decode() or "zwingend" in response.content.decode()


def test_a_file_above_the_limit_is_refused_with_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    upload = handed_in.upload(handed_in.plate())
    upload.size = MAX_BYTES + 1024 * 1024
    with pytest.raises(TooLarge, match="151 MB"):
        actions.take(upload, Wishes(), lang="de")


@pytest.mark.parametrize(("wishes", "code"), [({"unit": "elle"}, "unit_unknown"), ({"scale": 0.0}, "scale_wrong")])
def test_wishes_that_cannot_be_are_refused(wishes: dict[str, Any], code: str) -> None:
    with pytest.raises(WrongCall, match=code):
        handed_in.hand_in(wishes=replace(Wishes(), **wishes))
    assert not Part.objects.exists()


@pytest.mark.parametrize("sample", [one.id for one in SAMPLES])
def test_each_of_our_own_samples_can_be_tried(sample: str) -> None:
    response = Client().post("/druck/beispiel/", {"sample": sample})
    assert response.status_code == 302
    assert Part.objects.get().name.startswith(sample)


def test_a_sample_that_does_not_exist_is_not_found() -> None:
    assert Client().post("/druck/beispiel/", {"sample": "nothing"}).status_code == 404


def test_of_one_address_only_so_many_parts_wait_at_once_and_others_are_not_held_up() -> None:
    for _ in range(turnstile.MOST_OF_ONE):
        handed_in.hand_in(address="192.0.2.1")
    with pytest.raises(TooMany, match="parts_waiting"):
        handed_in.hand_in(address="192.0.2.1")
    handed_in.hand_in(address="192.0.2.2")


def test_what_is_done_does_not_count_as_waiting() -> None:
    for _ in range(turnstile.MOST_OF_ONE):
        handed_in.hand_in(address="192.0.2.1")
    Work.objects.update(state=Work.State.DONE)
    handed_in.hand_in(address="192.0.2.1")


def test_a_full_line_takes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "MOST_OF_ALL", 2)
    handed_in.hand_in(), handed_in.hand_in()
    with pytest.raises(TooMany, match="queue_full"):
        handed_in.hand_in()


def test_a_used_up_share_of_the_disk_takes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    handed_in.hand_in()
    monkeypatch.setattr(settings, "CONFIGURATION", replace(settings.CONFIGURATION, part_disk=parts.bytes_kept() + 100))
    with pytest.raises(NotAvailable, match="parts_disk"):
        handed_in.hand_in()
    assert Part.objects.count() == 1


def test_the_start_says_what_one_gets_and_what_becomes_of_the_file_before_anything_is_handed_in() -> None:
    page = Client().get("/druck/").content.decode()
    assert "Ohne Konto" in page and "7 Tage" in page and "sofort löschen" in page
    assert page.index("7 Tage") < page.index('type="file"')
    english = Client().get("/en/druck/").content.decode()
    assert "7 days" in english and "Ohne Konto" not in english


def test_a_refusal_is_told_in_the_language_of_the_page() -> None:
    english = Client().post("/en/druck/", {"file": handed_in.upload(b"%PDF-1.7", "x.pdf")}).content.decode()
    assert "This is a PDF." in english


def test_a_problem_kept_with_a_work_is_the_same_when_it_is_read() -> None:
    told = BadInput("x_y", de="Deutsch", en="English", where="hier", remedy_de="tun", remedy_en="do")
    back = parts.problem_of(parts.problem_kept(told))
    assert isinstance(back, Problem)
    assert (back.code, back.message_de, back.message_en, back.where) == ("x_y", "Deutsch", "English", "hier")
    assert (back.remedy_de, back.remedy_en) == ("tun", "do")


def test_the_page_counts_what_waits_by_the_client_s_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CONFIGURATION", replace(settings.CONFIGURATION, rate_limit=True))
    for _ in range(turnstile.MOST_OF_ONE):
        assert _post(handed_in.plate()).status_code == 302
    refused = _post(handed_in.plate())
    assert refused.status_code == 429
    assert "Von Ihnen warten schon 5 Teile" in refused.content.decode()
    other = Client(REMOTE_ADDR="192.0.2.7").post("/druck/", {"file": handed_in.upload(handed_in.plate())})
    assert other.status_code == 302
