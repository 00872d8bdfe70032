"""What the office's own tables hold of people; accounts and sessions stand in `personal_accounts`."""

from __future__ import annotations

from django.db.models import Q

from nordlotse.foundation.language import Text
from nordlotse.foundation.personal import Basis, Declared, Subject, Table, declare
from nordlotse.office import mail, personal_accounts  # noqa: F401 - declares the tables of the packages we use
from nordlotse.office.addresses import address_hash
from nordlotse.office.models import (
    ActionLink,
    HeldMail,
    IncomingMail,
    LogEntry,
    LogHead,
    NoMail,
    OutgoingMail,
    ReplyAddress,
    StoredFile,
)


def _mails(subject: Subject) -> list[str]:
    return [m for m in subject.mails if m]


declare(
    Table(
        model=OutgoingMail,
        what=Text("Mails an Sie und zu Ihren Fällen", "Mails to you and about your cases"),
        declared=(
            Declared(
                fields=("to", "lang", "subject", "text", "reply_to", "headers", "attachments", "reference", "kind"),
                purpose=Text("Mails senden und noch einmal senden können", "Sending mails, and sending them again"),
                basis=Basis.TASK,
                keep=Text(
                    "30 Tage nach dem Senden; Codes und Links zur Anmeldung, bis sie gesendet sind; was nie gesendet werden konnte, 90 Tage",
                    "30 days after sending; codes and links to sign in until they are sent; what could never be sent, 90 days",
                ),
            ),
        ),
        impersonal=(
            "id",
            "key",
            "message_id",
            "secret",
            "room",
            "state",
            "attempts",
            "error",
            "due_at",
            "claim",
            "claimed_at",
            "sent_at",
            "erased_at",
            "created_at",
        ),
        rows=lambda subject: OutgoingMail.objects.filter(
            Q(to__in=_mails(subject)) | Q(reference__in=subject.references)
        ),
        erase=mail.empty,
    )
)

declare(
    Table(
        model=IncomingMail,
        declared=(),
        impersonal=("id", "message_hash", "outcome", "purpose", "reference", "attempts", "received_at"),
        rows=lambda subject: IncomingMail.objects.none(),
    )
)

declare(
    Table(
        model=ReplyAddress,
        what=Text("Antwortadressen", "Reply addresses"),
        declared=(
            Declared(
                fields=("token", "purpose", "reference", "person", "mail", "made_at"),
                purpose=Text(
                    "Erkennen, von wem und wozu eine Antwort per Mail kommt",
                    "Telling from whom and about what a reply by mail comes",
                ),
                basis=Basis.TASK,
                keep=Text("bis das Thema der Mails gelöscht wird", "until what the mails are about is deleted"),
            ),
        ),
        impersonal=(),
        rows=lambda subject: ReplyAddress.objects.filter(
            Q(mail__in=_mails(subject)) | Q(reference__in=subject.references)
        ),
    )
)

declare(
    Table(
        model=HeldMail,
        what=Text("Mails, die wir nicht sicher zuordnen konnten", "Mails we could not place for sure"),
        declared=(
            Declared(
                fields=("address", "sender", "subject", "text", "received_at"),
                purpose=Text(
                    "Antworten nicht verlieren, deren Absender unklar ist",
                    "Not losing replies whose sender is unclear",
                ),
                basis=Basis.TASK,
                keep=Text("bis jemand entscheidet, höchstens 90 Tage", "until somebody decides, at most 90 days"),
            ),
        ),
        impersonal=("id", "message_hash", "reason", "attachments"),
        rows=lambda subject: HeldMail.objects.filter(
            Q(sender__in=_mails(subject))
            | Q(address__mail__in=_mails(subject))
            | Q(address__reference__in=subject.references)
        ),
    )
)

declare(
    Table(
        model=ActionLink,
        what=Text("Links in Mails", "Links in mails"),
        declared=(
            Declared(
                fields=("id", "purpose", "reference", "mail", "user", "expires_at", "used_at", "created_at"),
                purpose=Text(
                    "Aus einer Mail heraus einmal etwas entscheiden können", "Deciding something once, from a mail"
                ),
                basis=Basis.TASK,
                keep=Text("60 Tage nach ihrem Ende", "60 days after their end"),
            ),
        ),
        impersonal=(),
        rows=lambda subject: ActionLink.objects.filter(
            Q(mail__in=_mails(subject)) | Q(user_id__in=subject.users) | Q(reference__in=subject.references)
        ),
    )
)

declare(
    Table(
        model=LogEntry,
        what=Text("Protokoll, nur Kennungen", "Log, ids only"),
        declared=(
            Declared(
                fields=("at", "actor", "object_id"),
                purpose=Text("Belegen, was wann getan wurde", "Proving what was done and when"),
                basis=Basis.DUTY,
                keep=Text(
                    "auf Dauer; nach der Löschung eines Kontos führt keine Kennung mehr zu einer Person",
                    "for good; once an account is deleted no id leads to a person any more",
                ),
            ),
        ),
        impersonal=("number", "verb", "kind", "previous", "hash"),
        # Nothing in it can be changed; it holds ids alone, and what they stand for is in the other tables.
        rows=lambda subject: LogEntry.objects.none(),
        erase=lambda rows: 0,
    )
)

declare(
    Table(
        model=LogHead,
        declared=(),
        impersonal=("id", "number", "hash"),
        rows=lambda subject: LogHead.objects.none(),
    )
)

declare(
    Table(
        model=StoredFile,
        what=Text("Dateien", "Files"),
        declared=(
            Declared(
                fields=("id", "reference", "name", "added_by", "added_at"),
                purpose=Text(
                    "Unterlagen dort haben, wo sie gebraucht werden", "Having documents where they are needed"
                ),
                basis=Basis.TASK,
                keep=Text("bis das, wozu sie gehören, gelöscht wird", "until what they belong to is deleted"),
            ),
        ),
        impersonal=("room", "media_type", "size", "sha256"),
        rows=lambda subject: StoredFile.objects.filter(
            Q(added_by_id__in=subject.users) | Q(reference__in=subject.references)
        ),
        files=lambda row: [row],
    )
)

declare(
    Table(
        model=NoMail,
        what=Text("Abbestellte Mails", "Mails stopped"),
        declared=(
            Declared(
                fields=("address_hash", "kind", "since"),
                purpose=Text("Keine Mails mehr senden, die jemand abbestellt hat", "Sending no mails somebody stopped"),
                basis=Basis.DUTY,
                keep=Text(
                    "bis sie neu bestellt werden, oder bis zur Löschung", "until asked for anew, or until deleted"
                ),
            ),
        ),
        impersonal=("id",),
        rows=lambda subject: NoMail.objects.filter(address_hash__in=[address_hash(m) for m in _mails(subject)]),
    )
)
