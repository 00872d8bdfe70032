"""Services arise by themselves, count once a person says so, and can be changed or refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from nordlotse.foundation.problem import BadInput, NotAllowed
from nordlotse.journey.actions import entering, services
from nordlotse.journey.core.kinds import kinds
from nordlotse.journey.core.periods import Period
from nordlotse.journey.models import Case, Membership, Service
from nordlotse.journey.models.services import Service as Model
from nordlotse.journey.queries import figures
from nordlotse.office.models import LogEntry
from tests.journey.factories import company, contact, person, service, today
from tests.web.conftest import signed_in

pytestmark = pytest.mark.django_db


def counted() -> int:
    """Return how many services count this year and the last."""
    day = today()
    return figures.tally(Period("x", day.replace(year=day.year - 1), day))[1].total.services


def test_a_service_that_nobody_confirmed_does_not_count() -> None:
    made = service(today(), company=company(), confirmed=False)
    assert counted() == 0
    services.confirm(person("coordinator"), [made.pk])
    assert counted() == 1


def test_the_same_thing_is_noted_once() -> None:
    first = services.note("checkin:1", "workshop", day=today())
    second = services.note("checkin:1", "talk", day=today())
    assert first.pk == second.pk
    assert Service.objects.get().kind == "workshop"


def test_a_service_proposes_the_duration_of_its_kind() -> None:
    for kind, known in kinds().items():
        assert services.note(f"a:{kind}", kind).minutes == known.minutes


def test_every_kind_of_the_table_is_one_the_database_knows() -> None:
    assert set(kinds()) == set(Model.Kind.values)
    assert {f for k in kinds().values() for f in k.formats} <= set(Model.Format.values)


def test_a_service_copies_what_is_true_of_the_company_when_it_happens() -> None:
    firm = company(state="SH", district="01001", sector="28", employees=300)
    made = service(today(), company=firm)
    firm.state, firm.employees = "MV", 3
    firm.save()
    made.refresh_from_db()
    assert (made.state, made.district, made.sector, made.size) == ("SH", "01001", "28", "large")


def test_a_deleted_company_stays_counted_and_its_services_lead_to_nobody() -> None:
    firm = company()
    service(today(), company=firm)
    firm.delete()
    left = Service.objects.get()
    assert left.company is None
    assert left.company_key != firm.pk
    assert counted() == 1


def test_a_service_for_an_example_company_never_counts() -> None:
    service(today(), company=company(is_example=True))
    assert counted() == 0
    assert Service.objects.get().confirmed_at is not None


def test_a_refused_service_does_not_count_and_is_not_offered_again() -> None:
    made = service(today(), company=company(), confirmed=False)
    services.refuse(person("coordinator"), [made.pk])
    assert services.confirm(person("coordinator"), [made.pk]) == 0
    assert counted() == 0


def test_a_confirmed_service_can_be_taken_back() -> None:
    made = service(today(), company=company())
    services.refuse(person("coordinator"), [made.pk])
    assert counted() == 0


def test_changing_a_service_confirms_it() -> None:
    made = service(today(), company=company(), confirmed=False)
    services.change(person("coordinator"), made.pk, {"minutes": "95"})
    made.refresh_from_db()
    assert made.minutes == 95
    assert made.confirmed_at is not None


@pytest.mark.parametrize("minutes", ["0", "-5", "viel", "", "99999", None, True])
def test_a_duration_that_is_none_is_refused(minutes: object) -> None:
    made = service(today(), company=company(), confirmed=False)
    with pytest.raises(BadInput):
        services.change(person("coordinator"), made.pk, {"minutes": minutes})
    made.refresh_from_db()
    assert made.confirmed_at is None


def test_a_service_cannot_lie_in_the_future() -> None:
    with pytest.raises(BadInput):
        entering.enter(
            person("coordinator"),
            "call",
            about=services.About(company()),
            minutes=10,
            day=today() + timedelta(days=1),
        )


@pytest.mark.parametrize("role", ["editor", "researcher", "officer"])
def test_others_than_coordinators_and_experts_decide_on_no_service(role: str) -> None:
    made = service(today(), company=company(), confirmed=False)
    for attempt in (services.confirm, services.refuse):
        with pytest.raises(NotAllowed):
            attempt(person(role), [made.pk])
    with pytest.raises(NotAllowed):
        services.change(person(role), made.pk, {"minutes": 5})


def test_an_expert_decides_on_the_own_services_only() -> None:
    from nordlotse.network.models import Partner, Person

    partner = Partner.objects.create(slug="labor", name="Labor", state="HH")
    mine = Person.objects.create(partner=partner, user=person("expert"), name="A")
    theirs = Person.objects.create(partner=partner, name="B")
    own = service(today(), company=company(), person=mine, confirmed=False)
    other = service(today(), company=company(), person=theirs, confirmed=False)
    assert services.confirm(person("expert"), [own.pk, other.pk]) == 1
    other.refresh_from_db()
    assert other.confirmed_at is None


def test_a_decision_is_logged_with_ids_only() -> None:
    made = service(today(), company=company("Geheim GmbH"))
    entry = LogEntry.objects.filter(kind="service").get()
    assert (entry.verb, entry.object_id) == ("confirm", str(made.pk))


def test_a_call_entered_by_hand_counts_at_once_and_once() -> None:
    about = services.About(contact=contact())
    for _ in range(2):
        entering.enter(person("coordinator"), "call", about=about, minutes="20", form="abc")
    assert counted() == 1


def test_a_call_is_entered_from_the_contact_with_one_post_and_nothing_known_is_asked() -> None:
    firm = company()
    Case.objects.create(number=1, company=firm, title="Sensor", topic="iot")
    client = signed_in("coordinator")
    page = client.get(reverse("de:service_new"), {"betrieb": firm.pk}).content.decode()
    assert page.count('name="minutes"') == 3
    assert 'value="iot" selected' in page
    form = page.split('name="form" value="')[1].split('"')[0]
    sent = {"betrieb": firm.pk, "kind": "call", "minutes": "20", "form": form, "topic": "iot"}
    assert client.post(reverse("de:service_new"), sent).status_code == 302
    made = Service.objects.get()
    assert (made.minutes, made.topic, made.state, made.day) == (20, "iot", "HH", today())
    assert made.confirmed_at is not None


def test_several_services_are_confirmed_with_one_tap() -> None:
    made = [service(today(), company=company(), confirmed=False) for _ in range(3)]
    client = signed_in("coordinator")
    assert client.post(reverse("de:services"), {"service": [s.pk for s in made[:2]], "confirm": "1"}).status_code == 302
    assert counted() == 2


def test_two_contacts_with_one_address_count_as_one_contact() -> None:
    for _ in range(2):
        service(today(), contact=contact(mail="hinnerk@example.org"))
    day = today()
    assert figures.tally(Period("x", day, day))[1].total.contacts == 1


def test_a_double_that_was_merged_counts_once() -> None:
    from nordlotse.journey.actions.companies import merge

    first, second = company("Kahn"), company("Kahn GmbH")
    for firm in (first, second):
        service(today(), company=firm)
    merge(person("coordinator"), second, first)
    day = today()
    assert figures.tally(Period("x", day, day))[1].total.companies == 1


def test_whoever_comes_to_two_events_counts_as_one_contact() -> None:
    from django.utils import timezone

    from nordlotse.dialogue import announcements
    from nordlotse.dialogue.models import Event, Registration

    for n in range(2):
        begin = timezone.now() - timedelta(hours=3)
        event = Event.objects.create(
            slug=f"e{n}", title_de="Tag", begin=begin, end=begin + timedelta(hours=2), topic="iot"
        )
        come = Registration.objects.create(
            event=event,
            mail="a@example.org",
            mail_key="a@example.org",
            status="confirmed",
            code=f"c{n}",
            form_token=f"f{n}",
            consent_version="1",
        )
        announcements.checked_in.send(sender=Registration, registration=come)
    assert set(Service.objects.values_list("minutes", "kind", "topic")) == {(120, "workshop", "iot")}
    services.confirm(person("coordinator"), list(Service.objects.values_list("pk", flat=True)))
    day = timezone.localdate(begin)
    total = figures.tally(Period("x", day, day))[1].total
    assert (total.contacts, total.services) == (1, 2)


def test_a_check_in_taken_back_takes_its_service_along() -> None:
    services.note("checkin:5", "workshop")
    services.withdraw("checkin:5")
    assert not Service.objects.exists()


def test_a_member_who_comes_to_an_event_counts_for_the_company() -> None:
    from django.utils import timezone

    from nordlotse.dialogue import announcements
    from nordlotse.dialogue.models import Event, Registration

    firm, user = company(), person("officer")
    Membership.objects.create(company=firm, user=user)
    begin = timezone.now()
    event = Event.objects.create(slug="e", title_de="Tag", begin=begin, end=begin + timedelta(hours=2))
    come = Registration.objects.create(
        event=event,
        user=user,
        mail_key="m@example.org",
        status="confirmed",
        code="c",
        form_token="f",
        consent_version="1",
    )
    announcements.checked_in.send(sender=Registration, registration=come)
    assert Service.objects.get().company == firm


def test_a_page_opened_shows_and_changes_nothing() -> None:
    service(today(), company=company(), confirmed=False)
    signed_in("coordinator").get(reverse("de:services"))
    assert counted() == 0
    assert Client().get(reverse("de:services")).status_code == 302


def test_an_expert_enters_a_call_from_the_own_case_and_from_no_other() -> None:
    from nordlotse.journey.models import Assignment
    from nordlotse.network.models import Partner, Person

    partner = Partner.objects.create(slug="labor", name="Labor", state="HH")
    expert = Person.objects.create(partner=partner, user=person("expert"), name="A")
    cases = [Case.objects.create(number=n, company=company(), title="Sensor") for n in (1, 2)]
    Assignment.objects.create(case=cases[0], person=expert, status="accepted")
    client = signed_in("expert")
    for case, status in zip(cases, (302, 404), strict=True):
        sent = {"fall": case.pk, "kind": "call", "minutes": "45"}
        assert client.post(reverse("de:my_service_new"), sent).status_code == status
    made = Service.objects.get()
    assert (made.case, made.person, made.partner) == (cases[0], expert, partner)


def test_a_reply_is_noted_once_a_day_however_many_messages_it_takes() -> None:
    from nordlotse.journey import announcements
    from nordlotse.journey.models import Message

    case = Case.objects.create(number=1, company=company(), title="Sensor", topic="iot")
    for text in ("Guten Tag", "Noch etwas"):
        message = Message.objects.create(case=case, author="expert", text=text)
        announcements.replied.send(sender=Message, message=message, channel="page")
    assert Service.objects.values_list("kind", "topic", "confirmed_at").get() == ("answer", "iot", None)


def test_minutes_of_a_meeting_are_one_service_with_everybody_who_came() -> None:
    from nordlotse.dialogue import announcements
    from nordlotse.dialogue.models import Group
    from nordlotse.dialogue.models.groups import Meeting

    group = Group.objects.create(slug="g", name_de="Kreis", topic="iot", state="SH")
    meeting = Meeting.objects.create(group=group, day=today(), title="Erstes Treffen", present=9, minutes=75)
    announcements.minuted.send(sender=Meeting, meeting=meeting)
    made = Service.objects.get()
    assert (made.kind, made.participants, made.minutes, made.state) == ("working_group", 9, 75, "SH")


def test_only_the_actions_write_services() -> None:
    """What remembers figures by a month's stamp relies on it."""
    import re
    from pathlib import Path

    import nordlotse

    place = Path(nordlotse.__file__).parent
    # Example services never count, so nothing remembered can be wrong about them.
    writers = ("services", "noting", "example_cases", "example_events")
    allowed = {"journey/personal/services.py", *(f"journey/actions/{name}.py" for name in writers)}
    writing = re.compile(
        r"\bService\.objects\.(create|bulk_create|update_or_create|get_or_create|filter\([^)]*\)\.update)"
    )
    found = {
        str(path.relative_to(place)) for path in place.rglob("*.py") if writing.search(path.read_text(encoding="utf-8"))
    }
    assert found - allowed == set()
