"""The pages of companies, their data, and working groups, with the longest content they can show."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from nordlotse.dialogue.models import Correction, Decision, Group, GroupMember, Meeting, Post, Task, Topic
from nordlotse.foundation.language import Lang
from nordlotse.journey.actions import entering, letters
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import Assignment, Case, Company, Consent, Contact, Membership, Message
from nordlotse.journey.queries.access import Who
from nordlotse.office import links
from tests.journey import casework

_LONG = "Metallbau und Schiffsausrüstung Hansen-Feddersen Nachfolger GmbH & Co. Kommanditgesellschaft"


def _group() -> tuple[Group, Topic, Meeting]:
    known = Group.objects.filter(slug="maschinendaten").first()
    if known is not None:
        return known, known.topics.get(), known.meetings.exclude(published_at=None).get()
    group = Group.objects.create(
        slug="maschinendaten", name_de="Maschinendatenerfassung", name_en="Machine data", text_de="Worum es geht. " * 40
    )
    topic = Topic.objects.create(group=group, title="Welcher Stromwandler taugt für eine Fräse von 1992? " * 2)
    Post.objects.create(topic=topic, text="Klappwandler" * 30 + "\n\nZweiter Absatz.")
    Post.objects.create(topic=topic, text="x", hidden_at=timezone.now(), hidden_reason="Werbung ohne Bezug zum Thema")
    meeting = Meeting.objects.create(
        group=group,
        day=timezone.localdate(),
        title="Drittes Treffen",
        text="Besprochen. " * 60,
        present=9,
        published_at=timezone.now(),
    )
    Decision.objects.create(meeting=meeting, text="Wir messen zuerst den Strom.")
    Task.objects.create(meeting=meeting, text="Angebot einholen", who="Jana", due=timezone.localdate())
    Correction.objects.create(meeting=meeting, what="Beschluss genauer gefasst: Strommessungsprotokollvorlage " * 3)
    return group, topic, meeting


def _case_by_link() -> str:
    """Return the link at which somebody without an account works on a case, with minutes to count."""
    known = Assignment.objects.filter(person__name="Fachfrau ohne Konto").first()
    if known is None:
        known = casework.accepted(
            casework.coordinator("vermittlung"), casework.case(), casework.person("Fachfrau ohne Konto")
        )
        who = Who(Actor.EXPERT, person=known.person)
        entering.visited(who, known.case_id, "visit", minutes="90", day=None, text="Presse angesehen")
    return letters.expert_path(known)


def public(lang: Lang) -> list[str]:
    """Return the addresses everybody can open."""
    group, topic, meeting = _group()
    company = Company.objects.create(name=_LONG)
    Contact.objects.get_or_create(mail="eine.sehr.lange.adresse@ein-sehr-langer-name.example", name="H. Feddersen")
    invited = links.make("company", company.pk, mail="eine.sehr.lange.adresse@ein-sehr-langer-name.example")
    own = links.make("own_data", "x", mail="eine.sehr.lange.adresse@ein-sehr-langer-name.example")

    def at(name: str, *args: object) -> str:
        return reverse(f"{lang}:{name}", args=[str(a) for a in args])

    return [
        at("groups") + "?q=stromwandler",
        at("group", group.slug),
        at("group_topic", group.slug, topic.pk),
        at("group_minutes", group.slug, meeting.pk),
        at("ask_for_own_data"),
        at("own_data", own),
        at("company_invitation", invited),
        f"{'/en' if lang == 'en' else ''}/{_case_by_link()}",
    ]


def desk(lang: Lang) -> list[str]:
    """Return the addresses of a member who is a coordinator too."""
    group, topic, meeting = _group()
    user = get_user_model().objects.filter(is_superuser=True).first()
    assert user is not None
    company = Company.objects.filter(memberships__user=user).first()
    if company is None:
        company = Company.objects.create(
            name=_LONG, place="Neustadt in Holstein", state="SH", sector="25", employees=40
        )
        Membership.objects.create(company=company, user=user)
        Membership.objects.create(
            company=company, user=get_user_model().objects.create_user("kollegin", email="k@x.example")
        )
        case = Case.objects.create(
            number=9001, company=company, title=_LONG, question="Frage", promised_on=timezone.localdate()
        )
        Consent.objects.create(company=company, case=case, purpose="share_results", version="1")
        Message.objects.create(case=case, author="expert", text="Ein langes Wort: " + "Donaudampfschiff" * 8)
        links.make("company", company.pk, mail="eine.sehr.lange.adresse@ein-sehr-langer-name.example")
        GroupMember.objects.create(group=group, user=user, name="Leitung", moderates=True)
    double = Company.objects.create(name=f"{_LONG} (Zweitname)", created_at=timezone.now() - timedelta(days=3))

    def at(name: str, *args: object) -> str:
        return reverse(f"{lang}:{name}", args=[str(a) for a in args])

    return [
        at("company"),
        at("company_details"),
        at("company_data"),
        at("desk_companies"),
        at("merge_companies", double.pk, company.pk),
        at("group", group.slug),
        at("group_topic", group.slug, topic.pk),
        at("group_new_topic", group.slug),
        at("group_new_minutes", group.slug),
        at("group_write_minutes", group.slug, meeting.pk),
        at("group_found"),
        at("group_change", group.slug),
    ]
