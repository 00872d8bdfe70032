"""Values as other programs post them: line protocol and JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.iot.core import lines
from nordlotse.iot.core.gate import check
from nordlotse.iot.core.lines import parse
from nordlotse.iot.core.values import Block, Kind, Quality

NOW = 1_772_344_800_000_000


def told(blocks: list[Block]) -> dict[str, list[tuple[int, object]]]:
    made: dict[str, list[tuple[int, object]]] = {}
    for block in blocks:
        check(block)
        values = [
            block.texts[int(v)] if block.kind is Kind.TEXT else bool(v) if block.kind is Kind.BOOLEAN else v
            for v in block.value.tolist()
        ]
        made.setdefault("/".join(block.series[1:]), []).extend(zip(block.time.tolist(), values, strict=True))
    return made


def influx(
    body: str, machine: str | None = None, unit: str = "ns"
) -> tuple[dict[str, list[tuple[int, object]]], list[tuple[int, str]]]:
    blocks, wrong = parse(body.encode(), "text/plain; charset=utf-8", "local", machine, NOW, unit)
    assert all(one.message("de") and one.message("en") for one in wrong)
    return told(blocks), [(one.line, one.code) for one in wrong]


def posted(
    body: object, machine: str | None = None
) -> tuple[dict[str, list[tuple[int, object]]], list[tuple[int, str]]]:
    blocks, wrong = parse(json.dumps(body).encode(), "application/json", "local", machine, NOW)
    return told(blocks), [(one.line, one.code) for one in wrong]


def test_a_line_names_machine_signal_time_and_values_of_every_kind() -> None:
    made, wrong = influx(
        'press,machine=P1 force=1.5,parts=3i,on=true,text="Öl \\"leer\\", sofort" 1772344800000001000\n'
    )
    at = NOW + 1
    assert made == {
        "P1/force": [(at, 1.5)],
        "P1/parts": [(at, 3.0)],
        "P1/on": [(at, True)],
        "P1/text": [(at, 'Öl "leer", sofort')],
    }
    assert not wrong


@pytest.mark.parametrize(
    ("line", "machine", "series"),
    [
        ("saw current=1", None, "saw/current"),
        ("saw current=1", "M", "M/current"),
        ("current value=1", "M", "M/current"),
        ("current,device=D value=1", "M", "D/current"),
        ("temp,machine=D,sensor=2,place=top value=1", None, "D/temp place=top sensor=2"),
        (r"with\ space,machine=a\,b fie\=ld=1", None, "a,b/fie=ld"),
        ("rate,machine=m l/min=1", None, "m/l-min"),
    ],
)
def test_whose_value_it_is(line: str, machine: str | None, series: str) -> None:
    assert list(influx(line, machine)[0]) == [series]


def test_units_of_time_and_values_without_a_time_which_get_the_arrival_one_after_the_other() -> None:
    assert influx("m a=1 1772344800", unit="s")[0] == {"m/a": [(NOW, 1.0)]}
    assert influx("m a=1 1772344800000", unit="ms")[0] == {"m/a": [(NOW, 1.0)]}
    blocks, _ = parse(b"m a=1\nm a=2\nm b=3", "", "local", None, NOW)
    assert told(blocks) == {"m/a": [(NOW, 1.0), (NOW + 1, 2.0)], "m/b": [(NOW, 3.0)]}
    assert all((block.quality == Quality.NO_TIME).all() for block in blocks)
    with pytest.raises(BadInput, match="iot_unit"):
        influx("m a=1 1", unit="days")


def test_what_is_wrong_is_told_by_its_line_and_the_rest_is_taken() -> None:
    body = "\n".join(
        ["# a remark", "m a=1", "no fields", "m a=NaN", "m a=x", "m a=1 12x", "", "m a=1 99999999999999999999",
         f'm a="{"x" * 257}"', "m a=1,b=", ",x a=1", "m a=2"]
    )  # fmt: skip
    made, wrong = influx(body)
    assert [value for _, value in made["m/a"]] == [1.0, 2.0]
    assert wrong == [
        (3, "syntax"), (4, "not_finite"), (5, "syntax"), (6, "syntax"), (8, "bad_time"), (9, "too_long"), (10, "syntax"), (11, "syntax"),
    ]  # fmt: skip


def test_json_objects_and_lists_of_them() -> None:
    made, wrong = posted(
        [
            {"machine": "Saw", "time": "2026-03-01T06:00:00Z", "values": {"current": 1.5, "on": True}},
            {"machine": "Saw", "signal": "current", "value": 2, "time": 1772344801000},
            {"machine": "Press", "time": "2026-03-01T07:00:00+01:00", "state": "idle"},
        ]
    )
    assert made["Saw/current"] == [(NOW, 1.5), (NOW + 1_000_000, 2.0)]
    assert made["Saw/on"] == [(NOW, True)]
    assert made["Press/state"] == [(NOW, "idle")]
    assert not wrong
    assert posted({"a": 1}, "M")[0] == {"M/a": [(NOW, 1.0)]}


def test_json_that_is_wrong_is_told_by_its_place_and_the_rest_is_taken() -> None:
    made, wrong = posted(
        [{"values": {"a": 1}}, {"machine": "M", "values": {}}, 5, {"machine": "a/b", "values": {"a": 1}},
         {"machine": "M", "time": "gestern", "values": {"a": 1}}, {"machine": "M", "values": {"a": 7}},
         {"machine": "M", "values": {"a": [1]}}]
    )  # fmt: skip
    assert made == {"M/a": [(NOW, 7.0)]}
    assert wrong == [
        (1, "no_machine"),
        (2, "no_value"),
        (3, "no_value"),
        (4, "bad_name"),
        (5, "bad_time"),
        (7, "no_value"),
    ]
    body = b'{"machine":"M","values":{"a":1}}\nkaputt\n{"machine":"M","values":{"a":2}}'
    blocks, told_wrong = parse(body, "application/x-ndjson", "local", None, NOW)
    assert sum(map(len, blocks)) == 2
    assert [(one.line, one.code) for one in told_wrong] == [(2, "not_json")]
    with pytest.raises(BadInput, match="iot_body_json"):
        parse(b"kaputt", "application/json", "local", None, NOW)


def test_a_body_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_BYTES", 100)
    with pytest.raises(TooLarge, match="iot_body"):
        influx("m a=1\n" * 50)
    monkeypatch.setattr(lines, "MOST_BYTES", 10_000)
    monkeypatch.setattr(lines, "MOST_ITEMS", 3)
    for kind, body in (("text/plain", b"m a=1\n" * 50), ("application/json", b'[{"machine":"m","a":1},{},{},{},{}]')):
        with pytest.raises(TooLarge):
            parse(body, kind, "local", None, NOW)


@given(st.binary(max_size=200), st.sampled_from(["text/plain", "application/json"]))
def test_whatever_comes_is_taken_or_told(body: bytes, kind: str) -> None:
    try:
        blocks, wrong = parse(body, kind, "local", "M", NOW)
    except BadInput:
        return
    for block in blocks:
        check(block)
    assert len(wrong) <= lines.MOST_TOLD


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="/+#\\"),
        min_size=1,
        max_size=20,
    ),
    st.one_of(
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
        st.text(st.characters(codec="utf-8", exclude_characters="\n\\"), max_size=60),
    ),
)
def test_what_was_written_as_a_line_comes_back(field: str, value: float | bool | str) -> None:
    if not field.strip(". ") or field != " ".join(field.split()) or field == "value":
        return
    key = field.replace(",", r"\,").replace("=", r"\=").replace(" ", r"\ ")
    if isinstance(value, str):
        written = '"' + value.replace('"', r"\"") + '"'
    else:
        written = str(value).lower() if isinstance(value, bool) else repr(value)
    made, wrong = influx(f"m,machine=M {key}={written} 1772344800000000000")
    assert not wrong
    assert list(made.values()) == [[(NOW, value)]]
