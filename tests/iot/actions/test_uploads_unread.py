"""A file that comes while a hall's values cannot be read. No intake runs here: the test writes the hall's store itself."""

from __future__ import annotations

import pytest
from django.test import Client

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.actions import halls
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.models import Hall
from nordlotse.iot.queries import uploads as queries
from tests.iot.actions.test_uploads import ROWS, brought, table
from tests.iot.written import Written

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Hall:
    return halls.create(user=None, lang="de")


@pytest.mark.parametrize("wrong", ["damaged", "busy"])
def test_while_nobody_can_read_a_hall_s_values_a_file_is_kept_and_shown_and_asks_for_its_machine_afterwards(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    Written(hall.store).put("Säge", "Strom", [1_772_341_200_000_000], [1.0])
    look = Reader.look

    def fails(self: Reader) -> None:
        if wrong == "busy":
            raise TimeoutError
        raise NotAvailable("iot_damaged", de="", en="", where="", remedy_de="", remedy_en="")

    monkeypatch.setattr(Reader, "look", fails)
    row = brought(hall, table(*ROWS))
    assert queries.meetings(row) == []
    assert Client().get(f"/maschinen/{hall.pk}/datei/{row.pk}/").status_code == 200
    monkeypatch.setattr(Reader, "look", look)
    assert [(one.machine, one.values) for one in queries.meetings(row)] == [("Säge", 1)]
