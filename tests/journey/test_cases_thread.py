"""Words of a case: by page, by mail, by phone; each taken in once and mailed to the other side."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import override_settings
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from nordlotse.answers.models import Revision
from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound
from nordlotse.journey import actions
from nordlotse.journey.actions import cases, letters, thread
from nordlotse.journey.announcements import replied
from nordlotse.journey.core.briefing import Facts, five_lines
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import Assignment, Inquiry, Message
from nordlotse.journey.queries.access import Who, as_contact
from nordlotse.office import incoming
from nordlotse.office.mail import Attachment
from nordlotse.office.models import OutgoingMail, StoredFile
from tests.journey.casework import accepted, case, coordinator, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_hand():  # type: ignore[no-untyped-def]
    by, made, who = coordinator(), case(), person("Sensorik")
    accepted(by, made, who)
    return by, made, who


def test_an_experts_words_reach_the_company_and_start_the_work(in_hand) -> None:  # type: ignore[no-untyped-def]
    _, made, who = in_hand
    message = thread.say(Who(Actor.EXPERT, person=who), made.pk, "Nehmen Sie einen Klemmsensor.")
    made.refresh_from_db()
    assert (made.status, made.asked_last) == ("in_work", "expert")
    assert made.first_reply_at is not None
    mail = OutgoingMail.objects.get(key=f"journey:message:{message.pk}:company")
    assert mail.to == "hinnerk@kahn.example"
    assert "Klemmsensor" in mail.text
    assert "Sensorik" in mail.text


def test_the_companys_words_reach_the_expert_and_not_itself(in_hand) -> None:  # type: ignore[no-untyped-def]
    _, made, who = in_hand
    message = thread.say(as_contact(made), made.pk, "Welcher genau?")
    mails = OutgoingMail.objects.filter(key__startswith=f"journey:message:{message.pk}:")
    assert [m.to for m in mails] == [who.mail]
    made.refresh_from_db()
    assert (made.status, made.first_reply_at) == ("accepted", None)


def test_a_reply_is_announced_once_and_only_to_the_company(in_hand) -> None:  # type: ignore[no-untyped-def]
    by, made, who = in_hand
    heard: list[tuple[str, str]] = []

    def hear(sender: object, message: Message, channel: str, **_: object) -> None:
        heard.append((message.text, channel))

    replied.connect(hear)
    try:
        expert = Who(Actor.EXPERT, person=who)
        thread.say(expert, made.pk, "Antwort", once="form:1")
        thread.say(expert, made.pk, "Antwort", once="form:1")
        thread.say(expert, made.pk, "Notiz", internal=True)
        thread.say(as_contact(made), made.pk, "Danke")
        thread.say(by, made.pk, "Angerufen", channel=Message.Channel.PHONE)
    finally:
        replied.disconnect(hear)
    assert heard == [("Antwort", "page"), ("Angerufen", "phone")]


def test_a_mailed_reply_is_taken_in_once_by_its_message_id(in_hand) -> None:  # type: ignore[no-untyped-def]
    _, made, who = in_hand
    for _ in range(2):
        thread.take_mail(made.pk, f"person:{who.pk}", "Per Mail: Klemmsensor.", [], "<a@b.example>")
    thread.take_mail(
        made.pk, f"contact:{made.contact_id}", "Danke!", [Attachment("w.txt", "text/plain", b"1 2 3")], "<c@d>"
    )
    assert [(m.author, m.channel) for m in made.messages.order_by("pk")] == [("expert", "mail"), ("company", "mail")]
    kept = StoredFile.objects.get()
    assert made.messages.last().attachments == [kept.pk]
    to_expert = OutgoingMail.objects.filter(key__startswith="journey:message:", to=who.mail).get()
    assert [a["name"] for a in to_expert.attachments] == ["w.txt"]


def test_a_mailed_reply_to_a_closed_case_opens_it_again(in_hand) -> None:  # type: ignore[no-untyped-def]
    by, made, _ = in_hand
    cases.close(by, made.pk, "solved")
    thread.take_mail(made.pk, f"contact:{made.contact_id}", "Es klemmt doch noch.", [], "<e@f>")
    made.refresh_from_db()
    assert (made.status, made.open, made.outcome) == ("in_work", True, "")
    assert Assignment.objects.get().status == "accepted"


@pytest.mark.parametrize("sender", ["person:999", "contact:fremd", "user:1", "", "person:x"])
def test_a_mail_of_somebody_else_is_not_taken_in(in_hand, sender: str) -> None:  # type: ignore[no-untyped-def]
    _, made, _ = in_hand
    with pytest.raises(NotFound):
        thread.take_mail(made.pk, sender, "Hallo", [], "<g@h>")
    assert Message.objects.count() == 0


def test_who_handed_the_case_over_cannot_write_in_it_any_more(in_hand) -> None:  # type: ignore[no-untyped-def]
    _, made, who = in_hand
    Assignment.objects.update(status="handed_over")
    with pytest.raises(NotFound):
        thread.take_mail(made.pk, f"person:{who.pk}", "Noch was", [], "<i@j>")


def test_mails_of_a_case_carry_an_address_of_their_own_for_each_side(in_hand) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    assert incoming.handler_of(letters.CASE) is thread.take_mail
    _, made, who = in_hand
    with override_settings(CONFIGURATION=replace(settings.CONFIGURATION, imap_url="imap://x:y@localhost/INBOX")):
        message = thread.say(Who(Actor.EXPERT, person=who), made.pk, "Fragen Sie ruhig.")
        back = thread.say(as_contact(made), made.pk, "Gern.")
    to_company = OutgoingMail.objects.get(key=f"journey:message:{message.pk}:company")
    to_expert = OutgoingMail.objects.get(key=f"journey:message:{back.pk}:{who.pk}")
    read = [incoming.read_reply_address(m.reply_to) for m in (to_company, to_expert)]
    assert [(r.reference, r.person) for r in read if r] == [
        (made.pk, f"contact:{made.contact_id}"),
        (made.pk, f"person:{who.pk}"),
    ]
    assert to_company.in_reply_to if hasattr(to_company, "in_reply_to") else to_company.headers.get("In-Reply-To")


def test_the_company_writes_no_internal_notes(in_hand) -> None:  # type: ignore[no-untyped-def]
    _, made, _ = in_hand
    with pytest.raises(NotAllowed):
        thread.say(as_contact(made), made.pk, "psst", internal=True)


def test_a_reply_becomes_a_draft_without_anything_that_leads_to_a_person() -> None:
    by, who = coordinator(), person("Sensorik")
    asked = Inquiry.objects.get(pk=actions.ask("Welcher Sensor passt an eine alte Presse?")[0]["id"])
    made = case(inquiry=asked, text=asked.question, company_name="Kahn GmbH")
    accepted(by, made, who)
    reply = thread.say(
        Who(Actor.EXPERT, person=who),
        made.pk,
        "Guten Tag Herr Kahn, bei der Kahn GmbH passt ein Klemmsensor. Rufen Sie 040 1234567 an. Hinnerk Kahn weiß Bescheid.",
    )
    slug = thread.draft_article(by, reply.pk)
    draft = Revision.objects.get(slug=slug)
    assert "Klemmsensor" in draft.raw
    for word in ("Hinnerk", "Kahn GmbH", "Herr Kahn", "1234567", "Sensorik"):
        assert word not in draft.raw.partition("sections:")[2], word
    assert draft.note == f"Frage {asked.pk}"
    assert draft.state == "draft"
    assert thread.draft_article(by, reply.pk) == slug
    assert Revision.objects.count() == 1


def test_an_author_who_wants_it_is_named(in_hand) -> None:  # type: ignore[no-untyped-def]
    by, made, who = in_hand
    reply = thread.say(Who(Actor.EXPERT, person=who), made.pk, "Ein Klemmsensor passt.")
    slug = thread.draft_article(by, reply.pk, named=True)
    assert "Sensorik, Institut Sensorik" in Revision.objects.get(slug=slug).raw


def test_no_article_is_made_of_a_note_or_of_the_companys_words(in_hand) -> None:  # type: ignore[no-untyped-def]
    by, made, _ = in_hand
    note = thread.say(by, made.pk, "intern", internal=True)
    words = thread.say(as_contact(made), made.pk, "unsere Worte")
    for message in (note, words):
        with pytest.raises(BadInput):
            thread.draft_article(by, message.pk)
    assert Revision.objects.count() == 0


@given(
    st.builds(
        Facts, company=st.text(), place=st.text(), question=st.text(), answer=st.text(), tried=st.text(), wish=st.text()
    )
)
@tried(deadline=None)  # a loaded machine is not what this is about
def test_there_are_always_five_lines_each_short_and_never_empty(facts: Facts) -> None:
    for lang in ("de", "en"):
        lines = five_lines(facts, lang)  # type: ignore[arg-type]
        assert len(lines) == 5
        assert all(line.text.strip() and len(line.text) <= 605 for line in lines)
