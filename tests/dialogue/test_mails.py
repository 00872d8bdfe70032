"""The mails about events, in both languages: whole sentences, no German in an English one, and nothing escaped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nordlotse.dialogue.actions import chores, entrance, registrations
from nordlotse.dialogue.actions import events as running
from nordlotse.dialogue.queries.registrations import token_of
from nordlotse.foundation.language import Lang
from tests.dialogue.made import begun, coordinator, event, mails, registered, wanted

pytestmark = pytest.mark.django_db

SORTS = ("confirmed", "waiting", "moved_up", "again", "withdrawn", "changed", "cancelled", "reminder", "thanks")
GERMAN = ("Guten Tag", "Sie ", "Ihr", "Uhr", "Der ", "Grund", "Termin:")


def _write_all(lang: Lang) -> None:
    """Let every sort of mail be written."""
    made = event(quota=1, title_de="Müller & Söhne <lernen>", title_en="Müller & Söhne <learn>")
    first = registered(made, 1, lang=lang)
    registered(made, 2, lang=lang)
    registrations.register(made.pk, wanted(3, mail="gast1@example.org", lang=lang))
    registrations.withdraw(token_of(first))
    running.change(coordinator(), made.pk, {"place": "Kiel"})
    made.refresh_from_db()
    chores.remind(made.begin - timedelta(hours=20))
    running.cancel(coordinator(), made.pk, "Storm")
    past = event(slug="vorbei")
    there = registered(past, 4, lang=lang)
    begun(past, ended=True)
    entrance.check_in(coordinator(), there.pk)
    chores.thank()


@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_sort_of_mail_has_a_subject_a_greeting_and_a_way_on(lang: Lang) -> None:
    _write_all(lang)
    for sort in SORTS:
        found = mails(f"{sort}:")
        assert found, sort
        for mail in found:
            assert "  " not in mail.subject and len(mail.subject) > 12
            assert "\n\n\n" not in mail.text
            assert "http" in mail.text
            assert "&amp;" not in mail.text + mail.subject and "&lt;" not in mail.text
            assert mail.text.startswith("Dear Gast" if lang == "en" else "Guten Tag Gast")
            if lang == "en":
                assert not [word for word in GERMAN if word in mail.subject + mail.text], mail.text
                assert "/en/termine/" in mail.text


def test_a_title_of_several_lines_cannot_add_a_line_to_the_head_of_a_mail() -> None:
    made = event(title_de="Eins\r\nBcc: alle@example.org")
    registered(made, 1)
    [mail] = mails()
    assert "\n" not in mail.subject and "\r" not in mail.subject
