"""The waiting list keeps its promises, whatever happens in whatever order (property tests)."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.dialogue.core.queue import free_places, gets_place, moving_up, position


@dataclass
class House:
    """An event as the actions run it, without a database."""

    quota: int | None
    turns: int = 0
    inside: list[int] = field(default_factory=list)
    queue: dict[int, int] = field(default_factory=dict)

    def come(self, who: int) -> None:
        if gets_place(self.quota, len(self.inside), len(self.queue)):
            self.inside.append(who)
        else:
            self.turns += 1
            self.queue[self.turns] = who

    def go(self, who: int) -> None:
        if who in self.inside:
            self.inside.remove(who)
        self.queue = {turn: other for turn, other in self.queue.items() if other != who}
        for turn in moving_up(self.quota, len(self.inside), list(self.queue)):
            self.inside.append(self.queue.pop(turn))


STEPS = st.lists(st.tuples(st.sampled_from(["come", "go"]), st.integers(0, 30)), max_size=60)


@settings(deadline=None)
@given(quota=st.integers(1, 8), steps=STEPS)
def test_nobody_waits_while_a_place_is_free_and_no_place_is_given_twice(
    quota: int, steps: list[tuple[str, int]]
) -> None:
    house, known = House(quota), set()
    for step, who in steps:
        if step == "come" and who not in known:
            known.add(who)
            house.come(who)
        elif step == "go" and who in known:
            house.go(who)
        assert len(house.inside) <= quota
        assert not house.queue or len(house.inside) == quota
        assert len(set(house.inside)) == len(house.inside)
        assert not set(house.inside) & set(house.queue.values())


@settings(deadline=None)
@given(quota=st.integers(1, 5), people=st.integers(0, 40), leaving=st.lists(st.integers(0, 39), max_size=40))
def test_who_came_first_moves_up_first(quota: int, people: int, leaving: list[int]) -> None:
    house = House(quota)
    for who in range(people):
        house.come(who)
    for who in leaving:
        waiting_before = sorted(house.queue.items())
        house.go(who)
        moved = [w for turn, w in waiting_before if turn not in house.queue and w != who]
        stayed = [w for _turn, w in sorted(house.queue.items())]
        assert not moved or not stayed or max(moved) < min(stayed)


@settings(deadline=None)
@given(turns=st.sets(st.integers(1, 10_000), min_size=1))
def test_positions_are_one_to_n_in_the_order_of_turns(turns: set[int]) -> None:
    assert [position(t, list(turns)) for t in sorted(turns)] == list(range(1, len(turns) + 1))


def test_without_a_limit_everybody_comes_in_and_everybody_waiting_moves_up() -> None:
    assert gets_place(None, 10**6, 0)
    assert moving_up(None, 5, [3, 1, 2]) == [1, 2, 3]


def test_a_quota_cut_below_the_places_given_frees_nothing() -> None:
    assert free_places(5, 8) == 0
    assert moving_up(5, 8, [1, 2]) == []


def test_nobody_overtakes_somebody_who_waits_even_when_a_place_is_free() -> None:
    assert not gets_place(5, 4, waiting=1)
