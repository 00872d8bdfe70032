"""No visitor can fill the disk: a body that is too large is refused before it is read; staff may import more."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from nordlotse.web import bodies
from tests.web.conftest import signed_in

pytestmark = pytest.mark.django_db


def _files(kilobytes: int) -> dict[str, object]:
    return {"topic": "iot", "files": SimpleUploadedFile("x.bin", b"x" * kilobytes * 1024)}


@pytest.mark.parametrize(
    "path", ["/fragen/", "/en/fragen/", "/konto/login/", "/desk/import/", "/en/desk/import/", "/nothing/"]
)
def test_a_visitor_s_large_file_is_refused_on_every_address_before_it_is_read(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*args: object) -> None:
        raise AssertionError("the body was read")

    monkeypatch.setattr("django.http.HttpRequest.parse_file_upload", read)
    response = Client(enforce_csrf_checks=True).post(path, _files(300))
    assert response.status_code == 413
    assert ("at most 256 kB" if path.startswith("/en/") else "höchstens 256 kB") in response.content.decode()


def test_below_the_interface_it_is_told_as_json() -> None:
    response = Client().post("/api/v1/ask", b"x" * 300_000, content_type="application/json")
    assert (response.status_code, response.json()["error"]["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("path", ["/desk/import/", "/en/desk/import/"])
def test_signed_in_staff_may_import_more_but_not_without_end(path: str) -> None:
    client = signed_in("editor")
    assert client.post(path, {**_files(300), "topic": "no such topic"}).status_code == 200  # the form was read
    response = client.post(path, b"x", content_type="text/plain", CONTENT_LENGTH=str(bodies.MAX_IMPORT_BYTES + 1))
    assert response.status_code == 413


def test_staff_may_send_more_to_the_import_only() -> None:
    assert signed_in("editor").post("/fragen/", _files(300)).status_code == 413


@pytest.mark.parametrize("length", ["262145", "9" * 5000])
def test_the_length_that_is_named_decides(length: str) -> None:
    assert Client().post("/fragen/", {"question": "x"}, CONTENT_LENGTH=length).status_code == 413


def test_a_body_that_does_not_tell_its_length_is_refused() -> None:
    response = Client().post("/fragen/", {"question": "x"}, HTTP_TRANSFER_ENCODING="chunked")
    assert response.status_code == 400
    assert "nennt ihre Länge nicht" in response.content.decode()


@pytest.mark.parametrize("path", ["/gruppen/x/neu/", "/en/betrieb/fall/x/", "/fachleute/fall/x/", "/desk/faelle/x/"])
def test_files_beside_words_may_be_larger_for_people_with_an_account_but_not_without_end(path: str) -> None:
    assert Client().post(path, _files(300)).status_code == 413
    client = signed_in("coordinator")
    assert client.post(path, _files(300)).status_code != 413
    response = client.post(path, b"x", content_type="text/plain", CONTENT_LENGTH=str(bodies.MAX_ATTACHED_BYTES + 1))
    assert response.status_code == 413


@pytest.mark.parametrize("path", ["/fall/{}/", "/en/anfrage/{}/"])
def test_a_mailed_link_of_ours_lets_its_holder_send_files_and_an_invented_one_does_not(path: str) -> None:
    from nordlotse.office import links

    token = links.make("anything", "x")
    assert Client().post(path.format(token), _files(300)).status_code != 413
    assert Client().post(path.format("a" + token), _files(300)).status_code == 413


@pytest.mark.parametrize("path", ["/druck/", "/en/druck/", "/druck/liste/"])
def test_anybody_may_hand_in_a_part_but_not_without_end(path: str) -> None:
    read = Client().post(path, {"file": SimpleUploadedFile("part.stl", b"x" * 300 * 1024)})
    assert read.status_code != 413
    response = Client().post(path, b"x", content_type="text/plain", CONTENT_LENGTH=str(bodies.MAX_PART_BYTES + 1))
    assert response.status_code == 413
    assert "150 MB" in response.content.decode()


@pytest.mark.parametrize("path", ["/druck/x/", "/druck/beispiel/", "/druckerei/", "/en/druck/x/neu/"])
def test_a_large_body_is_read_nowhere_else_among_the_parts(path: str) -> None:
    assert Client().post(path, _files(300)).status_code == 413
