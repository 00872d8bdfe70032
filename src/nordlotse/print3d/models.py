"""Parts that somebody had checked, lists of parts, a shop's own machines, and the work that waits for them. All expire."""

from __future__ import annotations

import secrets
import string
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

_ALPHABET = string.ascii_letters + string.digits

#: So long a part or a list is kept, in days; a shared link ends no later.
KEPT_DAYS = 7
#: A shop's own machines nobody used for so long are deleted, in days.
SHOP_DAYS = 1100


def new_key() -> str:
    """Return 24 random letters and digits: the link is the only key."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(24))


def in_a_week() -> datetime:
    """Return when what is handed in now expires."""
    return timezone.now() + timedelta(days=KEPT_DAYS)


class Shop(models.Model):
    """A shop's own machines, materials, cost figures and calibration. Whoever holds its link may use and change them.

    `machines` and `materials` are lists of what the forms hold (the shape of core/data/*.yaml), `figures` cost figures by key
    (`{"fdm.machine_rate": 4.0}`), `calibration` what past jobs say about the estimate.
    """

    key = models.CharField(primary_key=True, max_length=24, default=new_key)
    machines = models.JSONField(default=list)
    materials = models.JSONField(default=list)
    figures = models.JSONField(default=dict)
    calibration = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.key[:6]


class Part(models.Model):
    """A part somebody had checked. Whoever holds its link may see, change and delete it; `share` opens a page that only shows.

    Its files (the original, the picture's data, six views, repaired, sliced) lie in the office under room "print3d" and its key.
    `wishes`: unit, scale, process, material, rotation as chosen. `found`: what was found (`core.whole.to_text`). `today`: quantity, and how the
    part is bought today (price, lead time, least order, process). `company`: id of a company of `journey` if a member laid it there, else "".
    """

    key = models.CharField(primary_key=True, max_length=24, default=new_key)
    name = models.CharField(max_length=200)
    lang = models.CharField(max_length=2, default="de")
    wishes = models.JSONField(default=dict, blank=True)
    found = models.TextField(blank=True)
    today = models.JSONField(default=dict, blank=True)
    shop = models.ForeignKey(Shop, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    share = models.CharField(max_length=24, null=True, blank=True, unique=True)
    share_until = models.DateTimeField(null=True, blank=True)
    company = models.CharField(max_length=16, blank=True, db_index=True)
    is_example = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=in_a_week, db_index=True)

    def __str__(self) -> str:
        return self.key[:6]


class PartList(models.Model):
    """A list of parts to be screened: a ZIP of files, with or without a table of prices, quantities and stock.

    Its files lie in the office under room "print3d_list" and its key. `done` of `total` are judged; `found` is the summary a page shows.
    """

    key = models.CharField(primary_key=True, max_length=24, default=new_key)
    name = models.CharField(max_length=200)
    lang = models.CharField(max_length=2, default="de")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=dict, blank=True)
    company = models.CharField(max_length=16, blank=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=in_a_week, db_index=True)

    def __str__(self) -> str:
        return self.key[:6]


class Work(models.Model):
    """Something the worker shall do for a part or a list, the oldest first. What a dead worker had begun is begun again.

    `step` is what it is at just now (a word of `actions.work`), `problem` the error of the house as a dictionary if it could not be done.
    """

    class Kind(models.TextChoices):
        """What is to be done."""

        EXAMINE = "examine"
        REPAIR = "repair"
        SLICE = "slice"
        SCREEN = "screen"

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    part = models.ForeignKey(Part, null=True, blank=True, on_delete=models.CASCADE, related_name="works")
    part_list = models.ForeignKey(PartList, null=True, blank=True, on_delete=models.CASCADE, related_name="works")
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    step = models.CharField(max_length=20, blank=True)
    problem = models.JSONField(default=dict, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """The oldest that waits is asked for all the time."""

        indexes: ClassVar = [models.Index(fields=["state", "id"], name="work_next")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(part__isnull=False) ^ models.Q(part_list__isnull=False), name="work_for_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
