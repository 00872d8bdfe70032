"""No alarm storms: what belongs together goes in one message, and nobody gets more than a few messages an hour.

Nothing is lost: each piece of news stands in exactly one message, or is counted there where a message would be too long.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Throttle:
    """Limits for one receiver: `together` seconds of news of one group are one message, `most` messages per `per` seconds.

    A message names at most `named` pieces of news; the rest is counted.
    """

    together: float = 60.0
    most: int = 6
    per: float = 3600.0
    named: int = 20


@dataclass(frozen=True, slots=True)
class News:
    """Something to tell: the group it belongs to (a machine), when, and what (a rule's name or a sentence)."""

    group: str
    time: float
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """What a receiver gets at `time`: the news named, and how many more there were."""

    time: float
    news: tuple[News, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Outbox:
    """What waits for one receiver; bounded: at most `Throttle.named` pieces of news and `most` times of messages.

    `groups` holds, per group with news told in the last `together` seconds, when.
    """

    waiting: tuple[News, ...] = ()
    more: int = 0
    since: float | None = None
    sent: tuple[float, ...] = ()
    groups: tuple[tuple[str, float], ...] = ()


def offer(outbox: Outbox, throttle: Throttle, news: News) -> Outbox:
    """Return the outbox with one more piece of news waiting."""
    since = news.time if outbox.since is None else outbox.since
    if len(outbox.waiting) >= throttle.named:
        return replace(outbox, more=outbox.more + 1, since=since)
    return replace(outbox, waiting=(*outbox.waiting, news), since=since)


def release(outbox: Outbox, throttle: Throttle, now: float) -> tuple[Outbox, Message | None]:
    """Return the message due at `now`, if any, with everything that waits.

    The first news of a group goes at once; further news of a group told within `together` seconds wait until these are
    over. Above `most` messages in the last `per` seconds everything waits.
    """
    sent = tuple(time for time in outbox.sent if now - time < throttle.per)
    groups = tuple((group, time) for group, time in outbox.groups if now - time < throttle.together)
    kept = replace(outbox, sent=sent, groups=groups)
    if outbox.since is None or len(sent) >= throttle.most:
        return kept, None
    lately = {group for group, _ in groups}
    fresh = any(news.group not in lately for news in outbox.waiting)
    if not fresh and now - outbox.since < throttle.together:
        return kept, None
    told = {news.group: now for news in outbox.waiting}
    recent = dict(groups) | told
    newest = sorted(recent.items(), key=lambda one: one[1])[-throttle.named * throttle.most :]
    message = Message(now, outbox.waiting, outbox.more)
    return Outbox(sent=(*sent, now), groups=tuple(newest)), message
