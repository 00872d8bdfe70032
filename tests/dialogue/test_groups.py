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
from nordlotse.dialogue.actions import minutes as minute_actions
from nordlotse.dialogue.actions import talks
from nordlotse.dialogue.models import Group, GroupMember, Meeting, Post
from nordlotse.dialogue.queries import groups as queries
from nordlotse.foundation.personal import Subject, tables
from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound
from nordlotse.foundation.role import Role
from nordlotse.office import mail as office_mail
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
    topic = talks.start_topic(jana, group, "Welche Sensoren?", "Wir haben eine Drehbank von 1985.")
    guest, address = Client(), f"/gruppen/{group.slug}/thema/{topic.pk}/"
    assert "Drehbank" in guest.get(address).content.decode()
    Group.objects.update(public=False)
    assert guest.get(address).status_code == 404
    assert guest.get(f"/gruppen/{group.slug}/").status_code == 404
    assert client_of(jana).get(address).status_code == 200


def test_guests_and_strangers_do_not_write(group: Group, jana: Any) -> None:
    topic = talks.start_topic(jana, group, "T", "Text")
    with pytest.raises(NotAllowed):
        talks.reply(person("stranger"), topic, "Hallo")
    assert Client().post(f"/gruppen/{group.slug}/thema/{topic.pk}/", {"text": "Hallo"}).status_code == 403
    assert Post.objects.count() == 1


def test_a_post_goes_to_every_subscribed_member_but_its_author(group: Group, jana: Any, tom: Any) -> None:
    third = joined(group, "third", "Dritte")
    actions.subscribe(third, group, wanted=False)
    talks.start_topic(jana, group, "Thema", "Erster Beitrag")
    assert [m.to for m in OutgoingMail.objects.all()] == ["tom@gruppe.example"]
    assert "Erster Beitrag" in OutgoingMail.objects.get().text


def test_a_hidden_post_leaves_its_reason_and_no_words(group: Group, jana: Any, coordinator: Any) -> None:
    topic = talks.start_topic(jana, group, "T", "Kaufen Sie jetzt bei uns")
    talks.hide(coordinator, topic.posts.get(), "Werbung")
    address = f"/gruppen/{group.slug}/thema/{topic.pk}/"
    page = Client().get(address).content.decode()
    assert "Werbung" in page
    assert "Kaufen Sie" not in page
    assert queries.search(jana, "kaufen") == []
    talks.show_again(coordinator, topic.posts.get())
    assert "Kaufen Sie" in Client().get(address).content.decode()


def test_hiding_needs_a_reason_and_a_moderator(group: Group, jana: Any, tom: Any, coordinator: Any) -> None:
    post = talks.start_topic(jana, group, "T", "x").posts.get()
    with pytest.raises(NotAllowed):
        talks.hide(tom, post, "mag ich nicht")
    with pytest.raises(BadInput):
        talks.hide(coordinator, post, " ")
    actions.appoint(coordinator, group, GroupMember.objects.get(user=tom).pk, moderates=True)
    talks.hide(tom, post, "Werbung")


def test_ones_own_post_can_be_changed_for_half_an_hour(group: Group, jana: Any, tom: Any) -> None:
    post = talks.start_topic(jana, group, "T", "Tippfeler").posts.get()
    talks.edit(jana, post, "Tippfehler")
    with pytest.raises(NotAllowed):
        talks.edit(tom, post, "anders")
    Post.objects.update(created_at=timezone.now() - timedelta(minutes=31))
    with pytest.raises(NotAllowed):
        talks.edit(jana, Post.objects.get(), "zu spät")
    assert Post.objects.get().text == "Tippfehler"


def test_a_file_is_given_to_readers_of_its_post_only(group: Group, jana: Any) -> None:
    upload = SimpleUploadedFile("plan.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF")
    topic = talks.start_topic(jana, group, "T", "siehe Anhang", [upload])
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
        talks.start_topic(jana, group, "T", "Text", [upload])
    assert Post.objects.count() == 0


def test_whoever_leaves_leaves_no_name(group: Group, jana: Any) -> None:
    topic = talks.start_topic(jana, group, "T", "Text")
    actions.leave(jana, group)
    page = Client().get(f"/gruppen/{group.slug}/thema/{topic.pk}/").content.decode()
    assert "Jana" not in page
    assert "Ehemaliges Mitglied" in page


def test_a_closed_group_is_read_but_not_written(group: Group, jana: Any, coordinator: Any) -> None:
    topic = talks.start_topic(jana, group, "T", "Text")
    actions.change(coordinator, group, closed=True)
    topic = queries.topic(jana, group.slug, topic.pk)
    with pytest.raises(NotAllowed):
        talks.reply(jana, topic, "noch etwas")
    assert Client().get(f"/gruppen/{group.slug}/").status_code == 200


def test_minutes_are_drafts_until_published_and_then_fixed(group: Group, jana: Any, coordinator: Any) -> None:
    meeting = minute_actions.write_minutes(
        coordinator,
        group,
        day=date(2026, 11, 3),
        title="Drittes Treffen",
        decisions=["Wir kaufen zwei Sensoren.", " "],
        tasks=[minute_actions.TaskGiven("Angebot einholen", "Jana", date(2026, 12, 1))],
    )
    with pytest.raises(NotFound):
        queries.meeting(jana, group.slug, meeting.pk)
    heard: list[Any] = []

    def hear(meeting: Any, **more: Any) -> None:
        heard.append(meeting)

    announcements.minuted.connect(hear)
    try:
        minute_actions.publish_minutes(coordinator, meeting)
        minute_actions.publish_minutes(coordinator, meeting)
    finally:
        announcements.minuted.disconnect(hear)
    assert heard == [meeting]
    assert [m.to for m in OutgoingMail.objects.all()] == ["jana@gruppe.example"]
    assert "zwei Sensoren" in OutgoingMail.objects.get().text
    with pytest.raises(NotAllowed):
        minute_actions.write_minutes(
            coordinator, group, day=date(2026, 11, 4), title="X", meeting=Meeting.objects.get()
        )


def test_open_tasks_stand_on_the_groups_page_until_ticked(group: Group, jana: Any, coordinator: Any) -> None:
    made = minute_actions.write_minutes(
        coordinator, group, day=date(2026, 11, 3), title="T", tasks=[minute_actions.TaskGiven("Angebot einholen")]
    )
    assert list(queries.open_tasks(group)) == []
    minute_actions.publish_minutes(coordinator, made)
    minute_actions.tick(jana, queries.open_tasks(group).get(), done=True)
    assert list(queries.open_tasks(group)) == []


def test_the_form_reads_tasks_with_person_and_day(group: Group, coordinator: Any) -> None:
    body = {
        "day": "2026-11-03",
        "title": "Treffen",
        "present": 4,
        "minutes": 60,
        "decisions": "Eins\nZwei",
        "tasks": "Angebot einholen | Jana | 15.12.2026\nMuster holen | Tom | 2026-12-16\nNachdenken",
        "publish": "1",
    }
    client = client_of(coordinator)
    asked = client.post(f"/gruppen/{group.slug}/protokoll/neu/", body).content.decode()
    meeting = Meeting.objects.get()
    assert meeting.published_at is None, "a draft until the second question is answered: a no loses nothing"
    place = f"/gruppen/{group.slug}/protokoll/{meeting.pk}/"
    assert f'action="{place}veroeffentlichen/"' in asked and f'href="{place}"' in asked
    assert client.post(f"{place}veroeffentlichen/", {"sure": "yes"}).status_code == 302
    meeting.refresh_from_db()
    assert [(t.text, t.who, t.due) for t in meeting.tasks.order_by("pk")] == [
        ("Angebot einholen", "Jana", date(2026, 12, 15)),
        ("Muster holen", "Tom", date(2026, 12, 16)),
        ("Nachdenken", "", None),
    ]
    assert meeting.published_at is not None


def test_minutes_are_mailed_only_after_a_second_question_that_says_to_how_many(
    group: Group, jana: Any, coordinator: Any
) -> None:
    made = minute_actions.write_minutes(coordinator, group, day=date(2026, 11, 3), title="T")
    place = f"/gruppen/{group.slug}/protokoll/{made.pk}/veroeffentlichen/"
    asked = client_of(coordinator).post(place).content.decode()
    assert "1 Mitglied bekommt" in asked and not OutgoingMail.objects.exists()
    client_of(coordinator).post(place, {"sure": "yes"})
    assert OutgoingMail.objects.count() == 1


def test_published_minutes_are_corrected_with_a_note_everybody_sees(group: Group, coordinator: Any) -> None:
    made = minute_actions.write_minutes(coordinator, group, day=date(2026, 11, 3), title="T", decisions=["Wir messen."])
    minute_actions.publish_minutes(coordinator, made)
    client, place = client_of(coordinator), f"/gruppen/{group.slug}/protokoll/{made.pk}/"
    assert f"{place}schreiben/" in client.get(place).content.decode()
    form = client.get(f"{place}schreiben/").content.decode()
    assert "Was haben Sie berichtigt?" in form
    body = {"day": "2026-11-03", "title": "T", "present": 4, "minutes": 60, "decisions": "Wir messen zuerst den Strom."}
    assert client.post(f"{place}schreiben/", body).status_code == 422, "a correction says what it corrects"
    client.post(f"{place}schreiben/", body | {"correction": "Beschluss genauer gefasst"})
    page = Client().get(place).content.decode()
    assert "Wir messen zuerst den Strom." in page
    assert "Berichtigt am" in page and "Beschluss genauer gefasst" in page


def test_correcting_minutes_keeps_which_tasks_are_done_and_mails_nobody(
    group: Group, jana: Any, coordinator: Any
) -> None:
    task = minute_actions.TaskGiven("Angebot einholen", "Jana")
    made = minute_actions.write_minutes(coordinator, group, day=date(2026, 11, 3), title="T", tasks=[task])
    minute_actions.publish_minutes(coordinator, made)
    minute_actions.tick(jana, made.tasks.get(), done=True)
    sent = OutgoingMail.objects.count()
    minute_actions.write_minutes(
        coordinator, group, day=date(2026, 11, 3), title="U", tasks=[task], meeting=made, correction="Titel"
    )
    assert made.tasks.get().done_at is not None
    assert OutgoingMail.objects.count() == sent


@pytest.mark.parametrize("words", ["DREHBÄNKE", "drehbänke 1985"])
def test_the_search_finds_words_whatever_their_case(group: Group, jana: Any, words: str) -> None:
    talks.start_topic(jana, group, "Alte Drehbänke", "Unsere ist von 1985.")
    assert [h.title for h in queries.search(jana, words)] == ["Alte Drehbänke"]


def test_the_search_does_not_look_into_groups_one_may_not_read(group: Group, jana: Any) -> None:
    talks.start_topic(jana, group, "Geheim", "Drehbank")
    Group.objects.update(public=False)
    assert queries.search(AnonymousUser(), "drehbank") == []
    assert len(queries.search(jana, "drehbank")) == 1


def test_every_page_of_a_group_opens_in_both_languages(group: Group, jana: Any, coordinator: Any) -> None:
    topic = talks.start_topic(jana, group, "T", "Text")
    made = minute_actions.write_minutes(
        coordinator, group, day=date(2026, 11, 3), title="T", tasks=[minute_actions.TaskGiven("A")]
    )
    minute_actions.publish_minutes(coordinator, made)
    base = f"/gruppen/{group.slug}/"
    places = ["/gruppen/?q=text", base, f"{base}neu/", f"{base}thema/{topic.pk}/", f"{base}protokoll/{made.pk}/"]
    places.append(f"{base}thema/{topic.pk}/beitrag/{topic.posts.get().pk}/")
    for place in places:
        for language in ("", "/en"):
            assert client_of(jana).get(language + place).status_code == 200, place
    for place in (f"{base}protokoll/neu/", "/desk/gruppen/neu/", f"/desk/gruppen/{group.slug}/"):
        assert client_of(coordinator).get(place).status_code == 200, place


def test_a_group_only_members_read_is_joined_by_invitation(group: Group, coordinator: Any) -> None:
    Group.objects.update(public=False)
    guest, base = person("gast"), f"/gruppen/{group.slug}/"
    assert client_of(guest).get(base).status_code == 404
    assert client_of(guest).post(f"{base}mitglied/", {"name": "Gast"}).status_code == 404
    assert client_of(coordinator).post(f"{base}einladen/", {"mail": "gast@gruppe.example"}).status_code == 302
    text = OutgoingMail.objects.get(to="gast@gruppe.example").text
    link = next(line for line in text.splitlines() if "://" in line)
    address = "/" + link.split("://")[1].split("/", 1)[1]
    assert Client().get(address).status_code == 302, "whoever joins is signed in"
    for _ in range(2):
        assert client_of(guest).get(address).status_code == 200
        assert client_of(guest).head(address).status_code == 200
    assert client_of(guest).post(address, {"name": " "}).status_code == 422
    assert not GroupMember.objects.exists()
    assert client_of(guest).post(address, {"name": "Gast"})["Location"] == base
    assert client_of(guest).get(base).status_code == 200
    assert client_of(person("zweiter")).post(address, {"name": "Zweiter"}).status_code == 404
    assert GroupMember.objects.get().user == guest


def test_only_moderators_invite_and_take_out(group: Group, jana: Any, tom: Any, coordinator: Any) -> None:
    member = GroupMember.objects.get(user=jana)
    for attempt in (
        lambda: actions.invite(tom, group, "x@gruppe.example"),
        lambda: actions.remove(tom, group, member.pk),
        lambda: actions.remove(person("fremd"), group, member.pk),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    page = client_of(coordinator).post(f"/gruppen/{group.slug}/mitglied/{member.pk}/", {"remove": "1"})
    assert page.status_code == 302
    assert not GroupMember.objects.filter(user=jana).exists()


def test_nobody_speaks_under_the_name_of_another_member(group: Group, jana: Any) -> None:
    with pytest.raises(BadInput, match="name_taken"):
        joined(group, "double", "JANA,  Metallbau")
    actions.join(jana, group, "Jana, Metallbau")


def test_words_of_somebody_who_left_are_still_handed_out_and_erased_with_the_account(
    group: Group, jana: Any, tom: Any
) -> None:
    talks.start_topic(jana, group, "T", "Unsere Drehbank steht")
    actions.leave(jana, group)
    assert GroupMember.objects.count() == 1
    subject, table = Subject(users=frozenset({jana.pk})), tables()["dialogue.Post"]
    assert [p.text for p in table.rows(subject)] == ["Unsere Drehbank steht"]
    assert table.erase is not None
    table.erase(Post.objects.filter(pk__in=table.rows(subject).values("pk")))
    post, mail = Post.objects.get(), OutgoingMail.objects.get()
    assert (post.text, post.written_by, post.author) == ("–", None, None)
    assert (mail.text, mail.to, mail.state) == ("", "", "withheld"), "nor do the words go out by mail"


def test_a_name_leads_to_tasks_in_ones_own_groups_only(group: Group, jana: Any, coordinator: Any) -> None:
    other = actions.found(coordinator, name_de="Andere", public=False)
    for one in (group, other):
        task = minute_actions.TaskGiven("Angebot", "Jana, Metallbau")
        minute_actions.write_minutes(coordinator, one, day=date(2026, 11, 3), title="T", tasks=[task])
    found = tables()["dialogue.Task"].rows(Subject(users=frozenset({jana.pk})))
    assert [t.meeting.group for t in found] == [group]
    actions.leave(jana, group)
    assert Meeting.objects.get(group=group).tasks.get().who == ""
    assert Meeting.objects.get(group=other).tasks.get().who == "Jana, Metallbau"


def test_a_mail_about_a_hidden_post_is_not_sent_any_more(group: Group, jana: Any, tom: Any, coordinator: Any) -> None:
    post = talks.start_topic(jana, group, "T", "Beleidigung").posts.get()
    talks.hide(coordinator, post, "Ton")
    assert [(m.state, m.text) for m in OutgoingMail.objects.all()] == [("withheld", "")]


def test_a_closed_account_gets_no_mail_of_a_group(group: Group, jana: Any, tom: Any) -> None:
    type(tom).objects.filter(pk=tom.pk).update(is_active=False)
    talks.start_topic(jana, group, "T", "Text")
    assert not OutgoingMail.objects.exists()


def test_whoever_stopped_the_mails_gets_them_again_by_asking_on_the_page(group: Group, jana: Any, tom: Any) -> None:
    token = office_mail.unsubscribe_address(tom.email, actions.MAIL_KIND).rstrip("/").rsplit("/", 1)[1]
    office_mail.unsubscribe(token)
    topic = talks.start_topic(jana, group, "T", "Eins")
    assert OutgoingMail.objects.get().state == "withheld"
    actions.subscribe(tom, group, wanted=True)
    talks.reply(jana, topic, "Zwei")
    assert OutgoingMail.objects.filter(state="queued", to=tom.email).count() == 1


def test_a_member_of_a_closed_group_still_stops_its_mails(group: Group, jana: Any, coordinator: Any) -> None:
    actions.change(coordinator, group, closed=True)
    actions.subscribe(jana, group, wanted=False)
    assert not GroupMember.objects.get(user=jana).subscribed
    with pytest.raises(NotAllowed, match="group_closed"):
        minute_actions.write_minutes(coordinator, group, day=date(2026, 11, 3), title="T")


def test_minutes_published_meanwhile_are_not_written_over(group: Group, coordinator: Any) -> None:
    opened = minute_actions.write_minutes(coordinator, group, day=date(2026, 11, 3), title="T")
    minute_actions.publish_minutes(coordinator, Meeting.objects.get())
    with pytest.raises(NotAllowed, match="minutes_published"):
        minute_actions.write_minutes(coordinator, group, day=date(2026, 11, 3), title="Anders", meeting=opened)
    assert Meeting.objects.get().published_at is not None


def test_long_lists_have_pages_and_a_topic_opens_at_its_newest_posts(
    group: Group, jana: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "POSTS", 2)
    monkeypatch.setattr(queries, "TOPICS", 1)
    topic = talks.start_topic(jana, group, "Erstes", "Beitrag eins")
    for words in ("Beitrag zwei", "Beitrag drei"):
        talks.reply(jana, topic, words)
    talks.start_topic(jana, group, "Zweites", "Text")
    address = f"/gruppen/{group.slug}/"
    first, last = (Client().get(f"{address}thema/{topic.pk}/{more}").content.decode() for more in ("?page=1", ""))
    assert "Beitrag eins" in first and "Beitrag drei" not in first
    assert "Beitrag drei" in last and "Beitrag eins" not in last
    assert "Zweites" in Client().get(address).content.decode()
    assert "Erstes" in Client().get(f"{address}?page=2").content.decode()


def test_the_list_counts_members_and_topics_apart(group: Group, jana: Any, tom: Any) -> None:
    for title in ("A", "B", "C"):
        talks.start_topic(jana, group, title, "x")
    assert [(row.members, row.topics) for row in queries.listed(AnonymousUser())] == [(2, 3)]


def test_a_search_for_odd_characters_finds_nothing_and_breaks_nothing(group: Group) -> None:
    assert Client().get("/gruppen/", {"q": "\x00%_"}).status_code == 200
