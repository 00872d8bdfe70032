"""No storms: few messages, nothing lost, the first news of a machine at once."""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from nordlotse.iot.core.alarms import Message, News, Outbox, Throttle, offer, release

THROTTLE = Throttle(together=60, most=3, per=600, named=5)


def _run(news: list[News], ticks: list[float], throttle: Throttle = THROTTLE) -> tuple[Outbox, list[Message]]:
    """Offer all news at their times, release at each news and tick; return the outbox and the messages."""
    outbox, sent = Outbox(), []
    for time, one in sorted([*((n.time, n) for n in news), *((t, None) for t in ticks)], key=lambda pair: pair[0]):
        outbox = outbox if one is None else offer(outbox, throttle, one)
        outbox, message = release(outbox, throttle, time)
        if message is not None:
            sent.append(message)
    return outbox, sent


def test_the_first_news_of_a_machine_goes_at_once() -> None:
    assert [message.time for message in _run([News("saw", 5, "hot"), News("mill", 7, "hot")], [])[1]] == [5, 7]


def test_what_follows_on_the_same_machine_waits_and_goes_together() -> None:
    news = [News("saw", 0, "a"), News("saw", 1, "b"), News("saw", 2, "c")]
    _, sent = _run(news, [30, 60, 61])
    assert [(message.time, [one.text for one in message.news]) for message in sent] == [(0, ["a"]), (60, ["b", "c"])]


def test_a_storm_is_few_messages_that_count_everything() -> None:
    news = [News(f"machine {n % 50}", float(n), str(n)) for n in range(500)]
    _, sent = _run(news, [700.0, 1300.0])
    assert len(sent) <= 3 * 3
    assert sum(len(message.news) + message.more for message in sent) == 500


NEWS = st.lists(st.builds(News, st.sampled_from("abcd"), st.integers(0, 2000).map(float), st.just("x")), max_size=60)


@given(NEWS, st.lists(st.integers(0, 2000).map(float), max_size=20))
def test_no_window_holds_more_messages_than_allowed(news: list[News], ticks: list[float]) -> None:
    times = [message.time for message in _run(news, ticks)[1]]
    for begin in times:
        assert sum(begin <= time < begin + THROTTLE.per for time in times) <= THROTTLE.most


@given(NEWS, st.lists(st.integers(0, 2000).map(float), max_size=20))
def test_nothing_is_lost_or_told_twice(news: list[News], ticks: list[float]) -> None:
    outbox, sent = _run(news, [*ticks, 5000.0])
    assert sum(len(message.news) + message.more for message in sent) == len(news)
    assert (outbox.waiting, outbox.more, outbox.since) == ((), 0, None)


@given(NEWS)
def test_no_message_is_empty_or_too_long(news: list[News]) -> None:
    assert all(0 < len(message.news) <= THROTTLE.named for message in _run(news, [])[1])


def test_the_outbox_does_not_grow() -> None:
    outbox, largest = Outbox(), 0
    for n in range(3000):
        outbox, _ = release(offer(outbox, THROTTLE, News(f"machine {n}", n / 10, "x")), THROTTLE, n / 10)
        largest = max(largest, len(pickle.dumps(outbox)))
    assert largest < 3000
