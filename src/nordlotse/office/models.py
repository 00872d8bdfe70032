"""Tables every room may use: mails that go out and came in, links that act once, the log, files."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class OutgoingMail(models.Model):
    """One mail, once: the unique `key` says what it is about, so the same mail is never written twice.

    `message_id` is fixed when the row is made; a resend carries the same one. `kind` names a subscription that can be ended,
    `secret` marks a mail that holds a code or link to sign in: its words are erased as soon as it is sent. The row stays when
    its words and address are erased, for its key must not be used again. `claim` is whose turn it is to send.
    """

    class State(models.TextChoices):
        """How far a mail has come; withheld: the address wants no mails of this kind, or belongs to nobody any more."""

        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"
        WITHHELD = "withheld"

    key = models.CharField(max_length=200, unique=True)
    message_id = models.CharField(max_length=200, unique=True)
    to = models.EmailField(blank=True)
    lang = models.CharField(max_length=2, default="de")
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    reply_to = models.CharField(max_length=320, blank=True)
    headers = models.JSONField(default=dict)
    attachments = models.JSONField(default=list)
    kind = models.CharField(max_length=40, blank=True)
    secret = models.BooleanField(default=False)
    room = models.CharField(max_length=20, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    claim = models.CharField(max_length=32, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """The sender looks for what is due; export and deletion look for an address."""

        indexes: ClassVar = [
            models.Index(fields=["state", "due_at"], name="mail_due"),
            models.Index(fields=["to"], name="mail_to"),
        ]

    def __str__(self) -> str:
        return self.key


class IncomingMail(models.Model):
    """That a mail was taken in (a hash of its Message-ID), so that it is never taken in twice; its words live where they belong.

    A mail that could not be taken in is tried again: `attempts` counts, and after some it is kept aside (`HeldMail`).
    """

    message_hash = models.CharField(max_length=64, unique=True)
    outcome = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=1)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """The staff's page counts outcomes of the last days."""

        indexes: ClassVar = [models.Index(fields=["received_at"], name="incoming_when")]

    def __str__(self) -> str:
        return self.outcome


class ReplyAddress(models.Model):
    """A mail address that stands for one person's word about one thing; the token is made with the secret key.

    Only mails from `mail` are taken in as this person's.
    """

    token = models.CharField(primary_key=True, max_length=32)
    purpose = models.CharField(max_length=40)
    reference = models.CharField(max_length=60)
    person = models.CharField(max_length=60)
    mail = models.EmailField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Addresses go with what they are about."""

        indexes: ClassVar = [models.Index(fields=["purpose", "reference"], name="reply_about")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.reference}"


class HeldMail(models.Model):
    """A mail nobody can be sure of (another sender than the address was made for): kept aside until staff decide."""

    message_hash = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=20)
    address = models.ForeignKey(ReplyAddress, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    sender = models.EmailField(max_length=254)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    attachments = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """The oldest first."""

        ordering: ClassVar = ["received_at", "pk"]

    def __str__(self) -> str:
        return self.reason


class ActionLink(models.Model):
    """A link in a mail that opens one page with choices and acts once; the link itself is signed, only its id is kept."""

    id = models.CharField(primary_key=True, max_length=32)
    purpose = models.CharField(max_length=40)
    reference = models.CharField(max_length=60)
    mail = models.EmailField(blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Links are withdrawn by what they are about, and erased by age."""

        indexes: ClassVar = [
            models.Index(fields=["purpose", "reference"], name="link_about"),
            models.Index(fields=["expires_at"], name="link_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.reference}"


class LogEntry(models.Model):
    """What was done, when, by which id: no names, no words. Append-only; each entry holds the hash of the one before."""

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=40)
    verb = models.CharField(max_length=40)
    kind = models.CharField(max_length=30)
    object_id = models.CharField(max_length=60)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        """A case page shows what happened to the case."""

        indexes: ClassVar = [models.Index(fields=["kind", "object_id"], name="log_about")]

    def __str__(self) -> str:
        return f"{self.number} {self.verb}"


class LogHead(models.Model):
    """One row: the last entry's number and hash; locked while an entry is appended."""

    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return str(self.number)


class StoredFile(models.Model):
    """A file somebody handed in; its bytes lie in the data folder under its id, never under its name."""

    id = models.CharField(primary_key=True, max_length=32)
    room = models.CharField(max_length=20)
    reference = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Files are listed by what they belong to."""

        indexes: ClassVar = [models.Index(fields=["room", "reference"], name="file_owner")]

    def __str__(self) -> str:
        return self.name


class NoMail(models.Model):
    """An address that wants no more mails of one kind (List-Unsubscribe); kept as a hash of the address."""

    address_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        """Once per address and kind."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["address_hash", "kind"], name="no_mail_once")]

    def __str__(self) -> str:
        return self.kind
