"""The pages of a case: who sees what, and that only a POST changes anything."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nordlotse.foundation.records import day
from nordlotse.foundation.result import Result
from nordlotse.foundation.role import Role
from nordlotse.journey import actions
from nordlotse.journey.actions import cases, proposals, thread
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import AccessRecord, Assignment, Case, Company, Contact, Message
from nordlotse.journey.queries import matching
from nordlotse.journey.queries.access import Who, as_contact
from nordlotse.office.models import ActionLink, LogEntry, OutgoingMail, StoredFile
from nordlotse.web.staff import BY_LINK
from tests.journey.casework import REACH, TEXT, accepted, case, coordinator, member, person, user

pytestmark = pytest.mark.django_db

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>'


def signed_in(who: Any) -> Client:
    client = Client()
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[BY_LINK] = True
    session.save()
    return client


def talk(client: Client, **more: Any) -> Any:
    given = {"name": "Hinnerk Kahn", "phone": "040 1234567", "once": "k1", **more}
    return client.post("/gespraech/", given)


def test_a_callback_takes_two_fields_and_leads_to_the_number(client: Client) -> None:
    response = talk(client)
    made = Case.objects.get()
    assert response.status_code == 302
    page = client.get(response["Location"]).content.decode()
    assert f"<strong>{made.number}</strong>" in page
    assert "Hinnerk" not in page


def test_the_number_that_will_be_called_is_shown_to_the_browser_that_sent_it_alone(client: Client) -> None:
    place = talk(client, times=["tomorrow"], hours="um 10")["Location"]
    page = client.get(place).content.decode()
    tomorrow = day(timezone.localdate() + timedelta(days=1), "de")
    assert "unter <strong>040 1234567</strong> an" in page
    assert f"Ihr Wunsch: morgen ({tomorrow}), um 10." in page
    assert "Sie haben nicht geschrieben, worum es geht" in page
    stranger = Client().get(place).content.decode()
    assert not [words for words in ("040 1234567", "um 10", "worum es geht") if words in stranger]
    other = talk(Client(), once="k2", phone="", mail="h@kahn.example", text="Sägeblatt")["Location"]
    assert "h@kahn.example" not in client.get(other).content.decode()


def test_after_an_hour_the_number_is_shown_no_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    place = talk(client)["Location"]
    later = time.time() + 3700
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert "040 1234567" not in client.get(place).content.decode()


def test_whoever_was_wished_for_is_asked_first_and_the_page_says_so(client: Client) -> None:
    first, wished = person("Sensorik"), person("Okke Wegner", profile="Buchhaltung")
    for who in (first, wished):
        who.visible = who.partner.visible = True
        who.partner.save()
        who.save()
    page = client.get(f"/gespraech/?partner={wished.partner.slug}").content.decode()
    assert "Ihr Wunsch: Institut Okke Wegner." in page
    place = talk(client, partner=wished.partner.slug, text=TEXT, state="SH")["Location"]
    assert "Wir fragen zuerst bei Institut Okke Wegner." in client.get(place).content.decode()
    assert next(c.person for c in matching.candidates(Case.objects.get()).people) == wished
    place = talk(client, person=str(wished.pk), text=TEXT, state="SH", once="k2")["Location"]
    assert "Wir fragen zuerst Okke Wegner." in client.get(place).content.decode()


def test_the_other_language_keeps_where_somebody_came_from_after_an_error(client: Client) -> None:
    page = talk(client, phone="", artikel="iot-01").content.decode()
    assert 'href="/en/gespraech/?artikel=iot-01"' in page


def test_phone_and_mail_are_not_both_called_voluntary(client: Client) -> None:
    page = client.get("/gespraech/").content.decode()
    for name in ("phone", "mail"):
        assert "freiwillig" not in re.search(rf'for="id_{name}">(.*?)</label>', page)[1]  # type: ignore[index]


def test_the_question_asked_before_can_be_changed(client: Client) -> None:
    asked = actions.ask("Was kostet ein 3D-Druckteil?")[0]["id"]
    page = client.get(f"/gespraech/?antwort={asked}").content.decode()
    assert re.search(r"<textarea[^>]*>\s*Was kostet ein 3D-Druckteil\?</textarea>", page)


def test_the_thing_sent_along_is_named(client: Client) -> None:
    page = client.get("/gespraech/?artikel=iot-01").content.decode()
    assert "Artikel: " in page
    assert "angehängten Ergebnisse" not in page


def test_whoever_has_no_account_takes_a_consent_back_by_the_mailed_link(client: Client) -> None:
    made = case(share={"later"})
    link = next(link for link in links_in_mails() if "/fall/" in link)
    assert "Wozu Sie Ja gesagt haben" in client.get(link).content.decode()
    client.post(link, {"do": "withdraw", "consent": str(made.consents.get().pk)})
    assert made.consents.get().withdrawn_at is not None
    assert "Wozu Sie Ja gesagt haben" not in client.get(link).content.decode()


def test_the_companys_page_shows_what_was_ticked_in_each_case_and_takes_it_back() -> None:
    owner, _ = member()
    made = cases.open_case(owner, REACH, text="Sägewerk", share={"later"})
    client = signed_in(owner)
    page = client.get("/betrieb/").content.decode()
    assert "nur für diesen Fall" in page
    assert page.count('value="withdraw"') == 1
    given = {"do": "withdraw", "consent": str(made.consents.get().pk), "back": "company"}
    assert client.post(f"/betrieb/fall/{made.pk}/", given)["Location"] == "/betrieb/#ja"
    assert "nur für diesen Fall" not in client.get("/betrieb/").content.decode()


def test_the_company_reads_its_own_name_and_the_expert_does_not(client: Client) -> None:
    by, who = coordinator(), person("Sensorik")
    made = case()
    link = next(link for link in links_in_mails() if "/fall/" in link)
    assert "<dd>Hinnerk Kahn, Schleswig-Holstein</dd>" in client.get(link).content.decode()
    assert "Hinnerk" not in client.get(asked_link(proposals.ask_person(by, made.pk, who.pk))).content.decode()


def test_who_makes_a_company_is_told_which_cases_get_its_name() -> None:
    made = case(text="Sägewerk")
    owner = user("inhaber")
    EmailAddress.objects.create(user=owner, email=REACH.mail, verified=True, primary=True)
    page = signed_in(owner).get("/betrieb/").content.decode()
    assert f"Fall {made.number}</" in page or f"Fall {made.number}:" in page
    assert "Sägewerk" in page


def test_the_page_names_the_day_of_the_promise(client: Client) -> None:
    page = client.get("/gespraech/").content.decode()
    assert "innerhalb von zwei Arbeitstagen, also bis" in page
    assert re.search(r"bis \d+\. \w+ 20\d\d\.", page)


def test_nothing_is_ticked_before_somebody_ticks_it(client: Client) -> None:
    asked = actions.ask("Was kostet ein 3D-Druckteil?")[0]["id"]
    page = client.get(f"/gespraech/?antwort={asked}").content.decode()
    assert "Was kostet ein 3D-Druckteil?" in page
    assert page.count('name="share"') == 2
    assert " checked" not in page


def test_a_form_sent_twice_opens_one_case(client: Client) -> None:
    assert talk(client)["Location"] == talk(client)["Location"]
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    "source", ["antwort=gibtesnicht", "programm=x", "artikel=x", "person=99", "person=x", "termin=x"]
)
def test_a_source_that_is_gone_turns_nobody_away(client: Client, source: str) -> None:
    assert client.get(f"/gespraech/?{source}").status_code == 200


@pytest.mark.parametrize("source", ["artikel=iot-01", "programm=hh-digital-check"])
def test_what_somebody_comes_from_is_attached_if_ticked(client: Client, source: str) -> None:
    name, _, value = source.partition("=")
    assert talk(client, share="results", **{name: value}).status_code == 302
    kept = Case.objects.get().results
    assert kept[0]["reference"].endswith(f"/{value}/")


def test_without_phone_and_mail_the_page_says_what_is_missing_and_keeps_what_was_typed(client: Client) -> None:
    response = talk(client, phone="", text="Unsere Presse steht still")
    assert response.status_code == 422
    page = response.content.decode()
    assert "eines von beiden genügt" in page
    assert "Unsere Presse steht still" in page
    assert Case.objects.count() == 0


def links_in_mails() -> list[str]:
    found = [link for m in OutgoingMail.objects.all() for link in re.findall(r"https?://[^/\s]+(/\S+)", m.text)]
    return sorted(set(found))


def everything() -> dict[str, Any]:
    return {
        "cases": list(Case.objects.order_by("pk").values()),
        "assignments": list(Assignment.objects.order_by("pk").values()),
        "messages": list(Message.objects.order_by("pk").values()),
        "reads": AccessRecord.objects.count(),
        "log": LogEntry.objects.count(),
        "mails": OutgoingMail.objects.count(),
        "contacts": list(Contact.objects.order_by("pk").values()),
    }


def test_looking_at_any_mailed_link_changes_nothing(client: Client) -> None:
    by, one, two = coordinator(), person("Eins"), person("Zwei")
    first, second, third = case(), case(), case()
    proposals.ask_person(by, first.pk, one.pk)
    accepted(by, second, two)
    thread.say(Who(Actor.EXPERT, person=two), second.pk, "Nehmen Sie einen Klemmsensor.")
    cases.close(by, third.pk, "solved")
    links = links_in_mails()
    assert any("/anfrage/" in link for link in links)
    assert any("/fall/" in link for link in links)
    before = everything()
    for link in links:
        for method in ("get", "head", "options"):
            getattr(client, method)(link)
    assert everything() == before
    assert client.get(next(link for link in links if "/anfrage/" in link)).status_code in (200, 404)


def asked_link(assignment: Assignment) -> str:
    mail = OutgoingMail.objects.get(key=f"journey:asked:{assignment.pk}")
    return "/" + re.search(r"https?://[^/]+/(\S+/anfrage/\S+|anfrage/\S+)", mail.text).group(1)  # type: ignore[union-attr]


def test_the_request_page_shows_five_lines_the_picture_and_four_answers(client: Client) -> None:
    by, who = coordinator(), person("Sensorik")
    result = Result("print", "de", "Halter", "Passt.", picture=PICTURE, picture_text="Ein Würfel")
    link = asked_link(proposals.ask_person(by, case(results=[result], share={"results"}).pk, who.pk))
    page = client.get(link).content.decode()
    assert page.count("<dt>") == 5
    assert 'alt="Ein Würfel"' in page
    assert "data:image/svg+xml;base64," in page
    assert {"accept", "decline", "not_now", "conflict"} == set(re.findall(r'name="choice" value="(\w+)"', page))
    assert "Hinnerk" not in page


def test_an_answer_by_the_page_shows_how_to_reach_the_company_and_the_link_is_spent(client: Client) -> None:
    by, who = coordinator(), person("Sensorik")
    link = asked_link(proposals.ask_person(by, case().pk, who.pk))
    page = client.post(link, {"choice": "accept"}).content.decode()
    assert "Hinnerk Kahn" in page
    assert "/anfrage/fall/" in page
    links_known = ActionLink.objects.count()
    again = client.get(link)
    assert "Danke, der Fall gehört Ihnen" in again.content.decode()
    assert ActionLink.objects.count() == links_known


def test_the_contacts_link_shows_the_case_and_takes_words(client: Client) -> None:
    made = case()
    link = next(link for link in links_in_mails() if "/fall/" in link)
    assert TEXT[:30] in client.get(link).content.decode()
    client.post(link, {"do": "say", "text": "Es eilt.", "once": "a"})
    client.post(link, {"do": "say", "text": "Es eilt.", "once": "a"})
    assert [m.text for m in made.messages.all()] == ["Es eilt."]
    assert AccessRecord.objects.count() == 0


def test_internal_notes_and_their_files_never_reach_the_company(client: Client) -> None:
    owner, company = member()
    by, who = coordinator(), person("Sensorik")
    made = cases.open_case(owner, REACH, text=TEXT)
    accepted(by, made, who)
    secret = SimpleUploadedFile("notiz.txt", b"geheim und nur fuer uns", content_type="text/plain")
    thread.say(by, made.pk, "Zaubertinte: schwieriger Kunde", internal=True, uploads=[secret])
    assert company.cases.get() == made
    note = Message.objects.get(internal=True)
    page = signed_in(owner).get(f"/betrieb/fall/{made.pk}/").content.decode()
    assert "Zaubertinte" not in page
    assert "notiz.txt" not in page
    assert signed_in(owner).get(f"/betrieb/fall/{made.pk}/datei/{note.attachments[0]}/").status_code == 404
    assert not OutgoingMail.objects.filter(text__contains="Zaubertinte").exists()
    assert "Zaubertinte" in signed_in(by.user).get(f"/desk/faelle/{made.pk}/").content.decode()
    staff = signed_in(by.user).get(f"/desk/faelle/{made.pk}/datei/{note.attachments[0]}/")
    assert staff.status_code == 200
    staff.close()


def test_a_file_goes_with_the_message_and_comes_back_as_a_download(client: Client) -> None:
    made = case()
    link = next(link for link in links_in_mails() if "/fall/" in link)
    file = SimpleUploadedFile("messung.csv", b"zeit;wert\n1;2\n", content_type="text/csv")
    client.post(link, {"do": "say", "text": "Hier die Werte", "once": "b", "files": [file]})
    kept = StoredFile.objects.get()
    assert (kept.reference, made.messages.get().attachments) == (made.pk, [kept.pk])
    response = client.get(f"{link}datei/{kept.pk}/")
    assert response["Content-Disposition"].startswith("attachment")
    assert b"".join(response.streaming_content) == b"zeit;wert\n1;2\n"  # type: ignore[attr-defined]
    response.close()


def test_an_empty_message_is_told_and_nothing_is_kept(client: Client) -> None:
    case()
    link = next(link for link in links_in_mails() if "/fall/" in link)
    response = client.post(link, {"do": "say", "text": "  ", "once": "c"})
    assert response.status_code == 422
    assert "leer" in response.content.decode()
    assert Message.objects.count() == 0


def test_the_company_reads_who_has_read_its_case() -> None:
    owner, _ = member()
    by, expert_user = coordinator(), user("fachfrau", Role.EXPERT)
    who = person("Sensorik", user=expert_user)
    made = cases.open_case(owner, REACH, text=TEXT)
    accepted(by, made, who)
    for client in (signed_in(by.user), signed_in(expert_user)):
        client.get(f"/desk/faelle/{made.pk}/")
        client.get(f"/fachleute/fall/{made.pk}/")
        client.get(f"/fachleute/fall/{made.pk}/")
    assert sorted(AccessRecord.objects.values_list("role", flat=True)) == ["coordinator", "expert"]
    page = signed_in(owner).get(f"/betrieb/fall/{made.pk}/").content.decode()
    assert "Koordination" in page
    assert "Sensorik, Institut Sensorik" in page


def test_an_expert_without_an_account_works_a_case_by_the_links_of_mails_alone(client: Client) -> None:
    by, who = coordinator(), person("Sensorik")
    made = case()
    client.post(asked_link(proposals.ask_person(by, made.pk, who.pk)), {"choice": "accept"})
    mail = OutgoingMail.objects.get(key__startswith="journey:yours:")
    found = re.search(r"https?://[^/\s]+(/anfrage/fall/\S+)", mail.text)
    assert found is not None
    assert "Hinnerk Kahn" in client.get(found.group(1)).content.decode()
    client.post(found.group(1), {"do": "say", "text": "Klemmsensor.", "once": "g"})
    client.post(found.group(1), {"do": "close", "outcome": "solved", "note": ""})
    made.refresh_from_db()
    assert (made.status, made.messages.get().person) == ("closed", who)
    Assignment.objects.update(status="handed_over")
    left = client.get(found.group(1)).content.decode()
    assert "liegt wieder bei der Koordination" in left and "Hinnerk" not in left, "only the own minutes are left"


def test_an_expert_works_a_case_by_page() -> None:
    by, expert_user = coordinator(), user("fachfrau", Role.EXPERT)
    who = person("Sensorik", user=expert_user)
    made = case()
    proposals.ask_person(by, made.pk, who.pk)
    client = signed_in(expert_user)
    assert made.title in client.get("/fachleute/").content.decode()
    client.post(f"/fachleute/fall/{made.pk}/", {"choice": "accept"})
    client.post(f"/fachleute/fall/{made.pk}/", {"do": "say", "text": "Klemmsensor.", "once": "d"})
    made.refresh_from_db()
    assert (made.status, made.first_reply_at is not None) == ("in_work", True)
    client.post(f"/fachleute/fall/{made.pk}/", {"do": "close", "outcome": "solved", "note": ""})
    made.refresh_from_db()
    assert (made.status, made.outcome) == ("closed", "solved")
    assert client.get(f"/fachleute/fall/{made.pk}/").status_code == 200
    table = client.get("/fachleute/stunden.csv")
    assert table.content.decode("utf-8-sig").splitlines()[0].startswith("Tag;Fall;Art")
    assert f";{made.number};" in table.content.decode()


def test_a_stranger_finds_no_case_anywhere() -> None:
    owner, _ = member()
    stranger, _ = member("fremd", "Fremd AG")
    made = cases.open_case(owner, REACH, text=TEXT)
    client = signed_in(stranger)
    for place in (f"/betrieb/fall/{made.pk}/", f"/fachleute/fall/{made.pk}/", "/fall/erfunden/", "/anfrage/erfunden/"):
        assert client.get(place).status_code == 404, place
    assert client.get(f"/desk/faelle/{made.pk}/").status_code == 403
    assert Client().get(f"/desk/faelle/{made.pk}/").status_code == 302


def test_the_desk_works_a_case_from_first_to_last() -> None:
    by, one = coordinator(), person("Sensorik")
    made = case()
    client = signed_in(by.user)
    place = f"/desk/faelle/{made.pk}/"
    page = client.get(place).content.decode()
    assert "Sensorik anfragen" in page
    client.post(place, {"do": "ask", "person": str(one.pk)})
    asked = Assignment.objects.get()
    assert asked.reason_de
    client.post(place, {"do": "answer", "assignment": str(asked.pk), "choice": "accept"})
    client.post(place, {"do": "note", "text": "Telefonisch geklärt", "once": "e"})
    client.post(place, {"do": "wait", "until": "2000-01-01"})
    client.post(place, {"do": "close", "outcome": "on_the_way"})
    made.refresh_from_db()
    assert (made.status, made.outcome) == ("closed", "on_the_way")
    client.post(place, {"do": "reopen"})
    made.refresh_from_db()
    assert made.status == "in_work"


def test_a_phone_call_counts_as_first_reply_and_is_not_mailed() -> None:
    by, who = coordinator(), person("Sensorik")
    made = case()
    accepted(by, made, who)
    before = OutgoingMail.objects.filter(to="hinnerk@kahn.example").count()
    signed_in(by.user).post(
        f"/desk/faelle/{made.pk}/", {"do": "say", "text": "Angerufen", "channel": "phone", "once": "f"}
    )
    made.refresh_from_db()
    assert made.first_reply_at is not None
    assert OutgoingMail.objects.filter(to="hinnerk@kahn.example").count() == before


def test_a_list_page_takes_at_most_eight_queries() -> None:
    by, who = coordinator(), person("Sensorik", capacity=99)
    for number in range(12):
        made = case(company_name=f"Betrieb {number}")
        if number % 2:
            accepted(by, made, who)
    expert_user = user("fachfrau", Role.EXPERT)
    who.user = expert_user
    who.save()
    for place, client in (("/desk/faelle/?sicht=open", signed_in(by.user)), ("/fachleute/", signed_in(expert_user))):
        client.get(place)
        with CaptureQueriesContext(connection) as seen:
            page = client.get(place).content.decode()
        assert "Sensorik" in page or "Fall" in page
        assert len(seen) <= 8, (place, [q["sql"][:120] for q in seen])


def test_the_desks_list_goes_on_where_the_page_ended() -> None:
    by = coordinator()
    Company.objects.create(name="x")
    for _ in range(53):
        case(is_example=True)
    client = signed_in(by.user)
    page = client.get("/desk/faelle/?sicht=open").content.decode()
    following = re.search(r'href="(\?sicht=open[^"]*nach=[^"]+)"', page)
    assert following is not None
    second = client.get("/desk/faelle/" + following.group(1).replace("&amp;", "&")).content.decode()
    numbers = [int(n) for text in (page, second) for n in re.findall(r'/desk/faelle/\w+/">(\d+):', text)]
    assert numbers == list(range(1, 54))


def test_a_case_withdrawn_hides_the_question_from_the_expert_everywhere_at_once(client: Client) -> None:
    by, expert_user = coordinator(), user("fachfrau", Role.EXPERT)
    who = person("Sensorik", user=expert_user)
    made = case()
    accepted(by, made, who)
    expert = signed_in(expert_user)
    places = ("/fachleute/", f"/fachleute/fall/{made.pk}/")
    assert all("Pressen" in expert.get(place).content.decode() for place in places)
    cases.close(as_contact(made), made.pk, "withdrawn")
    assert not any("Pressen" in expert.get(place).content.decode() for place in places)


def test_nobody_who_shares_no_word_is_the_button_to_press() -> None:
    by = coordinator()
    person("Buchhaltung", profile="Jahresabschluss")
    page = signed_in(by.user).get(f"/desk/faelle/{case().pk}/").content.decode()
    if "Hat kein Stichwort" in page:
        assert "Fachlich passt niemand eindeutig." in page
        assert "kern-btn--primary" not in page.split('id="wer"')[1].split("</section>")[0]


def test_the_list_for_choosing_by_hand_says_places_and_stands_by_fit() -> None:
    by = coordinator()
    person("Aal", profile="Jahresabschluss")
    person("Zander", profile="Sensoren an alten Pressen, Stillstand messen", capacity=4)
    page = signed_in(by.user).get(f"/desk/faelle/{case().pk}/").content.decode()
    options = re.findall(r"<option[^>]*>([^<]+)</option>", page.split('id="other"')[1].split("</select>")[0])
    assert [o.split(",")[0] for o in options] == ["Zander", "Aal"]
    assert options[0].endswith("4 frei")
