"""What somebody begins with: ways with their parts, proposals for signals, texts to paste that really send."""

from __future__ import annotations

from pathlib import Path

import pytest

from nordlotse.iot.core.agent.loading import load
from nordlotse.iot.core.heard import Heard, heard, tell
from nordlotse.iot.core.naming import proposal
from nordlotse.iot.core.snippets import PASSWORD_FILE, Connection, snippet
from nordlotse.iot.core.ways import ways


def given(**more: object) -> Connection:
    told = {
        "host": "lotse.example",
        "port": 8883,
        "tls": True,
        "url": "https://lotse.example",
        "user": "m-1",
        "password": "p",
    }
    return Connection(**{**told, "machine": "Säge 1", **more})  # type: ignore[arg-type]


def test_the_ways_begin_with_an_old_machine_and_every_text_of_theirs_can_be_made() -> None:
    assert [way.id for way in ways().ways][:2] == ["clamp", "lamp"]
    for way in ways().ways:
        assert way.kinds and way.title.en and way.lead.en
        for kind in way.kinds:
            made = snippet(kind, given())
            assert "m-1" in made.text and "Säge" in made.text


def test_a_range_is_from_the_cheapest_to_the_dearest_choice_with_its_fitting() -> None:
    clamp = ways().by_id("clamp")
    assert clamp is not None
    assert clamp.range == (25 + 70, 180 + 200)
    assert all(part.low <= part.high for way in ways().ways for part in way.parts)


@pytest.mark.parametrize("kind", ["agent_opcua", "agent_modbus"])
@pytest.mark.parametrize("tls", [True, False])
def test_an_agent_takes_the_configuration_as_it_is_pasted(tmp_path: Path, kind: str, tls: bool) -> None:
    file = tmp_path / "agent.toml"
    file.write_text(snippet(kind, given(tls=tls)).text, encoding="utf-8")
    (tmp_path / PASSWORD_FILE).write_text("p\n", encoding="utf-8")
    made = load(file)
    assert (made.centre.to.host, made.centre.login.user, made.centre.login.password) == ("lotse.example", "m-1", "p")
    assert len(made.opcua) + len(made.modbus) == 1


@pytest.mark.parametrize(
    ("name", "unit", "role"),
    [("Strom", "A", "current"), ("I", "A", "current"), ("kWh", "kWh", "energy"), ("Stromzaehler_kWh", "kWh", "energy"), ("Teile", "Stück", "parts"),
     ("n.i.O", "Stück", "scrap"), ("Spindle_temp [C]", "°C", ""), ("P", "kW", "power"), ("rpm", "1/min", ""), ("xyz", "", "")],
)  # fmt: skip
def test_a_signal_s_name_tells_unit_and_role(name: str, unit: str, role: str) -> None:
    made = proposal(name)
    assert (made.unit, made.role) == (unit, role)


def test_a_name_of_one_letter_becomes_a_word_in_the_page_s_language() -> None:
    assert (proposal("I").title, proposal("I", "en").title, proposal("haupt_antrieb").title) == (
        "Strom",
        "Current",
        "Haupt antrieb",
    )


def test_where_the_intake_listens_is_told_and_nothing_readable_means_it_does_not(tmp_path: Path) -> None:
    assert heard(tmp_path) == Heard("ended")
    tell(tmp_path, Heard("on", "127.0.0.1:1883"))
    assert heard(tmp_path) == Heard("on", "127.0.0.1:1883")
    (tmp_path / "listening").write_text("{", encoding="utf-8")
    assert heard(tmp_path) == Heard("ended")
