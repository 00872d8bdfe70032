"""Checks that somebody asked to keep: their rounds, the answers of each person, the consent to be compared, releases, own models."""

from __future__ import annotations

import secrets
import string
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

_ALPHABET = string.ascii_letters + string.digits


def new_key() -> str:
    """Return 24 random letters and digits: the link to a check is its only key."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(24))


class Check(models.Model):
    """A company's check, kept because somebody asked for it. Whoever holds its link may read, change and delete it.

    No name and no address stand here. `company` is the id of a company of `journey` if a signed-in member attached it, "" otherwise.
    """

    key = models.CharField(primary_key=True, max_length=24, default=new_key)
    lang = models.CharField(max_length=2, default="de")
    employees = models.PositiveIntegerField(null=True, blank=True)
    sector = models.CharField(max_length=2, blank=True)
    state = models.CharField(max_length=2, blank=True)
    company = models.CharField(max_length=16, blank=True, db_index=True)
    is_example = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.key[:6]


class Round(models.Model):
    """One time the check was made: 0 before support (T0), 1 about a year later (T1), 2 about two years later (T2).

    `wanted` is the plan that was chosen (goal and struck steps, as the plan's form sends them), empty for the proposed one.
    `models` are the ids of the models asked for; `hashes` the hash of each model (and of the form, under "form") at the time of the last answer.
    """

    check_of = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveSmallIntegerField(default=0)
    models_asked = models.JSONField(default=list)
    hashes = models.JSONField(default=dict)
    wanted = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Each round once."""

        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["check_of", "number"], name="round_once")]

    def __str__(self) -> str:
        return f"{self.check_of_id[:6]}/{self.number}"


class Sheet(models.Model):
    """The answers of one person in a round. The lead's sheet counts as the company's; the others stand beside it.

    `key` is the colleague's own link: it opens this sheet and nothing else. `who` is what they call themselves ("Werkstatt"). `version` counts
    saves: of two people saving at once none overwrites the other unseen.
    """

    key = models.CharField(primary_key=True, max_length=24, default=new_key)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="sheets")
    lead = models.BooleanField(default=False)
    who = models.CharField(max_length=60, blank=True)
    answers = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    touched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """One lead per round."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round"], condition=models.Q(lead=True), name="sheet_one_lead")
        ]

    def __str__(self) -> str:
        return self.key[:6]


class Comparing(models.Model):
    """The consent to count in the comparison: which text, when given, when taken back. Separate from keeping the check."""

    check_of = models.OneToOneField(Check, on_delete=models.CASCADE, related_name="comparing")
    text_version = models.CharField(max_length=20)
    given_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)


class Release(models.Model):
    """What was last published of own participants for one model: cells with n, means and intervals, and who is in them.

    `model` is its id, for changes with the two rounds behind it ("own|0-1"). `cells` is what pages show; `members` (check keys per cell) never leaves the room: the next release is compared with it, so that no
    difference of two releases tells of fewer than five companies.
    """

    model = models.CharField(max_length=50)
    model_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    cells = models.JSONField(default=dict)
    members = models.JSONField(default=dict)

    class Meta:
        """The newest of a model is asked for."""

        indexes: ClassVar = [models.Index(fields=["model", "-made_at"], name="release_newest")]

    def __str__(self) -> str:
        return f"{self.model} {self.made_at:%Y-%m-%d}"


class OwnModel(models.Model):
    """A check of the centre's own, made from a sheet or a YAML file without code. A new version is a new row.

    `source` is the file as it was handed in, `form` and `tree` what was compiled from it (canonical JSON).
    """

    class State(models.TextChoices):
        """Only a published one is offered; a withdrawn one still explains old results."""

        DRAFT = "draft"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    id = models.BigAutoField(primary_key=True)
    model = models.SlugField(max_length=40)
    version = models.CharField(max_length=20)
    hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    source = models.BinaryField()
    form = models.JSONField()
    tree = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        """A version once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["model", "version"], name="own_model_once")]

    def __str__(self) -> str:
        return f"{self.model} {self.version}"
