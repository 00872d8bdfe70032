"""Writes of working groups: found, change, join, invite, leave; who may write and moderate. Talks and minutes have modules of their own."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from nordlotse.dialogue.models import Group, GroupMember, Task
from nordlotse.dialogue.queries import groups as queries
from nordlotse.foundation.german import fold
from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import BadInput, NotAllowed
from nordlotse.foundation.role import Role
from nordlotse.office import links, log, mail
from nordlotse.office.addresses import check_address
from nordlotse.office.roles import check_role

#: The kind of mail a member can end by one click.
MAIL_KIND = "groups"
#: What a link in an invitation is about, and how many of one group may be open.
INVITATION = "group"
INVITATIONS = 50
mail.describe_kind(MAIL_KIND, Text("neue Beiträge in Ihren Arbeitsgruppen", "new posts in your working groups"))


def _missing(where: str, de: str, en: str) -> BadInput:
    return BadInput(
        "text_missing", de=de, en=en, where=where, remedy_de="Bitte etwas eintragen.", remedy_en="Enter something."
    )


def checked_text(value: str, limit: int, where: str) -> str:
    """Return a text as it is kept.

    Raises:
        BadInput: it is missing, or longer than `limit` characters.
    """
    text = value.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise _missing(where, "Hier fehlt Text.", "There is no text.")
    if len(text) > limit:
        raise BadInput(
            "text_too_long",
            de=f"Der Text ist zu lang: {len(text)} Zeichen, erlaubt sind {limit}.",
            en=f"The text is too long: {len(text)} characters, {limit} are allowed.",
            where=where,
            remedy_de="Bitte kürzen oder als Datei anhängen.",
            remedy_en="Shorten it or attach it as a file.",
        )
    return text


def check_writer(user: Any, group: Group) -> GroupMember:
    """Return the person's membership.

    Raises:
        NotAllowed: not a member, or the group is closed.
    """
    member = queries.member_of(user, group)
    if member is None:
        raise _not_a_member()
    check_open(group)
    return member


def _not_a_member() -> NotAllowed:
    return NotAllowed(
        "group_members_only",
        de="Das dürfen nur Mitglieder der Gruppe.",
        en="Only members of the group may do this.",
        where="group",
        remedy_de="Bitte treten Sie der Gruppe bei.",
        remedy_en="Join the group first.",
    )


def check_open(group: Group) -> None:
    """Raise `NotAllowed` if the group is closed: then it is only read."""
    if group.closed_at is not None:
        raise NotAllowed(
            "group_closed",
            de="Diese Gruppe ist geschlossen.",
            en="This group is closed.",
            where="group",
            remedy_de="Die Koordination kann sie wieder öffnen.",
            remedy_en="A coordinator can open it again.",
        )


def check_moderator(user: Any, group: Group) -> None:
    """Raise `NotAllowed` unless the person moderates the group."""
    if not queries.moderates(user, group):
        raise NotAllowed(
            "moderators_only",
            de="Das darf nur, wer die Gruppe moderiert, und die Koordination.",
            en="Only moderators of the group and coordinators may do this.",
            where="group",
            remedy_de="Bitte fragen Sie die Moderation.",
            remedy_en="Ask a moderator.",
        )


@transaction.atomic
def found(user: Any, *, name_de: str, name_en: str = "", text_de: str = "", text_en: str = "", **more: Any) -> Group:
    """Found a group (`topic, state, public`); only coordinators do.

    Raises:
        NotAllowed: not a coordinator.
        BadInput: there is no name.
    """
    check_role(user, Role.COORDINATOR)
    name = checked_text(name_de, 120, "name_de")
    base = slugify(fold(name))[:50] or "gruppe"
    slug, n = base, 1
    while Group.objects.filter(slug=slug).exists():
        n += 1
        slug = f"{base}-{n}"
    made = Group.objects.create(
        slug=slug, name_de=name, name_en=name_en.strip(), text_de=text_de.strip(), text_en=text_en.strip(), **more
    )
    log.record("found", "group", made.pk, user)
    return made


@transaction.atomic
def change(user: Any, group: Group, **values: Any) -> None:
    """Change a group's words, whether it is public, and whether it is closed (`closed=True|False`).

    Raises:
        NotAllowed: not a coordinator.
    """
    check_role(user, Role.COORDINATOR)
    for name in ("name_de", "name_en", "text_de", "text_en", "topic", "state", "public"):
        if name in values:
            setattr(group, name, values[name])
    if "closed" in values:
        group.closed_at = timezone.now() if values["closed"] else None
    group.name_de = checked_text(group.name_de, 120, "name_de")
    group.save()
    log.record("change", "group", group.pk, user)


def _free_name(user: Any, group: Group, name: str) -> str:
    """Return the name somebody wants to have in a group.

    Raises:
        BadInput: there is none, or somebody else in the group has it: nobody speaks under another's name.
    """
    called = " ".join(checked_text(name, 80, "name").split())
    others = group.members.exclude(user_id=user.pk).values_list("name", flat=True)
    if fold(called) in {fold(other) for other in others}:
        raise BadInput(
            "name_taken",
            de="So heißt in dieser Gruppe schon jemand.",
            en="Somebody in this group has that name already.",
            where="name",
            remedy_de="Bitte ergänzen Sie den Namen, etwa um den Betrieb oder den Ort.",
            remedy_en="Add something to the name, such as the company or the place.",
        )
    return called


@transaction.atomic
def join(user: Any, group: Group, name: str, lang: Lang = "de") -> GroupMember:
    """Join a group under a name of one's choice; whoever is a member already gets the new name.

    The caller has looked the group up as one this person may read (`queries.group`) or was invited to.

    Raises:
        NotAllowed: nobody is signed in, or a closed group.
        BadInput: there is no name, or another member has it.
    """
    if not (user.is_authenticated and user.is_active) or group.closed_at is not None:
        raise NotAllowed(
            "sign_in_first",
            de="Beitreten können Angemeldete, solange die Gruppe offen ist.",
            en="Signed-in people can join while the group is open.",
            where="group",
            remedy_de="Bitte melden Sie sich mit Ihrer E-Mail-Adresse an.",
            remedy_en="Sign in with your mail address.",
        )
    called = _free_name(user, group, name)
    member, made = GroupMember.objects.update_or_create(group=group, user=user, defaults={"name": called, "lang": lang})
    if made:
        mail.subscribe_again(user.email, MAIL_KIND)
        log.record("join", "group", group.pk, user)
    return member


@transaction.atomic
def invite(user: Any, group: Group, address: str, lang: Lang = "de") -> None:
    """Invite somebody by mail into a group, also one that only members read; a new invitation replaces the old one.

    Raises:
        NotAllowed: not a moderator, or a closed group.
        BadInput: no mail address, or 50 invitations are open.
    """
    check_moderator(user, group)
    check_open(group)
    address = check_address(address)
    open_ones = queries.open_invitations(group)
    open_ones.filter(mail=address).delete()
    if open_ones.count() >= INVITATIONS:
        raise BadInput(
            "too_many_invitations",
            de=f"Es sind schon {INVITATIONS} Einladungen offen.",
            en=f"{INVITATIONS} invitations are already open.",
            where="mail",
            remedy_de="Bitte warten Sie, bis einige angenommen sind.",
            remedy_en="Wait until some have been accepted.",
        )
    token = links.make(INVITATION, group.pk, mail=address)
    mail.enqueue(
        f"dialogue:group:invited:{token[:24]}",
        address,
        lang=lang,
        template="dialogue/mail/group_invitation.txt",
        context={"name": group.name(lang), "text": group.text(lang), "token": token},
        room="dialogue",
        reference=f"group:{group.pk}",
    )
    log.record("invite", "group", group.pk, user)


@transaction.atomic
def accept(user: Any, token: str, name: str, lang: Lang = "de") -> Group:
    """Join the group an invitation is about; whoever holds the link joins, once.

    Raises:
        NotFound: the link is unknown, used or expired, or the group is gone.
        NotAllowed, BadInput: as `join`; the link stays usable.
    """
    group = queries.invited_to(links.use(token, INVITATION))
    join(user, group, name, lang)
    return group


@transaction.atomic
def leave(user: Any, group: Group) -> None:
    """Leave a group: posts and tasks stay without a name."""
    member = queries.member_of(user, group)
    if member is not None:
        _take_out(member)
        log.record("leave", "group", group.pk, user)


@transaction.atomic
def remove(user: Any, group: Group, member_id: int) -> None:
    """Take somebody out of a group; posts and tasks stay without a name.

    Raises:
        NotAllowed: not a moderator.
    """
    check_moderator(user, group)
    member = group.members.filter(pk=member_id).first()
    if member is not None:
        _take_out(member)
        log.record("remove", "group", group.pk, user)


def _take_out(member: GroupMember) -> None:
    Task.objects.filter(meeting__group_id=member.group_id, who=member.name).update(who="")
    member.delete()


@transaction.atomic
def subscribe(user: Any, group: Group, *, wanted: bool) -> None:
    """Have new posts sent by mail, or not; asking for them anew also takes back a "no more mails" from a mail.

    Raises:
        NotAllowed: not a member.
    """
    member = queries.member_of(user, group)
    if member is None:
        raise _not_a_member()
    member.subscribed = wanted
    member.save(update_fields=["subscribed"])
    if wanted:
        mail.subscribe_again(user.email, MAIL_KIND)


@transaction.atomic
def appoint(user: Any, group: Group, member_id: int, *, moderates: bool) -> None:
    """Make a member a moderator, or take it back; only coordinators do.

    Raises:
        NotAllowed: not a coordinator.
    """
    check_role(user, Role.COORDINATOR)
    GroupMember.objects.filter(group=group, pk=member_id).update(moderates=moderates)
    log.record("appoint", "group", group.pk, user)


def tell_members(group: Group, author: GroupMember | None, about: str, template: str, context: dict[str, Any]) -> None:
    """Mail something new to every subscribed member but its author; closed accounts get nothing."""
    readers = queries.readers(group)
    if author is not None:
        readers = readers.exclude(pk=author.pk)
    for reader in readers.select_related("user"):
        lang: Lang = "en" if reader.lang == "en" else "de"
        mail.enqueue(
            f"dialogue:group:{about}:{reader.pk}",
            reader.user.email,
            lang=lang,
            template=template,
            context={**context, "group": group, "name": group.name(lang), "author": author.name if author else ""},
            room="dialogue",
            reference=about,
            kind=MAIL_KIND,
        )
