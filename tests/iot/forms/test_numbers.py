"""Numbers are read as the language writes them and shown so that they are read again as they were; units as they are written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from nordlotse.iot.core.roles import role_of, scale_of
from nordlotse.iot.forms import alarms
from nordlotse.iot.forms.begin import SignalForm
from nordlotse.iot.forms.numbers import shown
from nordlotse.iot.forms.work import Number


@pytest.mark.parametrize(
    ("lang", "typed", "meant"),
    [
        ("de", "2,5", 2.5), ("de", "2.5", 2.5), ("de", "0.125", 0.125), ("de", "1.500,00", 1500), ("de", "1.500.000", 1_500_000), ("de", "1 500", 1500),
        ("en", "2.5", 2.5), ("en", "1,500", 1500), ("en", "1,500.25", 1500.25), ("en", "1.500", 1.5), ("de", "-3", -3),
    ],
)  # fmt: skip
def test_a_number_is_read_as_the_language_writes_it(lang: str, typed: str, meant: float) -> None:
    with translation.override(lang):
        assert Number(-10, 9_999_999).clean(typed) == meant
        assert alarms.Number().clean(typed) == meant


@pytest.mark.parametrize(("lang", "typed"), [("de", "1.500"), ("en", "2,5"), ("en", "1.500,00"), ("de", "1,500.00")])
def test_what_could_be_two_numbers_is_asked_back(lang: str, typed: str) -> None:
    with translation.override(lang):
        for field in (Number(0, 99_999), alarms.Number()):
            with pytest.raises(ValidationError, match="1500"):
                field.clean(typed)


def test_a_whole_number_has_no_decimals_to_mistake() -> None:
    with translation.override("de"):
        assert Number(0, 99_999, whole=True).clean("1.500") == 1500


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("value", ["1500", "1234.5", "0.125", "50.000"])
def test_what_a_field_shows_is_read_again_as_it_was(lang: str, value: str) -> None:
    with translation.override(lang):
        assert Number(0, 99_999).clean(shown(Decimal(value), 3, lang)) == float(value)


@pytest.mark.parametrize(
    ("unit", "role", "scale"),
    [
        ("MWh", "energy", 1e3), ("kWh", "energy", 1), ("KWH", "energy", 1), ("Wh", "energy", 1e-3), ("MJ", "energy", 1 / 3.6), ("mwh", "energy", None),
        ("mW", "power", 1e-3), ("MW", "power", 1e6), ("mw", "power", None), ("kVA", "power", None), ("kW", "energy", None), ("mA", "current", 1e-3),
        ("", "power", 1),
    ],
)  # fmt: skip
def test_units_are_read_as_they_are_written(unit: str, role: str, scale: float | None) -> None:
    found = scale_of(unit, role)
    assert found == (None if scale is None else pytest.approx(scale))


def test_a_unit_tells_the_role() -> None:
    assert [role_of("x", unit) for unit in ("MWh", "mW", "kA", "bar", "mwh")] == ["energy", "power", "current", "", ""]


@pytest.mark.parametrize(
    ("role", "unit", "sound"),
    [
        ("energy", "MWh", True),
        ("energy", "kW", False),
        ("power", "kVA", False),
        ("power", "kW", True),
        ("", "kVA", True),
    ],
)
def test_a_unit_nothing_can_be_reckoned_with_is_refused(role: str, unit: str, sound: bool) -> None:
    form = SignalForm({"title": "Zähler", "unit": unit, "role": role})
    assert form.is_valid() == sound
    if not sound:
        assert unit in str(form.errors["unit"])
