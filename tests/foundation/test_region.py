"""States: codes and names people write are understood, anything else is refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.region import State, parse_state

MEANT = {
    State.HH: ["HH", "hh", " Hamburg ", "hamburg", "HAMBURG", "Freie und Hansestadt Hamburg", "Hansestadt Hamburg"],
    State.SH: ["SH", "Schleswig-Holstein", "schleswig holstein", "S-H", "Schleswig‑Holstein"],
    State.MV: ["MV", "M-V", "Mecklenburg-Vorpommern", "meck-pomm", "Meckpomm", "MeckPomm", "Mecklenburg"],
}


@pytest.mark.parametrize(("state", "written"), [(s, w) for s, ws in MEANT.items() for w in ws])
def test_a_written_state_is_understood(state: State, written: str) -> None:
    assert parse_state(written) is state


@pytest.mark.parametrize("nothing", [None, "", "   "])
def test_nothing_means_no_state(nothing: str | None) -> None:
    assert parse_state(nothing) is None


@pytest.mark.parametrize("other", ["Bayern", "XX", "Hamburg; DROP TABLE", "\x00", "HHH"])
def test_another_state_is_refused_with_a_remedy(other: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_state(other)
    assert caught.value.where == "state"
    assert "HH" in caught.value.remedy_de


@given(st.text(max_size=100))
def test_any_text_gives_a_state_nothing_or_a_clear_refusal(text: str) -> None:
    try:
        assert parse_state(text) in {None, *State}
    except BadInput as problem:
        assert problem.code == "state_unknown"


def test_every_state_has_a_name_in_both_languages() -> None:
    assert all(s.label.de and s.label.en for s in State)
