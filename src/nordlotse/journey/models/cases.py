"""A case: a company's question in the hands of people, from the first word to the effect."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from nordlotse.journey.models.asking import Inquiry
from nordlotse.journey.models.companies import Company, Contact, new_id
from nordlotse.network.models import Partner, Person

#: The desk's groups of states, told by the database itself: one group is one stretch of an index.
_STAGE = models.Case(
    models.When(status__in=["new", "declined", "not_now"], then=models.Value("unassigned")),
    models.When(status__in=["accepted", "in_work"], then=models.Value("working")),
    models.When(status__in=["closed", "effect_asked"], then=models.Value("closed")),
    default=models.F("status"),
    output_field=models.CharField(max_length=12),
)
_NEEDS = models.ExpressionWrapper(~models.Q(attention=""), output_field=models.BooleanField())


class Case(models.Model):
    """What a company wants to talk about, with the answer it already got and the results it attached.

    `answer` and `results` hold only what the company consented to share. `open`, `stage` and `needs` are told by `status` and
    `attention` (they make the desk's list quick), `asked_last` says whose words came last, `promised_on` is the day by which the first reply was promised.
    `once` is the key of the form that opened it: sent twice, it opens one case. `taken_by` is the coordinator who looks after it herself.
    """

    class Status(models.TextChoices):
        """Where a case stands; which change is allowed to whom says `journey.core.case`."""

        NEW = "new"
        PROPOSED = "proposed"
        ACCEPTED = "accepted"
        NOT_NOW = "not_now"
        DECLINED = "declined"
        IN_WORK = "in_work"
        WAITING = "waiting"
        CLOSED = "closed"
        EFFECT_ASKED = "effect_asked"

    class Attention(models.TextChoices):
        """Why the coordinator has to look at a case."""

        ALL_DECLINED = "all_declined"
        NOBODY = "nobody"
        GIVEN_BACK = "given_back"
        UNANSWERED = "unanswered"
        ASK_AGAIN = "ask_again"
        PROMISE = "promise"
        STALE = "stale"
        AWAY = "away"
        DECLINED = "declined"
        NOTE = "note"

    id = models.CharField(primary_key=True, max_length=16, default=new_id)
    number = models.PositiveIntegerField(unique=True)
    once = models.CharField(max_length=40, null=True, blank=True, unique=True)
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.CASCADE, related_name="cases")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="cases")
    inquiry = models.ForeignKey(Inquiry, null=True, blank=True, on_delete=models.SET_NULL, related_name="cases")
    lang = models.CharField(max_length=2, default="de")
    title = models.CharField(max_length=200)
    question = models.TextField(max_length=4000, blank=True)
    tried = models.CharField(max_length=500, blank=True)
    wish = models.CharField(max_length=20, blank=True)
    wished = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    wished_partner = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    company_name = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=100, blank=True)
    answer = models.JSONField(null=True, blank=True)
    results = models.JSONField(default=list)
    topic = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=2, blank=True)
    district = models.CharField(max_length=5, blank=True)
    sector = models.CharField(max_length=2, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.NEW)
    open = models.BooleanField(default=True)
    attention = models.CharField(max_length=14, blank=True, choices=Attention.choices)
    stage = models.GeneratedField(expression=_STAGE, output_field=models.CharField(max_length=10), db_persist=True)
    needs = models.GeneratedField(expression=_NEEDS, output_field=models.BooleanField(), db_persist=True)
    asked_last = models.CharField(max_length=10, blank=True)
    waiting_until = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    promised_on = models.DateField(null=True, blank=True)
    first_reply_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    outcome_note = models.CharField(max_length=500, blank=True)
    is_example = models.BooleanField(default=False)

    class Meta:
        """The desk lists open cases by age; a company sees its own."""

        indexes: ClassVar = [
            models.Index(fields=["open", "opened_at", "id"], name="case_desk"),
            models.Index(fields=["stage", "opened_at", "id"], name="case_stage"),
            models.Index(fields=["needs", "opened_at", "id"], name="case_needs"),
            models.Index(fields=["open", "topic", "opened_at", "id"], name="case_topic"),
            models.Index(fields=["open", "promised_on"], name="case_promise"),
            models.Index(fields=["open", "touched_at"], name="case_touched"),
            models.Index(fields=["company", "-opened_at"], name="case_company"),
            models.Index(fields=["-opened_at"], name="case_newest"),
            models.Index(fields=["first_reply_at"], name="case_replied"),
            models.Index(fields=["closed_at"], name="case_closed"),
        ]

    def __str__(self) -> str:
        return self.pk


class Assignment(models.Model):
    """A person proposed for a case, and what that person said. Several accepted ones make a joint case; one leads."""

    class Status(models.TextChoices):
        """What came of the proposal."""

        PROPOSED = "proposed"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        NOT_NOW = "not_now"
        CONFLICT = "conflict"
        HANDED_OVER = "handed_over"
        WITHDRAWN = "withdrawn"
        SILENT = "silent"
        ENDED = "ended"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assignments")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="assignments")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PROPOSED)
    leads = models.BooleanField(default=True)
    reason_de = models.CharField(max_length=400, blank=True)
    reason_en = models.CharField(max_length=400, blank=True)
    score = models.FloatField(default=0)
    proposed_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    ask_again_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    reminded = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """A person is asked once per case at a time; the person's load is counted over open assignments."""

        indexes: ClassVar = [
            models.Index(fields=["person", "status"], name="assignment_load"),
            models.Index(fields=["status", "proposed_at"], name="assignment_age"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "person"],
                condition=models.Q(status__in=["proposed", "accepted"]),
                name="assignment_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.status}"


class Message(models.Model):
    """One entry of a case's thread: a message both sides see, an internal note, or what the system noted.

    `mail_id` is the Message-ID of a mail or the key of the form: the same words are taken in once. `attachments` lists ids of stored files (room "journey", reference: the case), `draft` the text made from the message.
    """

    class Author(models.TextChoices):
        """Whose words these are."""

        COMPANY = "company"
        EXPERT = "expert"
        CENTRE = "centre"
        SYSTEM = "system"

    class Channel(models.TextChoices):
        """How the words came."""

        PAGE = "page"
        MAIL = "mail"
        PHONE = "phone"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="messages")
    author = models.CharField(max_length=10, choices=Author.choices)
    channel = models.CharField(max_length=6, choices=Channel.choices, default=Channel.PAGE)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(max_length=20_000)
    internal = models.BooleanField(default=False)
    mail_id = models.CharField(max_length=300, null=True, blank=True, unique=True)
    attachments = models.JSONField(default=list)
    draft = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """A thread is read in order."""

        indexes: ClassVar = [models.Index(fields=["case", "created_at"], name="message_thread")]

    def __str__(self) -> str:
        return str(self.pk)


class AccessRecord(models.Model):
    """Who read which case and when; the company sees it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reads")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    role = models.CharField(max_length=12)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Read by case, newest first."""

        indexes: ClassVar = [models.Index(fields=["case", "-at"], name="access_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.role}"


class Routing(models.Model):
    """One row: whether people are proposed for new cases without a coordinator's tap."""

    automatic = models.BooleanField(default=False)

    def __str__(self) -> str:
        return "automatic" if self.automatic else "by hand"


class PersonVectors(models.Model):
    """What the sentence encoders made of a person's profile, so that matching does not embed it anew in every process.

    `key` names the text and the encoders; `data` holds `rows` vectors as float16, row by row.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="+")
    key = models.CharField(max_length=64)
    rows = models.PositiveSmallIntegerField()
    data = models.BinaryField()

    def __str__(self) -> str:
        return self.key
