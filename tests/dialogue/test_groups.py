"""Working groups: who reads, who writes, what is mailed, hidden, decided and found."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from nordlotse.dialogue import announcements
from nordlotse.dialogue.actions import groups as actions
from nordlotse.dialogue.models import Group, GroupMember, Meeting, Post
from nordlotse.dialogue.queries import groups as queries
from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound
from nordlotse.foundation.role import Role
from nordlotse.office.models import OutgoingMail
from nordlotse.office.roles import set_roles
from nordlotse.web.staff import BY_LINK

pytestmark = pytest.mark.django_db


def person(name: str, *roles: Role) -> Any:
    user = get_user_model().objects.create_user(name, email=f"{name}@gruppe.example")
    set_roles(user, frozenset(roles))
    return user


@pytest.fixture
def coordinator() -> Any:
    return person("coordinator", Role.COORDINATOR)


@pytest.fixture
def group(coordinator: Any) -> Group:
    return actions.found(coordinator, name_de="Sensoren an alten Maschinen", public=True)


def joined(group: Group, name: str, called: str) -> Any:
    user = person(name)
    actions.join(user, group, called)
    return user


@pytest.fixture
def jana(group: Group) -> Any:
    return joined(group, "jana", "Jana, Metallbau")


@pytest.fixture
def tom(group: Group) -> Any:
    return joined(group, "tom", "Tom")


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[BY_LINK] = True
    session.save()
    return client


def test_only_coordinators_found_groups() -> None:
    with pytest.raises(NotAllowed):
        actions.found(person("x"), name_de="Y")


def test_two_groups_of_one_name_get_two_addresses(coordinator: Any, group: Group) -> None:
    assert actions.found(coordinator, name_de="Sensoren an alten Maschinen").slug != group.slug


def test_guests_read_public_groups_and_no_others(group: Group, jana: Any) -> None:
    topic = actions.start_topic(jana, group, "Welche Sensoren?", "Wir haben eine Drehbank von 1985.")
    guest, address = Client(), f"/gruppen/{group.slug}/thema/{topic.pk}/"
    assert "Drehbank" in guest.get(address).content.decode()
    Group.objects.update(public=False)
    assert guest.get(address).status_code == 404
    assert guest.get(f"/gruppen/{group.slug}/").status_code == 404
    assert client_of(jana).get(address).status_code == 200


def test_guests_and_strangers_do_not_write(group: Group, jana: Any) -> None:
    topic = actions.start_topic(jana, group, "T", "Text")
    with pytest.raises(NotAllowed):
        actions.reply(person("stranger"), topic, "Hallo")
    assert Client().post(f"/gruppen/{group.slug}/thema/{topic.pk}/", {"text": "Hallo"}).status_code == 403
    assert Post.objects.count() == 1


def test_a_post_goes_to_every_subscribed_member_but_its_author(group: Group, jana: Any, tom: Any) -> None:
    third = joined(group, "third", "Dritte")
    actions.subscribe(third, group, wanted=False)
    actions.start_topic(jana, group, "Thema", "Erster Beitrag")
    assert [m.to for m in OutgoingMail.objects.all()] == ["tom@gruppe.example"]
    assert "Erster Beitrag" in OutgoingMail.objects.get().text


def test_a_hidden_post_leaves_its_reason_and_no_words(group: Group, jana: Any, coordinator: Any) -> None:
    topic = actions.start_topic(jana, group, "T", "Kaufen Sie jetzt bei uns")
    actions.hide(coordinator, topic.posts.get(), "Werbung")
    address = f"/gruppen/{group.slug}/thema/{topic.pk}/"
    page = Client().get(address).content.decode()
    assert "Werbung" in page
    assert "Kaufen Sie" not in page
    assert queries.search(jana, "kaufen") == []
    actions.show_again(coordinator, topic.posts.get())
    assert "Kaufen Sie" in Client().get(address).content.decode()


def test_hiding_needs_a_reason_and_a_moderator(group: Group, jana: Any, tom: Any, coordinator: Any) -> None:
    post = actions.start_topic(jana, group, "T", "x").posts.get()
    with pytest.raises(NotAllowed):
        actions.hide(tom, post, "mag ich nicht")
    with pytest.raises(BadInput):
        actions.hide(coordinator, post, " ")
    actions.appoint(coordinator, group, GroupMember.objects.get(user=tom).pk, moderates=True)
    actions.hide(tom, post, "Werbung")


def test_ones_own_post_can_be_changed_for_half_an_hour(group: Group, jana: Any, tom: Any) -> None:
    post = actions.start_topic(jana, group, "T", "Tippfeler").posts.get()
    actions.edit(jana, post, "Tippfehler")
    with pytest.raises(NotAllowed):
        actions.edit(tom, post, "anders")
    Post.objects.update(created_at=timezone.now() - timedelta(minutes=31))
    with pytest.raises(NotAllowed):
        actions.edit(jana, Post.objects.get(), "zu spät")
    assert Post.objects.get().text == "Tippfehler"


def test_a_file_is_given_to_readers_of_its_post_only(group: Group, jana: Any) -> None:
    upload = SimpleUploadedFile("plan.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF")
    topic = actions.start_topic(jana, group, "T", "siehe Anhang", [upload])
    address = f"/gruppen/{group.slug}/datei/{queries.posts(jana, topic)[0].files[0].pk}/"
    response = Client().get(address)
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    Group.objects.update(public=False)
    assert Client().get(address).status_code == 404


def test_a_file_that_is_not_taken_leaves_no_half_post(group: Group, jana: Any) -> None:
    upload = SimpleUploadedFile("x.exe", b"MZ\x90\x00" + b"\x00" * 100)
    with pytest.raises(BadInput):
        actions.start_topic(jana, group, "T", "Text", [upload])
    assert Post.objects.count() == 0


def test_whoever_leaves_leaves_no_name(group: Group, jana: Any) -> None:
    topic = actions.start_topic(jana, group, "T", "Text")
    actions.leave(jana, group)
    page = Client().get(f"/gruppen/{group.slug}/thema/{topic.pk}/").content.decode()
    assert "Jana" not in page
    assert "Ehemaliges Mitglied" in page


def test_a_closed_group_is_read_but_not_written(group: Group, jana: Any, coordinator: Any) -> None:
    topic = actions.start_topic(jana, group, "T", "Text")
    actions.change(coordinator, group, closed=True)
    topic = queries.topic(jana, group.slug, topic.pk)
    with pytest.raises(NotAllowed):
        actions.reply(jana, topic, "noch etwas")
    assert Client().get(f"/gruppen/{group.slug}/").status_code == 200


def test_minutes_are_drafts_until_published_and_then_fixed(group: Group, jana: Any, coordinator: Any) -> None:
    meeting = actions.write_minutes(
        coordinator,
        group,
        day=date(2026, 11, 3),
        title="Drittes Treffen",
        decisions=["Wir kaufen zwei Sensoren.", " "],
        tasks=[actions.TaskGiven("Angebot einholen", "Jana", date(2026, 12, 1))],
    )
    with pytest.raises(NotFound):
        queries.meeting(jana, group.slug, meeting.pk)
    heard: list[Any] = []

    def hear(meeting: Any, **more: Any) -> None:
        heard.append(meeting)

    announcements.minuted.connect(hear)
    try:
        actions.publish_minutes(coordinator, meeting)
        actions.publish_minutes(coordinator, meeting)
    finally:
        announcements.minuted.disconnect(hear)
    assert heard == [meeting]
    assert [m.to for m in OutgoingMail.objects.all()] == ["jana@gruppe.example"]
    assert "zwei Sensoren" in OutgoingMail.objects.get().text
    with pytest.raises(NotAllowed):
        actions.write_minutes(coordinator, group, day=date(2026, 11, 4), title="X", meeting=Meeting.objects.get())


def test_open_tasks_stand_on_the_groups_page_until_ticked(group: Group, jana: Any, coordinator: Any) -> None:
    made = actions.write_minutes(
        coordinator, group, day=date(2026, 11, 3), title="T", tasks=[actions.TaskGiven("Angebot einholen")]
    )
    assert list(queries.open_tasks(group)) == []
    actions.publish_minutes(coordinator, made)
    actions.tick(jana, queries.open_tasks(group).get(), done=True)
    assert list(queries.open_tasks(group)) == []


def test_the_form_reads_tasks_with_person_and_day(group: Group, coordinator: Any) -> None:
    body = {
        "day": "2026-11-03",
        "title": "Treffen",
        "present": 4,
        "minutes": 60,
        "decisions": "Eins\nZwei",
        "tasks": "Angebot einholen | Jana | 2026-12-15\nNachdenken",
        "publish": "1",
    }
    assert client_of(coordinator).post(f"/gruppen/{group.slug}/protokoll/neu/", body).status_code == 302
    meeting = Meeting.objects.get()
    assert [(t.text, t.who, t.due) for t in meeting.tasks.order_by("pk")] == [
        ("Angebot einholen", "Jana", date(2026, 12, 15)),
        ("Nachdenken", "", None),
    ]
    assert meeting.published_at is not None


@pytest.mark.parametrize("words", ["DREHBÄNKE", "drehbänke 1985"])
def test_the_search_finds_words_whatever_their_case(group: Group, jana: Any, words: str) -> None:
    actions.start_topic(jana, group, "Alte Drehbänke", "Unsere ist von 1985.")
    assert [h.title for h in queries.search(jana, words)] == ["Alte Drehbänke"]


def test_the_search_does_not_look_into_groups_one_may_not_read(group: Group, jana: Any) -> None:
    actions.start_topic(jana, group, "Geheim", "Drehbank")
    Group.objects.update(public=False)
    assert queries.search(AnonymousUser(), "drehbank") == []
    assert len(queries.search(jana, "drehbank")) == 1


def test_every_page_of_a_group_opens_in_both_languages(group: Group, jana: Any, coordinator: Any) -> None:
    topic = actions.start_topic(jana, group, "T", "Text")
    made = actions.write_minutes(coordinator, group, day=date(2026, 11, 3), title="T", tasks=[actions.TaskGiven("A")])
    actions.publish_minutes(coordinator, made)
    base = f"/gruppen/{group.slug}/"
    places = ["/gruppen/?q=text", base, f"{base}neu/", f"{base}thema/{topic.pk}/", f"{base}protokoll/{made.pk}/"]
    places.append(f"{base}thema/{topic.pk}/beitrag/{topic.posts.get().pk}/")
    for place in places:
        for language in ("", "/en"):
            assert client_of(jana).get(language + place).status_code == 200, place
    for place in (f"{base}protokoll/neu/", "/desk/gruppen/neu/", f"/desk/gruppen/{group.slug}/"):
        assert client_of(coordinator).get(place).status_code == 200, place
