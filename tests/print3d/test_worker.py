"""The worker's lanes: steps, results, refusals, stopping, death of child and worker, and that nothing is done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from nordlotse.foundation.child import Child, Fence
from nordlotse.foundation.problem import BadInput
from nordlotse.office import files
from nordlotse.print3d import tasks
from nordlotse.print3d.actions import examining, work
from nordlotse.print3d.actions import parts as actions
from nordlotse.print3d.announcements import examined as announced
from nordlotse.print3d.core.whole import Wishes
from nordlotse.print3d.models import Part, Work
from nordlotse.print3d.queries import parts
from tests.conftest import ROOT
from tests.print3d import handed_in
from tests.web.installation import Installation

pytestmark = pytest.mark.django_db

VIEWS = {f"{name}.png" for name in ("front", "back", "left", "right", "top", "bottom")}


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's connection lives longer than a turn of a lane."""
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)


def test_without_work_a_lane_asks_the_database_once(lane: tasks.Lane, django_assert_num_queries: Any) -> None:
    lane.run_one()  # looks after dead lanes
    with django_assert_num_queries(1):
        assert not lane.run_one()


def test_a_part_is_examined_with_its_pictures_and_everything_is_kept(lane: tasks.Lane) -> None:
    key = handed_in.hand_in()
    assert lane.run_one()
    kept = parts.by_key(key)
    assert kept.work is not None and kept.work.state == "done"
    assert kept.examined is not None and kept.examined.reckoned is not None
    assert kept.examined.checked.facts.volume_mm3 == pytest.approx(9600)
    assert {p.name for p in kept.examined.proposals} >= {"cheapest"}
    assert {file.name for file in files.of(parts.ROOM, key)} == {parts.ORIGINAL, parts.PICTURE, *VIEWS}
    assert (parts.content(key, parts.PICTURE) or b"").startswith(b"NLV1")


def test_the_steps_are_noted_in_their_order(lane: tasks.Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    note = work.note
    monkeypatch.setattr(work, "note", lambda found, step: steps.append(step) or note(found, step))
    handed_in.hand_in()
    lane.run_one()
    assert steps == ["reading", "drawing", "laying", "reckoning"]


def test_a_finished_check_is_announced_once_in_its_own_transaction(lane: tasks.Lane) -> None:
    told: list[str] = []

    def listen(sender: Any, key: str, **_: Any) -> None:
        told.append(key)
        raise RuntimeError("planted")

    announced.connect(listen)
    try:
        key = handed_in.hand_in()
        lane.run_one()
    finally:
        announced.disconnect(listen)
    assert told == [key]
    assert not Part.objects.get(pk=key).found  # undone together
    assert Work.objects.get().state == "failed"


def test_the_oldest_comes_first(lane: tasks.Lane) -> None:
    first, second = handed_in.hand_in(), handed_in.hand_in()
    lane.run_one()
    assert parts.by_key(first).examined and not parts.by_key(second).examined


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (handed_in.cut_off(), "teil.stl", ""),
        (b"ISO-10303-21;\nHEADER;\nEND", "teil.step", ""),
        (b"PK\x03\x04 nothing", "t.zip", "zip_broken"),
    ],
)
def test_a_broken_file_fails_and_tells_what_is_broken_and_what_to_do(
    lane: tasks.Lane, content: bytes, name: str, code: str
) -> None:
    key = handed_in.hand_in(content, name)
    lane.run_one()
    done = parts.by_key(key).work
    assert done is not None and done.failed and done.problem is not None
    assert done.problem.message_de and done.problem.message_en and done.problem.remedy_de
    assert code in done.problem.code


def test_wishes_go_into_the_check(lane: tasks.Lane) -> None:
    key = handed_in.hand_in(wishes=Wishes(unit="inch", scale=2.0, process="sls"))
    lane.run_one()
    found = parts.by_key(key).examined
    assert found is not None
    assert found.checked.facts.volume_mm3 == pytest.approx(9600 * 50.8**3)
    assert set(found.checked.printable) == {"sls"}


def test_another_way_of_lying_alone_does_not_repeat_the_check(
    lane: tasks.Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = handed_in.hand_in()
    lane.run_one()
    before = parts.by_key(key).examined
    steps: list[str] = []
    note = work.note
    monkeypatch.setattr(work, "note", lambda found, step: steps.append(step) or note(found, step))
    actions.again(key, Wishes(rotation=(1.0, 0, 0, 0, 0, -1.0, 0, 1.0, 0)))
    lane.run_one()
    after = parts.by_key(key).examined
    assert steps == ["reckoning"]
    assert before and after and before.reckoned and after.reckoned
    assert before.reckoned.figures.size[2] == pytest.approx(8)
    assert after.reckoned.figures.size[2] == pytest.approx(30)


def test_an_archive_with_several_parts_asks_which_and_each_becomes_a_part_of_its_own(lane: tasks.Lane) -> None:
    box = handed_in.hand_in(handed_in.archive(a_stl=handed_in.plate(), b_stl=handed_in.thin()), "teile.zip")
    lane.run_one()
    done = parts.by_key(box).work
    assert done and done.problem and done.problem.code == "several_parts"
    assert parts.inside(box) == ("a.stl", "b.stl")
    key = actions.choose(box, "b.stl", lang="de")
    lane.run_one()
    kept = parts.by_key(key)
    assert kept.examined and kept.name == "b.stl" and kept.box == box
    assert parts.content(key, parts.ORIGINAL) == handed_in.thin()
    assert parts.from_box(box) == {"b.stl": key}
    with pytest.raises(BadInput, match="zip_no_such_part"):
        actions.choose(box, "../c.stl", lang="de")


# ---- stopping ----


def _lane(answer: str) -> tasks.Lane:
    """Return a lane whose child behaves badly."""
    made = tasks.Lane(tasks.PARTS)
    made.workshop._child = Child(f"tests.print3d.endless:{answer}", Fence(12 * 1024**3), paths=(str(ROOT),))
    return made


def _meanwhile(monkeypatch: pytest.MonkeyPatch, do: Callable[[tasks.Lane], object], lane: tasks.Lane) -> None:
    """Do something when the lane looks whether its work is still wanted, and its child is at it."""
    wanted = work.wanted

    def looking(found: Work) -> bool:
        if lane.workshop.child is not None:
            do(lane)
        return wanted(found)

    monkeypatch.setattr(work, "wanted", looking)


def _gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_cancelled_check_stops_and_its_child_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    lane, key, children = _lane("sleeping"), handed_in.hand_in(), []

    def cancel(at: tasks.Lane) -> None:
        children.append(at.workshop.child)
        actions.cancel(key)

    _meanwhile(monkeypatch, cancel, lane)
    begun = time.monotonic()
    assert lane.run_one()
    assert time.monotonic() - begun < 20
    kept = parts.by_key(key)
    assert kept.work is not None and kept.work.cancelled
    assert kept.examined is None
    assert children and children[0] is not None and _gone(children[0])
    lane.close()


def test_a_part_deleted_while_it_is_examined_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    lane, key = _lane("sleeping"), handed_in.hand_in()
    _meanwhile(monkeypatch, lambda at: actions.delete(key) if Part.objects.exists() else None, lane)
    assert lane.run_one()
    assert not Part.objects.exists() and not Work.objects.exists() and not files.of(parts.ROOM, key)
    lane.close()


def test_a_worker_told_to_stop_gives_its_work_back_and_the_next_one_does_it(
    lane: tasks.Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    slow, key = _lane("sleeping"), handed_in.hand_in()
    slow._stopping = stop.is_set
    _meanwhile(monkeypatch, lambda at: stop.set(), slow)
    slow.run_one()
    slow.close()
    given_back = Work.objects.get()
    assert (given_back.state, given_back.tries) == ("waiting", 0)
    lane.run_one()
    assert parts.by_key(key).examined is not None


def test_a_part_over_which_the_child_dies_is_refused_and_the_next_part_is_examined(lane: tasks.Lane) -> None:
    lane_of_death, key = _lane("dying"), handed_in.hand_in()
    lane_of_death.run_one()
    lane_of_death.close()
    done = parts.by_key(key).work
    assert done and done.failed and done.problem and done.problem.code == "part_crash"
    other = handed_in.hand_in()
    lane.run_one()
    assert parts.by_key(other).examined is not None


def test_a_child_killed_between_two_steps_gets_the_part_again(
    lane: tasks.Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = work.note

    def killing(found: Work, step: str) -> bool:
        if step in ("drawing", "laying", "reckoning") and lane.workshop.child is not None:
            os.kill(lane.workshop.child, signal.SIGKILL)
            time.sleep(0.2)
        return note(found, step)

    monkeypatch.setattr(work, "note", killing)
    key = handed_in.hand_in()
    lane.run_one()
    kept = parts.by_key(key)
    assert kept.examined and kept.examined.reckoned and kept.examined.proposals
    assert {file.name for file in files.of(parts.ROOM, key)} >= VIEWS


def test_a_step_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "SECONDS", dict.fromkeys(examining.SECONDS, 1.0))
    lane, key = _lane("sleeping"), handed_in.hand_in()
    lane.run_one()
    lane.close()
    done = parts.by_key(key).work
    assert done and done.problem and (done.problem.code, done.problem.where) == ("part_time", "1 s")


# ---- death of a worker ----


def _silent(seconds: float, tries: int = 1) -> str:
    key = handed_in.hand_in()
    long_ago = timezone.now() - timedelta(seconds=seconds)
    Work.objects.update(state=Work.State.RUNNING, taken_at=long_ago, tries=tries)
    return key


def test_work_whose_lane_died_is_begun_again(lane: tasks.Lane) -> None:
    key = _silent(work.DEAD + 1)
    lane._tidied = 0.0
    lane.run_one()
    assert parts.by_key(key).examined is not None
    assert Work.objects.get().tries == 2


def test_work_of_a_living_lane_is_left_alone() -> None:
    _silent(work.DEAD - 10)
    assert work.bring_back() == 0
    assert work.claim(tasks.PARTS) is None


def test_a_new_check_stops_the_slicer_that_works_on_the_old_result() -> None:
    key = handed_in.hand_in()
    part = Part.objects.get(pk=key)
    slicing = work.ask(Work.Kind.SLICE, part=part)
    assert Work.objects.filter(pk=slicing).update(state=Work.State.RUNNING)
    actions.use_shop(key, "")
    assert Work.objects.get(pk=slicing).state == Work.State.CANCELLED


def test_work_that_died_twice_is_given_up_with_a_reason() -> None:
    key = _silent(work.DEAD + 1, tries=work.MOST_TRIES)
    work.bring_back()
    done = parts.by_key(key).work
    assert done and done.failed and done.problem and done.problem.code == "part_crash"


def test_a_lane_that_lost_its_claim_can_keep_nothing(lane: tasks.Lane) -> None:
    key = handed_in.hand_in()
    first = work.claim(tasks.PARTS)
    assert first is not None
    Work.objects.update(taken_at=timezone.now() - timedelta(seconds=work.DEAD + 1))
    work.bring_back()
    assert work.claim(tasks.PARTS) is not None
    with pytest.raises(examining.Stopped):
        examining.keep_result(first, {}, {"found": "old"})
    assert Part.objects.get(pk=key).found == ""


def test_two_lanes_never_take_the_same_work() -> None:
    handed_in.hand_in()
    assert work.claim(tasks.PARTS) is not None
    assert work.claim(tasks.PARTS) is None


def test_every_kind_of_work_has_a_lane() -> None:
    kinds = {kind for lane in tasks.lanes(3) for kind in lane}
    assert kinds == set(Work.Kind.values)
    assert tasks.lanes(3).count(tasks.PARTS) == 3


_WORKER = """
import threading
from nordlotse.print3d import tasks
from nordlotse.print3d.actions import work
work.DEAD = 3.0
tasks._TIDY = 1.0
if "SLOW":
    from nordlotse.foundation.child import Child, Fence
    begin = tasks.Lane.__init__
    def slow(self, *given):
        begin(self, *given)
        self.workshop._child = Child("tests.print3d.endless:sleeping", Fence(12 * 1024**3), paths=("ROOT",))
    tasks.Lane.__init__ = slow
tasks.run(tasks.PARTS, threading.Event())
"""
_HAND_IN = """
from nordlotse.print3d.actions import parts
print(parts.take_sample("bracket", lang="de"))
"""
_STATE = """
from nordlotse.print3d.models import Work, Part
found = Work.objects.get()
print(found.state, found.tries, bool(Part.objects.get().found))
"""


def _inside(place: Installation, code: str) -> subprocess.Popen[str]:
    environment = {**place.environment, "DJANGO_SETTINGS_MODULE": "nordlotse.web.settings", "PYTHONPATH": str(ROOT)}
    whole = f"import django; django.setup()\n{code}"
    return subprocess.Popen([sys.executable, "-c", whole], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip


def _said(place: Installation, code: str) -> str:
    process = _inside(place, code)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return out.strip()


def _until(place: Installation, state: str, seconds: float = 40) -> None:
    late = time.monotonic() + seconds
    while not (said := _said(place, _STATE)).startswith(state):
        assert time.monotonic() < late, said
        time.sleep(0.2)


def test_after_a_worker_was_killed_another_one_does_its_work(tmp_path: Path) -> None:
    place = Installation(tmp_path / "data").set_up()
    _said(place, _HAND_IN)
    dying = _inside(place, _WORKER.replace("SLOW", "yes").replace("ROOT", str(ROOT)))
    _until(place, "running 1")
    dying.kill()
    dying.communicate()
    second = _inside(place, _WORKER.replace("SLOW", ""))
    try:
        _until(place, "done 2 True")
    finally:
        second.kill()
        second.communicate()
