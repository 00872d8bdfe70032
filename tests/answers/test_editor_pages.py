"""The editor's pages: a broken draft is kept and says what is wrong, a draft can be discarded, the fields are explained."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from nordlotse.answers import actions
from nordlotse.answers.models import Revision
from nordlotse.web.staff import BY_LINK
from tests.answers.articles_made import german

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_library")]

EDIT, VERSIONS = "/desk/texte/iot-90/de/", "/desk/texte/iot-90/de/fassungen/"


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(
        User.objects.create_user("redaktion", is_staff=True), backend="django.contrib.auth.backends.ModelBackend"
    )
    session = client.session
    session[BY_LINK] = True
    session.save()
    return client


def test_a_broken_draft_is_kept_and_leads_back_to_the_editor_which_says_why(desk: Client) -> None:
    answer = desk.post(EDIT, {"raw": "---\nid: [offen\n---\n", "note": "", "number": "0", "draft": "1"}, follow=True)
    assert answer.redirect_chain[-1][0].endswith(EDIT)
    assert Revision.objects.get().state == Revision.State.DRAFT
    assert "finding--stop" in answer.content.decode()
    assert "id: [offen" in answer.content.decode()


def test_a_readable_draft_leads_to_the_versions(desk: Client) -> None:
    answer = desk.post(EDIT, {"raw": german(title="Neu"), "note": "", "number": "0", "draft": "1"})
    assert answer["Location"].endswith(VERSIONS)


def test_after_a_refused_publication_saving_again_is_no_conflict(desk: Client) -> None:
    refused = desk.post(EDIT, {"raw": "kaputt", "note": "", "number": "0", "publish": "1"})
    assert refused.status_code == 422
    assert 'name="number" value="1"' in refused.content.decode()
    assert desk.post(EDIT, {"raw": german(), "note": "", "number": "1", "draft": "1"}).status_code == 302


def test_a_draft_is_discarded_from_its_versions(desk: Client) -> None:
    draft = actions.save_draft(None, "iot-90", "de", german(title="Weg damit"))
    assert "Entwurf 1 verwerfen" in desk.get(VERSIONS).content.decode()
    desk.post(VERSIONS, {"discard": str(draft.number)})
    assert not Revision.objects.exists()


def test_the_only_version_of_a_new_text_discarded_leads_to_the_list(desk: Client) -> None:
    actions.save_draft(None, "iot-99", "de", german(id="iot-99"))
    answer = desk.post("/desk/texte/iot-99/de/fassungen/", {"discard": "1"})
    assert answer["Location"].endswith("/desk/texte/")


def test_the_editor_explains_the_fields(desk: Client) -> None:
    page = desk.get(EDIT).content.decode()
    for name in ("id", "review_by", "jurisdiction", "sections", "must_cover"):
        assert f"<code>{name}</code>" in page or f", {name}</code>" in page


def test_who_is_signed_in_but_no_editor_hears_who_sees_the_page_and_whom_to_ask(client: Client) -> None:
    client.force_login(User.objects.create_user("betrieb"), backend="django.contrib.auth.backends.ModelBackend")
    refused = client.get(EDIT)
    page = refused.content.decode()
    assert refused.status_code == 403
    assert "melden Sie sich an" not in page
    assert "Koordination, Redaktion, Verwaltung" in page and "fragen Sie die Verwaltung" in page
