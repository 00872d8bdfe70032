"""No figure about fewer than five companies can be worked out of what is published, in one release or in many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nordlotse.readiness.core import disclosure, release
from nordlotse.readiness.core.release import ALL, Issue, Member, cells_of, draft, interval

NAMES = ("own", "total")


def member(key: str, size: str = "small", sector: str = "C", state: str = "HH", value: float = 1.0) -> Member:
    return Member(release.token(key), cells_of(size, sector, state), {"own": value, "total": value * 2}, key)


def some(first: int, n: int, size: str = "small", sector: str = "C", state: str = "HH") -> list[Member]:
    return [member(f"k{i}", size, sector, state, float(i % 7)) for i in range(first, first + n)]


def publish(members: Sequence[Member], history: list[Issue], seed: str = "lot") -> Issue:
    made = draft(members, history, names=NAMES, model_hash="h", today=f"2026-01-{len(history) + 1:02d}", seed=seed)
    if made.changed:
        history.append(made.issue)
    return made.issue


# ---- the attacker: knows every cell ever published, adds and subtracts ----


def vectors(history: Sequence[Issue], name: str) -> np.ndarray:
    """Every published sum as a row over what it sums up: members with the value they had."""
    rows: list[frozenset[str]] = []
    for issue in history:
        for group in issue.members.values():
            rows.append(frozenset(f"{one}:{issue.marks[one][name]}" if name else one for one in group))
    distinct = list(dict.fromkeys(rows))
    columns = sorted(frozenset().union(*distinct)) if distinct else []
    return np.array([[float(c in row) for c in columns] for row in distinct]).reshape(len(distinct), len(columns))


def smallest_difference(history: Sequence[Issue], most: int = 4) -> int:
    """Return how few companies a sum or difference of up to `most` published cells is about."""
    fewest = 10**6
    for name in ("", "own"):
        matrix = vectors(history, name)
        for number in range(1, most + 1):
            if number > 2 and len(matrix) > 16:
                continue
            signs = np.array(list(product((1.0, -1.0), repeat=number - 1)) or [()])
            signs = np.hstack([np.ones((len(signs), 1)), signs.reshape(len(signs), number - 1)])
            for chosen in combinations(range(len(matrix)), number):
                about = np.count_nonzero(signs @ matrix[list(chosen)], axis=1)
                about = about[about > 0]
                if about.size:
                    fewest = min(fewest, int(about.min()))
    return fewest


def known_exactly(history: Sequence[Issue]) -> int:
    """Return how many single companies' values follow from everything published, whatever factors are used."""
    matrix = vectors(history, "own")
    if not matrix.size:
        return 0
    rank = np.linalg.matrix_rank(matrix)
    single = np.eye(matrix.shape[1])
    return sum(int(np.linalg.matrix_rank(np.vstack([matrix, row])) == rank) for row in single)


# ---- one release ----


def test_a_company_belongs_to_the_cells_of_the_fixed_tree() -> None:
    assert cells_of("small", "C", "HH") == (ALL, "small", "small/C", "small/C/HH")


def test_an_unknown_sector_ends_the_way_down() -> None:
    assert cells_of("small", "", "HH") == (ALL, "small")


def test_four_companies_are_too_few() -> None:
    assert not publish(some(0, 4), []).cells


def test_five_companies_are_published_with_their_number() -> None:
    assert publish(some(0, 5), []).cells["small/C/HH"].n == 5


def test_mean_and_interval_are_those_of_student() -> None:
    assert interval([1, 2, 3, 4, 5]) == (3.0, 1.04, 4.96)


def test_an_interval_of_one_value_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two"):
        interval([1.0])


def test_a_value_that_all_share_is_not_published() -> None:
    made = publish([member(f"k{i}", value=3.0) for i in range(6)], [])
    assert made.cells[ALL].n == 6
    assert not made.cells[ALL].values


def test_a_part_gives_up_companies_where_the_rest_would_be_too_small() -> None:
    made = publish(some(0, 8) + some(8, 3, size="medium"), [])
    assert {name: cell.n for name, cell in made.cells.items() if "/" not in name} == {ALL: 11, "small": 6}


def test_a_part_is_left_out_where_too_few_would_be_left_of_it() -> None:
    made = publish(some(0, 6) + some(6, 3, size="medium"), [])
    assert set(made.cells) == {ALL}


def test_a_part_is_published_where_the_rest_is_large_enough() -> None:
    made = publish(some(0, 8) + some(8, 5, size="medium"), [])
    assert {"small", "medium"} <= set(made.cells)


# ---- one release after the other ----


def test_one_who_joins_waits_for_four_others() -> None:
    history: list[Issue] = []
    publish(some(0, 6), history)
    assert publish(some(0, 7), history).cells[ALL].n == 6
    assert publish(some(0, 10), history).cells[ALL].n == 6
    assert publish(some(0, 11), history).cells[ALL].n == 11


def test_an_unchanged_cell_keeps_its_day_and_makes_no_new_release() -> None:
    history: list[Issue] = []
    publish(some(0, 6), history)
    again = publish(some(0, 7), history)
    assert again.cells[ALL].as_of == "2026-01-01"
    assert len(history) == 1


def test_one_who_leaves_is_counted_no_longer() -> None:
    history: list[Issue] = []
    publish(some(0, 12), history)
    after = publish(some(1, 11), history)
    assert release.token("k0") not in frozenset().union(*after.members.values())


def test_with_one_who_leaves_four_others_leave() -> None:
    history: list[Issue] = []
    publish(some(0, 12), history)
    assert publish(some(1, 11), history).cells[ALL].n == 7


def test_odd_ones_wait_for_others_of_their_size() -> None:
    history: list[Issue] = []
    publish(some(0, 6), history)
    assert publish(some(0, 12) + some(12, 3, size="medium"), history).cells[ALL].n == 12


def test_ten_odd_ones_come_in_together() -> None:
    history: list[Issue] = []
    publish(some(0, 6), history)
    odd = some(12, 4, size="medium") + some(16, 4, size="micro") + some(20, 2, size="large")
    assert publish(some(0, 6) + odd, history).cells[ALL].n == 16


def test_new_ones_come_in_once_they_are_a_fifth() -> None:
    history: list[Issue] = []
    publish(some(0, 50), history)
    assert publish(some(0, 59), history).cells[ALL].n == 50
    assert publish(some(0, 60), history).cells[ALL].n == 60


def test_a_large_group_is_later_divided_by_sector() -> None:
    history: list[Issue] = []
    publish(some(0, 10) + some(10, 3, sector="F"), history)
    assert "small/F" not in publish(some(0, 10) + some(10, 3, sector="F"), history).cells
    made = publish(some(0, 10) + some(10, 3, sector="F") + some(20, 5) + some(30, 6, sector="F"), history)
    assert made.cells["small/F"].n == 6


def test_changed_answers_are_someone_leaving_and_someone_joining() -> None:
    history: list[Issue] = []
    publish(some(0, 12), history)
    changed = [member("k0", value=6.0), *some(1, 11)]
    publish(changed, history)
    assert smallest_difference(history) >= 5


def test_a_new_model_version_does_not_tell_of_one_who_joined() -> None:
    history: list[Issue] = []
    publish(some(0, 8), history)
    tenfold = [Member(m.token, m.cells, {k: v * 10 + 1 for k, v in m.values.items()}, m.key) for m in some(0, 9)]
    made = draft(tenfold, history, names=NAMES, model_hash="new", today="2026-02-01", seed="lot").issue
    assert made.cells[ALL].n == 8


# ---- any history ----

_EVENT = st.tuples(
    st.sampled_from(["join", "join", "join", "leave", "change"]),
    st.integers(0, 40),
    st.sampled_from(["micro", "small", ""]),
    st.sampled_from(["C", "F", ""]),
    st.sampled_from(["HH", "SH"]),
)
_HISTORY = st.lists(st.lists(_EVENT, min_size=1, max_size=9), min_size=1, max_size=7)


def lived(steps: Sequence[Sequence[tuple[str, int, str, str, str]]], begin: int = 12) -> list[Issue]:
    """Let companies join, leave and change their answers; publish after each step."""
    here = {m.token: m for m in some(100, begin, "small") + some(200, begin // 2, "micro", "F", "SH")}
    history: list[Issue] = []
    publish(list(here.values()), history)
    for number, step in enumerate(steps):
        for what, which, size, sector, state in step:
            key = f"k{which}"
            if what == "join":
                here.setdefault(release.token(key), member(key, size, sector, state, float(which % 5)))
            elif here:
                one = sorted(here)[which % len(here)]
                if what == "leave":
                    del here[one]
                else:
                    old = here[one]
                    here[one] = Member(one, old.cells, {n: v + 1 for n, v in old.values.items()}, old.key)
        publish(list(here.values()), history, seed=str(number))
    return history


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_HISTORY)
def test_no_sum_or_difference_of_published_cells_is_about_fewer_than_five(
    steps: list[list[tuple[str, int, str, str, str]]],
) -> None:
    history = lived(steps)
    assert smallest_difference(history, most=3) >= 5
    assert known_exactly(history) == 0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.booleans())
def test_single_companies_that_join_or_leave_one_by_one_stay_hidden(whom: list[int], joining: bool) -> None:
    what = "join" if joining else "leave"
    history = lived([[(what, which, "small", "C", "HH")] for which in whom])
    assert smallest_difference(history) >= 5


@settings(max_examples=80, deadline=None)
@given(st.lists(st.frozensets(st.integers(0, 14), min_size=1), min_size=1, max_size=8))
def test_what_is_allowed_leaves_no_small_group_by_trying_every_one(groups: list[frozenset[int]]) -> None:
    out, sets = disclosure.Published(), []
    for group in groups:
        members = frozenset(map(str, group))
        if out.allows(members):
            out.add(members)
            sets.append(members)
    if not sets:
        return
    matrix = np.array([[float(str(c) in one) for c in range(15)] for one in sets])
    rank = np.linalg.matrix_rank(matrix)
    for number in range(1, 5):
        for chosen in combinations(range(15), number):
            others = [c for c in range(15) if c not in chosen]
            assert rank == np.linalg.matrix_rank(matrix[:, others]), chosen


def test_a_group_published_beside_the_comparison_counts_as_published() -> None:
    history: list[Issue] = []
    publish(some(0, 8), history)
    fewer = draft(some(0, 7), [], names=NAMES, model_hash="h", today="2026-01-09", seed="lot", beside=history)
    assert not fewer.issue.cells


def test_nobody_who_has_the_table_finds_a_value_by_trying_all_there_are() -> None:
    one = member("k0", value=3.0)
    found = release.marks(one)["own"]
    tried = {release.marks(Member(one.token, one.cells, {"own": v / 2}, one.token))["own"] for v in range(201)}
    assert found not in tried


# ---- each protection, switched off, is missed ----


def test_without_the_threshold_small_cells_get_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure, "MINIMUM", 1)
    history: list[Issue] = []
    publish(some(0, 8) + some(8, 3, size="medium"), history)
    assert smallest_difference(history) < 5


def test_without_the_audit_the_rest_of_a_breakdown_gets_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure.Published, "safe_part", lambda self, members, lot: members)
    history: list[Issue] = []
    publish(some(0, 8) + some(8, 4, size="medium"), history)
    assert smallest_difference(history) == 4


def test_without_history_one_who_joins_gets_out(monkeypatch: pytest.MonkeyPatch) -> None:
    _forget_history(monkeypatch)
    history: list[Issue] = []
    publish(some(0, 6), history)
    publish(some(0, 7), history)
    assert smallest_difference(history) == 1


def test_without_history_one_who_leaves_gets_out(monkeypatch: pytest.MonkeyPatch) -> None:
    _forget_history(monkeypatch)
    history: list[Issue] = []
    publish(some(0, 12), history)
    publish(some(1, 11), history)
    assert smallest_difference(history) == 1


def test_with_the_last_release_alone_one_gets_out_over_two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = draft

    def short(members: Sequence[Member], history: list[Issue]) -> None:
        made = whole(members, history[-1:], names=NAMES, model_hash="h", today="2026-01-01", seed="lot")
        history.append(made.issue)

    history: list[Issue] = []
    short(some(0, 10), history)
    short(some(0, 16), history)
    short([*some(0, 10), *some(15, 1)], history)  # against the last five left; against the first one came
    assert smallest_difference(history) == 1


def test_without_marks_changed_answers_get_out(monkeypatch: pytest.MonkeyPatch) -> None:
    history: list[Issue] = []
    publish(some(0, 12), history)
    plain: Callable[[frozenset[str], object, str], frozenset[str]] = lambda members, marks, name: members  # noqa: E731
    monkeypatch.setattr(release, "_marked", plain)
    publish([member("k0", value=6.0), *some(1, 11)], history)
    assert smallest_difference(history) < 5


def _forget_history(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = release._Audits.__init__
    monkeypatch.setattr(release._Audits, "__init__", lambda self, history, now, names: begin(self, [], now, names))
    monkeypatch.setattr(release, "_counted", lambda history: frozenset())
