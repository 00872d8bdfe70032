"""The pages: what a visitor finds, what an expert and a coordinator do, how many queries a list takes."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nordlotse.network.actions import inviting
from nordlotse.network.models import Competence, ImportDraft, Leave, Offer, Partner, Person, Term, VisitDay
from nordlotse.network.queries import directory
from nordlotse.office.models import ActionLink, LogEntry, OutgoingMail
from tests.network.conftest import client_of

pytestmark = pytest.mark.django_db


def text(client: Client, path: str) -> str:
    """Return a page's words."""
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def many(partners: int, people: int) -> None:
    """Fill the network."""
    made = [
        Partner(slug=f"p{i}", name=f"Partner {i}", state="SH", district="01002", visible=True) for i in range(partners)
    ]
    Partner.objects.bulk_create(made)
    rows = [
        Person(partner=made[i % partners], name=f"Mensch {i}", profile="Wort " * 100, visible=True)
        for i in range(people)
    ]
    Person.objects.bulk_create(rows)
    Competence.objects.bulk_create(
        Competence(person=p, kind="topic", tag=tag) for p in rows for tag in ("sensors", "ai", "erp")
    )


# ---- the directory ----


def test_the_directory_lists_partner_person_and_where_they_are(person: Person) -> None:
    page = text(Client(), "/netz/")
    assert "Hafenlabor Nord" in page
    assert "Swantje Möhring" in page
    assert "Nordfriesland: Partner 1, Menschen 1" in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=salzwasser", True),
        ("q=SWANTJE+mohring", True),
        ("q=nachrüsten", True),
        ("q=druckluft", True),
        ("q=hafenlabor+sensor", True),
        ("q=Quaxelbrumpf", False),
        ("state=SH", True),
        ("state=MV", True),
        ("state=HH", False),
        ("district=01054", True),
        ("district=13003", True),
        ("district=01002", False),
        ("topic=sensors", True),
        ("topic=erp", False),
        ("offer=demonstrator", True),
        ("offer=talk", False),
        ("language=da", True),
        ("language=pl", False),
        ("topic=no-such-tag", True),
    ],
)
def test_a_search_finds_by_words_place_competence_offer_and_language(offer: Offer, asked: str, found: bool) -> None:
    assert ("Hafenlabor Nord" in text(Client(), f"/netz/?{asked}")) is found


@pytest.mark.parametrize(
    "asked",
    [
        "retrofit+husum",
        "salzwasser",
        "nordfriesland",
        "druckluft",
        "Rostock",
        "alte+Maschine",
        "brownfield",
        "Ultraschallkamera",
    ],
)
def test_people_are_found_by_their_partner_its_places_their_offers_and_what_words_mean(
    offer: Offer, asked: str
) -> None:
    found = directory.search({"q": asked})
    assert [p.name for p in found.people] == ["Swantje Möhring"]
    assert not found.near


@pytest.mark.parametrize("asked", ["Drehbank", "Salzwaser", "Retrofit in Quaxelbrumpf"])
def test_where_nothing_holds_every_word_the_nearest_is_shown_and_called_so(offer: Offer, asked: str) -> None:
    assert [p.name for p in directory.search({"q": asked}).people] == ["Swantje Möhring"]
    assert "Am nächsten kommt:" in text(Client(), f"/netz/?q={asked}")


def test_what_a_profile_speaks_of_is_found_without_a_competence(person: Person) -> None:
    person.competences.all().delete()
    assert directory.search({"q": "brownfield"}).people


def test_a_filter_finds_people_by_what_their_profile_and_role_speak_of(person: Person) -> None:
    Person.objects.update(role="ERP-Auswahl", profile="Hilft bei der Wahl einer Warenwirtschaft.")
    found = directory.search({"topic": "erp", "state": "SH"})
    assert [p.name for p in found.people] == ["Swantje Möhring"]
    assert [p.name for p in found.partners] == ["Hafenlabor Nord"]


def test_a_filter_finds_offers_by_their_title_and_whoever_stands_behind_them(offer: Offer) -> None:
    Offer.objects.update(title_de="ERP-Auswahl in vier Wochen", topic="")
    found = directory.search({"topic": "erp"})
    assert [o.title_de for o in found.offers] == ["ERP-Auswahl in vier Wochen"]
    assert [p.name for p in found.people] == ["Swantje Möhring"]


def test_a_word_of_practice_alone_fills_no_filter(person: Person) -> None:
    Person.objects.update(role="Einkauf", profile="")
    assert directory.search({"topic": "erp"}).people == ()


@pytest.mark.parametrize("asked", ["ERP", "Warenwirtschaft", "Odoo"])
def test_a_synonym_finds_whoever_has_the_competence(person: Person, asked: str) -> None:
    Competence.objects.create(person=person, kind="topic", tag="erp")
    assert [p.name for p in directory.search({"q": asked}).people] == ["Swantje Möhring"]


def test_an_offer_without_a_person_says_that_the_centre_asks(offer: Offer, client: Client) -> None:
    Offer.objects.update(person=None)
    page = text(client, "/netz/?q=Druckluft")
    assert "Hier fragt das Zentrum für Sie nach" in page
    assert "/gespraech/?partner=hafenlabor" in page


def test_an_offer_has_a_name_leads_to_its_partner_and_names_whom_to_ask(offer: Offer) -> None:
    Offer.objects.filter(pk=offer.pk).update(title_de="", title_en="Test bench")
    page = text(Client(), "/netz/?offer=demonstrator")
    assert f'href="/netz/hafenlabor/#angebot-{offer.pk}" lang="en">Test bench</a>' in page
    assert f'href="/netz/person/{offer.person_id}/">Swantje Möhring</a>' in page
    Offer.objects.filter(pk=offer.pk).update(title_en="")
    assert ">Vorführort</a>" in text(Client(), "/netz/?offer=demonstrator")
    Person.objects.update(visible=False)
    assert "Swantje" not in text(Client(), "/netz/?offer=demonstrator")


def test_the_talk_begun_at_a_partner_knows_the_partner(partner: Partner) -> None:
    assert 'href="/gespraech/?partner=hafenlabor"' in text(Client(), "/netz/hafenlabor/")


def test_a_tile_filters_and_a_second_click_takes_the_filter_back(person: Person) -> None:
    page = text(Client(), "/netz/?topic=sensors")
    assert 'href="/netz/?district=01054&amp;topic=sensors"' in page
    chosen = text(Client(), "/netz/?topic=sensors&district=01054")
    assert 'href="/netz/?topic=sensors"' in chosen


@pytest.mark.parametrize("path", ["/netz/", "/netz/?q=wort&state=SH", "/netz/vorfuehrorte/", "/netz/partner.csv"])
def test_a_list_page_takes_at_most_eight_queries_with_500_people(path: str) -> None:
    many(21, 500)
    client = Client()
    client.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    assert len(seen) <= 8, [q["sql"][:90] for q in seen]


def test_people_come_in_pages_that_keep_the_search() -> None:
    many(2, 60)
    page = text(Client(), "/netz/?topic=ai")
    assert "Seite 1 von 3" in page
    assert 'href="/netz/?topic=ai&amp;page=2#menschen"' in page
    assert "Seite 3 von 3" in text(Client(), "/netz/?topic=ai&page=99")


def test_the_map_data_are_points_with_longitude_first(person: Person) -> None:
    value = json.loads(text(Client(), "/netz/karte.geojson"))
    points = {f["properties"]["at"]: f["geometry"]["coordinates"] for f in value["features"]}
    assert set(points) == {"Nordfriesland", "Rostock"}
    assert 8 < points["Nordfriesland"][0] < 10
    assert 54 < points["Nordfriesland"][1] < 55


def test_a_partner_without_a_district_stands_at_the_centre_of_the_state_and_says_so(partner: Partner) -> None:
    Partner.objects.create(slug="elbe", name="Elbe", state="HH", visible=True)
    value = json.loads(text(Client(), "/netz/karte.geojson?state=HH"))
    assert [f["properties"]["precision"] for f in value["features"]] == ["state"]


def test_the_table_opens_in_spreadsheets_and_runs_no_formula(partner: Partner) -> None:
    Partner.objects.filter(pk=partner.pk).update(name="=1+1")
    body = Client().get("/netz/partner.csv").content
    assert body.startswith(b"\xef\xbb\xbfPartner;")
    assert "'=1+1;" in body.decode()


def test_visit_days_to_come_are_a_calendar(offer: Offer) -> None:
    start = timezone.now() + timedelta(days=3)
    VisitDay.objects.create(offer=offer, starts_at=start, ends_at=start + timedelta(hours=2))
    VisitDay.objects.create(offer=offer, starts_at=start - timedelta(days=9), ends_at=start - timedelta(days=8))
    body = text(Client(), "/netz/besuchstage.ics")
    assert body.count("BEGIN:VEVENT") == 1
    assert "Prüfstand für Druckluft (Hafenlabor Nord)" in body.replace("\r\n ", "")


def test_the_interface_tells_competences_and_no_address(person: Person) -> None:
    value = json.loads(text(Client(), "/api/v1/people?topic=retrofit&lang=en"))
    assert value["count"] == 1
    assert {c["id"] for c in value["people"][0]["competences"]} == {"sensors", "retrofit"}
    assert "example.org" not in json.dumps(value)
    assert json.loads(text(Client(), "/api/v1/partners?q=salzwasser"))["count"] == 1


# ---- visibility ----

PUBLIC = (
    "/netz/",
    "/netz/?q=swantje",
    "/netz/?topic=sensors",
    "/netz/hafenlabor/",
    "/netz/vorfuehrorte/",
    "/netz/partner.csv",
    "/netz/karte.geojson",
    "/netz/besuchstage.ics",
    "/api/v1/partners",
    "/api/v1/people",
)


def _everything_public() -> str:
    client = Client()
    return "".join(
        client.get(prefix + p).content.decode()
        for p in PUBLIC
        for prefix in ("", "/en")
        if "/api" not in prefix + p or not prefix
    )


@pytest.mark.parametrize("change", [{"visible": False}, {"active": False}])
def test_a_person_switched_off_is_nowhere(offer: Offer, person: Person, change: dict[str, Any]) -> None:
    assert "Swantje" in _everything_public()
    Person.objects.filter(pk=person.pk).update(**change)
    seen = _everything_public()
    assert "Swantje" not in seen
    assert "Messtechnik" not in seen
    assert "Hafenlabor" in seen
    assert Client().get(f"/netz/person/{person.pk}/").status_code == 404


def test_a_partner_switched_off_is_nowhere_and_its_people_neither(
    offer: Offer, partner: Partner, person: Person
) -> None:
    Partner.objects.filter(pk=partner.pk).update(visible=False)
    # What was searched for stands in the search field again, and an address that is asked for in the other language's link.
    seen = _everything_public().replace('value="swantje"', "").replace("/netz/hafenlabor/", "")
    assert not [w for w in ("Hafenlabor", "hafenlabor", "Swantje", "Druckluft") if w in seen]
    assert Client().get(f"/netz/person/{person.pk}/").status_code == 404
    assert Client().get("/netz/hafenlabor/").status_code == 404


def test_mail_address_and_telephone_are_never_shown(person: Person) -> None:
    seen = _everything_public() + text(Client(), f"/netz/person/{person.pk}/")
    assert "swantje@example.org" not in seen
    assert "555777" not in seen


# ---- an expert ----


def _profile(**changed: Any) -> dict[str, Any]:
    return {
        "do": "save",
        "name": "Swantje Möhring",
        "profile": "Ich rüste Maschinen nach.",
        "languages": ["de"],
        "topics": ["retrofit"],
        "capacity": "3",
        **changed,
    }


def test_an_expert_saves_the_own_profile(expert: Any, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(user=expert, visible=False)
    response = client_of(expert).post("/fachleute/profil/", _profile(visible="on", excluded="Kahn AG\nDeich GmbH"))
    assert response.status_code == 302
    person.refresh_from_db()
    assert (person.capacity, person.visible, person.excluded) == (3, True, ["Kahn AG", "Deich GmbH"])
    assert person.consented_at is not None
    assert list(person.competences.values_list("tag", flat=True)) == ["retrofit"]


def test_terms_are_suggested_from_what_was_typed_and_nothing_is_saved(expert: Any, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(user=expert)
    typed = _profile(do="suggest", profile="Wir drucken Ersatzteile in Metall mit Laserschmelzen.")
    page = client_of(expert).post("/fachleute/profil/", typed)
    assert page.status_code == 200
    assert 'id="s_printing-metal"' in page.content.decode()
    assert "Laserschmelzen" in page.content.decode()
    person.refresh_from_db()
    assert "nach." in person.profile


def test_an_expert_notes_and_strikes_a_leave(expert: Any, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(user=expert)
    client, today = client_of(expert), timezone.localdate()
    client.post("/fachleute/profil/", {"do": "leave", "first": today.isoformat(), "last": today.isoformat()})
    leave = Leave.objects.get(person=person)
    assert "abwesend" in text(Client(), f"/netz/person/{person.pk}/")
    client.post("/fachleute/profil/", {"do": "end_leave", "leave": leave.pk})
    assert not Leave.objects.exists()


# ---- an invitation ----


def _token(coordinator: Any, person: Person) -> str:
    inviting.invite(coordinator, person.pk)
    mail = OutgoingMail.objects.get(room="network")
    return mail.text.split("/einladung/person/")[1].split("/")[0]


def test_looking_at_an_invitation_changes_nothing(coordinator: Any, person: Person) -> None:
    token = _token(coordinator, person)
    before = (LogEntry.objects.count(), Person.objects.values().get(pk=person.pk), ActionLink.objects.values().get())
    for _ in range(2):
        assert Client().get(f"/einladung/person/{token}/").status_code == 200
        assert Client().head(f"/einladung/person/{token}/").status_code == 200
    after = (LogEntry.objects.count(), Person.objects.values().get(pk=person.pk), ActionLink.objects.values().get())
    assert before == after


def test_an_invitation_saves_once_without_an_account(coordinator: Any, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(visible=False)
    token = _token(coordinator, person)
    place = f"/einladung/person/{token}/"
    assert Client().post(place, _profile(name="")).status_code == 422
    assert Client().post(place, _profile(visible="on")).status_code == 200
    assert Client().post(place, _profile(name="Zweite")).status_code == 404
    person.refresh_from_db()
    assert (person.name, person.visible, person.answered_at is not None) == ("Swantje Möhring", True, True)


def test_an_invitation_sent_again_ends_the_older_link(coordinator: Any, person: Person) -> None:
    first = _token(coordinator, person)
    Person.objects.filter(pk=person.pk).update(invited_at=timezone.now() - timedelta(days=2))
    inviting.invite(coordinator, person.pk)
    assert OutgoingMail.objects.filter(room="network").count() == 2
    assert Client().get(f"/einladung/person/{first}/").status_code == 404


# ---- the coordinator ----

TABLE = "Partner;Land;Kreis\nWerft;SH;Husum\nFalsch;Mond;\n"


def test_a_table_is_looked_at_first_and_taken_over_by_a_second_step(coordinator: Any) -> None:
    client = client_of(coordinator)
    upload = SimpleUploadedFile("netz.csv", TABLE.encode("cp1252"))
    response = client.post("/desk/netz/einlesen/", {"table": upload})
    assert response.status_code == 302
    page = text(client, response["Location"])
    assert "neu 1, geändert 0, gleich 0, fehlerhaft 1" in page
    assert "Mond" in page
    assert not Partner.objects.exists()
    client.post(response["Location"], {"do": "take"})
    assert list(Partner.objects.values_list("slug", "district")) == [("werft", "01054")]
    assert not ImportDraft.objects.exists()


def test_a_table_of_somebody_else_cannot_be_taken_over(coordinator: Any) -> None:
    client = client_of(coordinator)
    where = client.post("/desk/netz/einlesen/", {"table": SimpleUploadedFile("n.csv", TABLE.encode())})["Location"]
    from tests.network.conftest import account

    other = client_of(account("coordinator", "another"))
    assert other.get(where).status_code == 404
    assert other.post(where, {"do": "take"}).status_code == 404
    assert not Partner.objects.exists()


def test_what_is_no_table_is_told_at_the_field(coordinator: Any) -> None:
    upload = SimpleUploadedFile("n.pdf", b"%PDF-1.7")
    page = client_of(coordinator).post("/desk/netz/einlesen/", {"table": upload})
    assert page.status_code == 422
    assert "CSV oder XLSX" in page.content.decode()


def test_the_workbook_template_reads_back_as_three_tables(coordinator: Any) -> None:
    client = client_of(coordinator)
    body = client.get("/desk/netz/vorlage.xlsx").content
    assert openpyxl.load_workbook(io.BytesIO(body)).sheetnames[:3] == ["Partner", "Personen", "Angebote"]
    where = client.post("/desk/netz/einlesen/", {"table": SimpleUploadedFile("netz.xlsx", body)})["Location"]
    client.post(where, {"do": "take"})
    assert (Partner.objects.count(), Person.objects.count(), Offer.objects.count()) == (1, 1, 1)
    assert Offer.objects.get().days.count() == 1


def test_the_checklist_names_what_is_missing_and_one_click_invites(coordinator: Any, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(consented_at=None)
    client = client_of(coordinator)
    assert "noch nicht eingeladen" in text(client, "/desk/netz/")
    client.post("/desk/netz/", {"partner": "hafenlabor"})
    assert OutgoingMail.objects.filter(room="network", to="swantje@example.org").count() == 1
    assert "Einladung unbeantwortet" in text(client, "/desk/netz/")
    client.post("/desk/netz/", {"partner": "hafenlabor"})
    assert OutgoingMail.objects.filter(room="network").count() == 1


def test_before_everybody_is_mailed_the_page_asks_and_names_them(coordinator: Any, person: Person) -> None:
    client = client_of(coordinator)
    asked = client.post("/desk/netz/", {"do": "invite"}).content.decode()
    assert "Swantje Möhring" in asked and not OutgoingMail.objects.exists()
    client.post("/desk/netz/", {"do": "invite", "sure": "yes"})
    assert OutgoingMail.objects.count() == 1
    page = client.post("/desk/netz/", {"do": "invite"}, follow=True).content.decode()
    assert "Niemand ist anzuschreiben" in page, "mailed minutes ago"


def test_the_checklist_takes_at_most_twelve_queries_with_all_partners(coordinator: Any) -> None:
    many(21, 60)
    client = client_of(coordinator)
    client.get("/desk/netz/")
    with CaptureQueriesContext(connection) as seen:
        client.get("/desk/netz/")
    assert len(seen) <= 12, [q["sql"][:90] for q in seen]  # five of the list, the rest is session, account and roles


def test_a_coordinator_makes_partner_person_and_offer(coordinator: Any) -> None:
    client = client_of(coordinator)
    client.post(
        "/desk/netz/partner/neu/",
        {"name": "Werft Übersee", "state": "HH", "sites": "Husum", "visible": "on", "do": "save"},
    )
    partner = Partner.objects.get(slug="werft-uebersee")
    assert partner.sites.get().district == "01054"
    client.post("/desk/netz/partner/werft-uebersee/person/", _profile(mail="A@Example.org", visible="on", active="on"))
    person = Person.objects.get(mail="a@example.org")
    assert person.visible
    client.post(
        "/desk/netz/partner/werft-uebersee/angebot/",
        {"kind": "visit", "title_de": "Halle 3", "person": person.pk, "days": "03.12.2030 10:00-12:00", "active": "on"},
    )
    assert Offer.objects.get().days.count() == 1
    assert "Halle 3" in text(Client(), "/netz/werft-uebersee/")
    client.post("/desk/netz/partner/werft-uebersee/", {"do": "remove"})
    assert Partner.objects.exists()
    client.post("/desk/netz/partner/werft-uebersee/", {"do": "remove", "sure": "1"})
    assert not Partner.objects.exists()


def test_a_term_renamed_added_and_retired_shows_everywhere(coordinator: Any, person: Person) -> None:
    client = client_of(coordinator)
    client.post("/desk/netz/begriffe/sensors/", {"name_de": "Fühler", "name_en": "Feelers", "words": ""})
    assert "Fühler" in text(Client(), f"/netz/person/{person.pk}/")
    client.post("/desk/netz/begriffe/", {"kind": "topic", "name_de": "Deichbau", "name_en": "Dike building"})
    assert "Deichbau" in text(Client(), "/netz/")
    client.post("/desk/netz/begriffe/sensors/", {"do": "retire", "into": "dike-building"})
    assert set(person.competences.values_list("tag", flat=True)) == {"dike-building", "retrofit"}
    assert Term.objects.get(tag="sensors").retired
    client.post("/desk/netz/begriffe/sensors/", {"do": "restore"})
    assert not Term.objects.get(tag="sensors").retired


PAGES = (
    "/desk/netz/",
    "/desk/netz/partner/neu/",
    "/desk/netz/partner/hafenlabor/",
    "/desk/netz/partner/hafenlabor/person/",
    "/desk/netz/partner/hafenlabor/angebot/",
    "/desk/netz/einlesen/",
    "/desk/netz/begriffe/",
    "/desk/netz/begriffe/sensors/",
    "/desk/netz/vorlage/personen.csv",
)


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_page_of_the_set_up_opens_in_both_languages(coordinator: Any, offer: Offer, prefix: str) -> None:
    client = client_of(coordinator)
    own = (f"/desk/netz/person/{offer.person_id}/", f"/desk/netz/angebot/{offer.pk}/")
    answers = {path: client.get(prefix + path) for path in (*PAGES, *own)}
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, 200)
