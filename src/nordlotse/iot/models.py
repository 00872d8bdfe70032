"""Halls and machines of a company, who may send for them, what people said about stops and orders, rules and alarms. Values are not here but in the store.

A visitor's hall is a sandbox behind a secret link and is gone after a day; a company that keeps it makes it its own.
"""

from __future__ import annotations

import secrets
import string
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

_ALPHABET = string.ascii_letters + string.digits

#: So long a visitor's sandbox lives, in hours.
SANDBOX_HOURS = 24
#: What came of a file, with the first cells that could not be read, is forgotten so many days after it was taken in; its values stay.
DONE_DAYS = 90


def new_key() -> str:
    """Return 24 random letters and digits: of a sandbox the link is the only key."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(24))


def new_store() -> str:
    """Return the id under which the store keeps a hall's values: no secret, a folder's name."""
    return "h" + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(15))


def tomorrow() -> datetime:
    """Return when a sandbox that begins now ends."""
    return timezone.now() + timedelta(hours=SANDBOX_HOURS)


class Hall(models.Model):
    """A hall with machines: a visitor's sandbox (`company` empty, `expires_at` set) or a company's own (`company` set, no end).

    `company`: id of a company of `journey`. `store`: the id of its values in the store (`core.values.COMPANY`). `shifts`: the calendar as the form
    gives it (`core.states.shifts.Calendar`). `persons`: whether entries on stops may name a person; allowed only once somebody confirmed the notice on
    § 87(1) no. 6 BetrVG (`persons_by`, `persons_at`). `price_kwh` in euros. `mail`: who gets alarms, each
    `{"id", "mail", "confirmed", "after", "hours", "asked"}`: told so many seconds after an alarm that nobody acknowledged, `hours`: only in shifts.
    `webhook`: address that gets alarms as JSON, signed with `webhook_secret`.
    """

    key = models.CharField(primary_key=True, max_length=24, default=new_key)
    store = models.CharField(max_length=16, unique=True, default=new_store)
    name = models.CharField(max_length=80, blank=True)
    lang = models.CharField(max_length=2, default="de")
    company = models.CharField(max_length=16, blank=True, db_index=True)
    share = models.CharField(max_length=24, null=True, blank=True, unique=True)
    share_until = models.DateTimeField(null=True, blank=True)
    shifts = models.JSONField(default=dict, blank=True)
    persons = models.BooleanField(default=False)
    persons_at = models.DateTimeField(null=True, blank=True)
    persons_by = models.CharField(max_length=120, blank=True)
    price_kwh = models.DecimalField(max_digits=6, decimal_places=4, null=True, blank=True)
    mail = models.JSONField(default=list, blank=True)
    webhook = models.CharField(max_length=300, blank=True)
    webhook_secret = models.CharField(max_length=48, blank=True)
    is_example = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True, default=tomorrow, db_index=True)

    def __str__(self) -> str:
        return self.key[:6]


class Named(models.Model):
    """Where a hall keeps something of one person, so that it is found and taken out when that person asks: `mail` of an entry of `Hall.mail`
    (`entry` is its id), or the `user` whose name `Hall.persons_by` holds (`entry` "persons").
    """

    id = models.BigAutoField(primary_key=True)
    hall = models.ForeignKey(Hall, on_delete=models.CASCADE, related_name="named")
    entry = models.CharField(max_length=12)
    mail = models.CharField(max_length=254, blank=True, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        """An entry of a hall stands here once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["hall", "entry"], name="iot_named_once")]


class Machine(models.Model):
    """A machine of a hall. `name` is the first level of its topics; `title` what people call it.

    `signals`: by name, what a person confirmed: `{"Strom": {"title": "…", "unit": "A", "role": "current|power|energy|parts|good|scrap|state|"}}`.
    `states`: how states are found: the signal, limits found or set (`core.states.levels.Levels`, `core.states.rules`), as the form gives it.
    `euros_per_hour`: what an hour of standstill costs; `cycle`: planned seconds per part where no order says.
    `stop_key`: the link on the machine's own page for stops, on a sheet at the machine.
    """

    id = models.BigAutoField(primary_key=True)
    hall = models.ForeignKey(Hall, on_delete=models.CASCADE, related_name="machines")
    name = models.CharField(max_length=64)
    title = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    signals = models.JSONField(default=dict, blank=True)
    states = models.JSONField(default=dict, blank=True)
    euros_per_hour = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    cycle = models.DecimalField(max_digits=10, decimal_places=3, null=True, blank=True)
    stop_key = models.CharField(max_length=24, unique=True, default=new_key)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """A name is a machine's once in a hall."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["hall", "name"], name="iot_machine_name")]

    def __str__(self) -> str:
        return f"{self.pk}"


class Simulation(models.Model):
    """A simulated machine that runs in the worker: kind, seed, faults switched on (`{"name": …, "since": µs}`), until when it runs.

    `sent_until`: µs up to which values were handed in; what a dead worker left out is made up.
    """

    machine = models.OneToOneField(Machine, primary_key=True, on_delete=models.CASCADE, related_name="simulation")
    kind = models.CharField(max_length=10)
    seed = models.PositiveIntegerField(default=1)
    faults = models.JSONField(default=list, blank=True)
    history_from = models.BigIntegerField(default=0)
    sent_until = models.BigIntegerField(default=0)
    stopped = models.BooleanField(default=False)
    until = models.DateTimeField()


class Stop(models.Model):
    """What somebody said about a stretch of time of a machine (µs): a reason of `core.states.reasons`, or one of their own words.

    `end` 0: until the machine runs again; the worker then sets it.

    `person` only where the hall allows it.
    """

    id = models.BigAutoField(primary_key=True)
    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="stops")
    begin = models.BigIntegerField()
    end = models.BigIntegerField()
    reason = models.CharField(max_length=60)
    state = models.CharField(max_length=20)
    note = models.CharField(max_length=200, blank=True)
    person = models.CharField(max_length=80, blank=True)
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Asked for by machine and time."""

        indexes: ClassVar = [models.Index(fields=["machine", "begin"], name="iot_stop_when")]


class Order(models.Model):
    """A production order on a machine: part, planned seconds per part, when (µs; `end` None: still running), parts noted by hand.

    `taps`: rejects as they were noted, `[µs, count, "scrap"|"rework"]`; `scrap` and `rework` are their sums and what was noted without a time.
    """

    id = models.BigAutoField(primary_key=True)
    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="orders")
    name = models.CharField(max_length=60)
    part = models.CharField(max_length=80, blank=True)
    cycle = models.DecimalField(max_digits=10, decimal_places=3)
    begin = models.BigIntegerField()
    end = models.BigIntegerField(null=True, blank=True)
    made = models.PositiveIntegerField(null=True, blank=True)
    scrap = models.PositiveIntegerField(default=0)
    rework = models.PositiveIntegerField(default=0)
    taps = models.JSONField(default=list, blank=True)


class ShiftResult(models.Model):
    """The key figures' elements of one machine in one shift as computed last (`core.states.revising`); `revision` > 0: late data changed them.

    `given`: exact, fractions as text (`core.states.kept`). `spans`: the states with reasons; `energy`: seconds and kWh by state; `seen`: by what the
    result was computed (`core.states.seen`). `shift` without a name: time outside of all shifts. `begin`, `end` µs, `computed` µs.
    """

    id = models.BigAutoField(primary_key=True)
    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="results")
    begin = models.BigIntegerField()
    end = models.BigIntegerField()
    shift = models.JSONField(default=dict)
    given = models.JSONField(default=dict)
    spans = models.JSONField(default=list)
    energy = models.JSONField(default=dict)
    seen = models.JSONField(default=dict)
    why = models.JSONField(default=list)
    settled = models.BooleanField(default=False)
    computed = models.BigIntegerField()
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        """A shift begins once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["machine", "begin"], name="iot_shift_once")]


class Watch(models.Model):
    """The detector of a machine: the period marked as good (µs), what was learned (`core.anomaly.kept`), and where it stands.

    `limit_factor`: moved by feedback (`core.anomaly.feedback`). `seen_until` µs. `standing`: the live state at `seen_until`, so that a restart goes on
    where it was. `ask`: a learning somebody asked for that has not been done (`{"begin", "end", "by"}`); `problem`: why the last one failed.
    """

    machine = models.OneToOneField(Machine, primary_key=True, on_delete=models.CASCADE, related_name="watch")
    signals = models.JSONField(default=list)
    good_from = models.BigIntegerField(null=True, blank=True)
    good_to = models.BigIntegerField(null=True, blank=True)
    learned = models.JSONField(default=dict, blank=True)
    limit_factor = models.FloatField(default=1.0)
    on = models.BooleanField(default=True)
    seen_until = models.BigIntegerField(default=0)
    standing = models.JSONField(default=dict, blank=True)
    ask = models.JSONField(default=dict, blank=True)
    progress = models.FloatField(default=0.0)
    problem = models.JSONField(default=dict, blank=True)
    learned_at = models.DateTimeField(null=True, blank=True)


class Score(models.Model):
    """How unusual a machine was in an hour that begins at `begin` (µs): the highest score of each minute, 1 the limit as learnt, None where unseen."""

    id = models.BigAutoField(primary_key=True)
    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="scores")
    begin = models.BigIntegerField()
    peaks = models.JSONField(default=list)

    class Meta:
        """An hour is there once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["machine", "begin"], name="iot_score_hour")]


class Rule(models.Model):
    """An alarm rule on one signal as the form gives it (`core.alarms.rules.Rule`), and where it stands (`core.alarms.machine.Standing`)."""

    id = models.BigAutoField(primary_key=True)
    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="rules")
    signal = models.CharField(max_length=64)
    rule = models.JSONField(default=dict)
    standing = models.JSONField(default=dict, blank=True)
    on = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)


class Alarm(models.Model):
    """An alarm: of a rule, or of the detector (`rule` None). `reasons`: the sensors and their share, the first the strongest.

    `kind`: the rule's, or `unusual`, `drift`, `stuck`, `missing`. `score`: the highest, 1 the limit as learnt; `limit`: the factor that held then.
    `verdict`, `note`: what somebody said of it afterwards. `told`: the ids of those who were told (`Hall.mail`, "webhook").
    """

    class Verdict(models.TextChoices):
        """Feedback."""

        REAL = "real"
        FALSE = "false"
        PLANNED = "planned"

    id = models.BigAutoField(primary_key=True)
    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="alarms")
    rule = models.ForeignKey(Rule, null=True, blank=True, on_delete=models.SET_NULL, related_name="alarms")
    kind = models.CharField(max_length=20)
    begin = models.BigIntegerField()
    end = models.BigIntegerField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True)
    limit = models.FloatField(default=1.0)
    reasons = models.JSONField(default=list, blank=True)
    verdict = models.CharField(max_length=7, choices=Verdict.choices, blank=True)
    note = models.CharField(max_length=400, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    told = models.JSONField(default=list, blank=True)
    raised_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """The newest are asked for."""

        indexes: ClassVar = [models.Index(fields=["machine", "-begin"], name="iot_alarm_when")]


class Outbox(models.Model):
    """What waits to be told to one receiver of a hall (an id of `Hall.mail`, or "webhook"): `core.alarms.storm.Outbox` as plain values.

    `number`: messages made so far; it is part of a mail's key, so that none is written twice.
    """

    id = models.BigAutoField(primary_key=True)
    hall = models.ForeignKey(Hall, on_delete=models.CASCADE, related_name="outboxes")
    receiver = models.CharField(max_length=12)
    waiting = models.JSONField(default=dict, blank=True)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        """A receiver has one."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["hall", "receiver"], name="iot_outbox_once")]


class Delivery(models.Model):
    """A message to a hall's webhook: sent until it is taken, at most so many times. `body` is sent as it stands; `error`: code of the last failure."""

    id = models.BigAutoField(primary_key=True)
    hall = models.ForeignKey(Hall, on_delete=models.CASCADE, related_name="deliveries")
    body = models.TextField()
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField(default=timezone.now)


class Upload(models.Model):
    """A file of values somebody brought: its bytes lie in the office (room "iot", its key) until they are taken in or thrown away.

    `found`: what was detected and confirmed (`core.tables`). `outcome`: how many values, duplicates, corrections, rows that could not be read.
    """

    class State(models.TextChoices):
        """Where it stands."""

        LOOKED = "looked"
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    key = models.CharField(primary_key=True, max_length=24, default=new_key)
    hall = models.ForeignKey(Hall, on_delete=models.CASCADE, related_name="uploads")
    machine = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    size = models.BigIntegerField(default=0)
    found = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.LOOKED)
    progress = models.FloatField(default=0.0)
    outcome = models.JSONField(default=dict, blank=True)
    problem = models.JSONField(default=dict, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True, blank=True)
