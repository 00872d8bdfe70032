"""What the shipped questions and models hold: the fifteen, the cross-walk, the published rules, plain words in both languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from nordlotse.foundation.language import Text
from nordlotse.foundation.questionnaire.form import NOT_APPLICABLE, Kind, Question
from nordlotse.foundation.sectors import sections
from nordlotse.readiness.core.aggregate import band_of_dimension, band_of_total
from nordlotse.readiness.core.catalogue import COMPANY, questions, shipped_models
from nordlotse.readiness.core.maturity import Leaf, MaturityModel, Node

TOPICS = ("digitalisation", "iot", "print3d", "industrie40", "business_models")
STAGES = ("0", "1", "2", "3", "4", "5")
PAGE = Path(__file__).parents[3] / "docs" / "rooms" / "readiness.md"


def model(name: str) -> MaturityModel:
    return shipped_models()[name]


def item(part: MaturityModel, name: str) -> Node | Leaf:
    return next(child for d in part.dimensions if isinstance(d, Node) for child in d.children if child.id == name)


def short_check() -> list[Question]:
    return [questions().by_name[name] for name in model("own").questions]


def words(text: str) -> int:
    return len(text.split())


def texts_of_questions() -> Iterator[tuple[str, Text]]:
    for group in questions().groups:
        yield group.name, group.label
    for q in questions().questions:
        yield q.name, q.label
        yield f"{q.name} hint", q.hint
        for choice in q.choices:
            yield f"{q.name} {choice.name}", choice.label


def texts_of_models() -> Iterator[tuple[str, Text]]:
    for m in shipped_models().values():
        for what in ("title", "about", "limits", "attribution"):
            yield f"{m.id} {what}", getattr(m, what)
        for band in (*m.bands, *m.dimension_bands):
            yield f"{m.id} level {band.key}", band.label
            yield f"{m.id} level {band.key} text", band.text
        for dimension in m.dimensions:
            yield f"{m.id} {dimension.id}", dimension.label
        for leaf in m.leaves():
            yield f"{m.id} {leaf.id}", leaf.label
        for row in m.published:
            yield f"{m.id} published {row.about}", row.scope
            yield f"{m.id} published {row.about} note", row.note


# ---- the short check ----


def test_the_short_check_asks_three_questions_on_each_of_the_five_topics() -> None:
    assert Counter(q.group for q in short_check()) == dict.fromkeys(TOPICS, 3)
    assert tuple(d.id for d in model("own").dimensions) == TOPICS


def test_a_dimension_of_the_short_check_holds_the_questions_of_its_own_topic() -> None:
    for dimension in model("own").dimensions:
        assert isinstance(dimension, Node)
        asked = [leaf.question for leaf in dimension.children if isinstance(leaf, Leaf)]
        assert [questions().by_name[name].group for name in asked] == [dimension.id] * 3


def test_the_short_check_weighs_everything_the_same() -> None:
    own = model("own")
    assert own.root.aggregate == "mean"
    assert all(isinstance(d, Node) and d.aggregate == "mean" for d in own.dimensions)
    assert {(leaf.low, leaf.high) for leaf in own.leaves()} == {(Fraction(0), Fraction(100))}
    assert "equal_weights" in own.parameters


def test_thinking_about_something_gives_points_only_where_the_original_model_gives_some() -> None:
    thought = {"Wir denken darüber nach", "Wir haben eine Idee"}
    first = {q.name for q in short_check() if any(c.name == "1" and c.label.de in thought for c in q.choices)}
    assert first == {"iot_use", "print3d_use", "twin_use", "data_services", "analytics"}
    assert {leaf.question for leaf in model("own").leaves() if leaf.scores.get("1") == 0} == first
    assert all(leaf.scores["1"] == Fraction(1, 5) for leaf in model("dma").leaves() if leaf.question in first)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_a_question_of_the_short_check_is_short(lang: str) -> None:
    for q in short_check():
        assert words(q.label.get(lang)) <= 20, q.name
        assert words(q.hint.get(lang)) <= 28, q.name
        assert all(words(c.label.get(lang)) <= 12 for c in q.choices), q.name


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_short_check_takes_at_most_ten_minutes(lang: str) -> None:
    # slow silent reading of 180 words a minute, and 8 seconds to decide on each answer
    read = sum(words(q.label.get(lang)) + words(q.hint.get(lang)) for q in short_check())
    read += sum(words(c.label.get(lang)) for q in short_check() for c in q.choices)
    minutes = read / 180 + len(short_check()) * 8 / 60
    print(f"short check, {lang}: {read} words, {minutes:.1f} minutes")  # noqa: T201  # issue 4: words are printed
    assert minutes <= model("own").minutes <= 10


def test_a_question_of_the_short_check_offers_four_to_six_answers_besides_none_and_not_applicable() -> None:
    for q in short_check():
        offered = [c for c in q.choices if not c.exclusive and c.name != NOT_APPLICABLE]
        assert 4 <= len(offered) <= 6, q.name


def test_the_short_check_uses_no_technical_terms() -> None:
    jargon = re.compile(
        r"\b(IoT|ERP|MES|CAD|CAM|API|KPI|Cloud|Blockchain|Industrie 4\.0|Retrofit|Schnittstelle\w*|Reifegrad\w*"
        r"|Digitalisierungsgrad|Use Case|Roadmap|Stakeholder|interface\w*|maturity|twin|Zwilling\w*)\b",
        re.IGNORECASE,
    )
    for q in short_check():
        said = [q.label, q.hint, *(c.label for c in q.choices)]
        assert not [t for text in said for t in (text.de, text.en) if jargon.search(t)], q.name


def test_whoever_has_no_machines_or_parts_can_say_so() -> None:
    may = {q.name for q in questions().questions if any(c.name == NOT_APPLICABLE for c in q.choices)}
    assert may == {"iot_use", "machine_data", "print3d_use", "product_functions"}
    assert {q.name: q.relevant for q in questions().questions if q.relevant} == {
        "machine_links": "${machine_data} != 'not_applicable'",
        "part_choice": "${print3d_use} != 'not_applicable'",
        "part_files": "${print3d_use} != 'not_applicable'",
        "digital_image": "${machine_data} != 'not_applicable'",
        "product_data": "${product_functions} != 'not_applicable'",
    }


# ---- all questions ----


def test_every_text_is_there_in_both_languages() -> None:
    for where, text in (*texts_of_questions(), *texts_of_models()):
        assert text.de.strip() and text.en.strip(), where
        assert text.de == text.de.strip() and text.en == text.en.strip(), where


def test_choices_are_at_most_fourteen_words_and_questions_end_with_a_question_mark() -> None:
    for q in questions().questions:
        assert q.label.de.endswith("?") and q.label.en.endswith("?"), q.name
        for lang in ("de", "en"):
            assert words(q.label.get(lang)) <= 20, q.name
            assert all(words(c.label.get(lang)) <= 14 for c in q.choices), q.name


def test_two_choices_of_a_question_never_say_the_same() -> None:
    for q in questions().questions:
        for lang in ("de", "en"):
            assert len({c.label.get(lang) for c in q.choices}) == len(q.choices), q.name


def test_every_question_says_where_it_comes_from() -> None:
    assert [q.name for q in questions().questions if not q.source] == []


def test_several_ticks_have_one_answer_for_none_of_them_and_it_comes_last() -> None:
    for q in questions().questions:
        if q.kind is Kind.SELECT_MULTIPLE:
            assert [c.exclusive for c in q.choices] == [False] * (len(q.choices) - 1) + [True], q.name
        else:
            assert not any(c.exclusive for c in q.choices), q.name


def test_nothing_shipped_is_unused() -> None:
    used = {name for m in shipped_models().values() for name in m.questions}
    about = {q.name for q in questions().questions if q.group == COMPANY}
    assert about == {"employees", "sector", "state"}
    assert used | about == {q.name for q in questions().questions}
    assert {q.group for q in questions().questions} == {g.name for g in questions().groups}


def test_no_question_is_there_twice() -> None:
    names = [q.name for q in questions().questions]
    assert len(names) == len(set(names)) == 46
    for lang in ("de", "en"):
        assert len({q.label.get(lang) for q in questions().questions}) == len(names)


def test_the_sections_of_the_classification_are_those_of_the_house() -> None:
    assert {c.name for c in questions().by_name["sector"].choices} == set(sections())


def test_sectors_are_named_as_people_name_them_and_the_rare_ones_come_last() -> None:
    choices = questions().by_name["sector"].choices
    assert [c.name for c in choices][:4] == ["F", "C", "G", "I"]
    rare = [c.label.de.startswith("Andere:") for c in choices]
    assert rare == sorted(rare) and {c.name for c in choices[-6:]} == set("BDEOTU")
    official = re.compile(r"Gewerbe|Exterritorial|freiberuflich|Lagerei|Erbringung", re.IGNORECASE)
    assert not [c.label.de for c in choices if official.search(c.label.de)]


def test_the_short_check_has_words_from_craft_trade_hotel_and_industry() -> None:
    said = " ".join(t.de for q in short_check() for t in (q.label, q.hint, *(c.label for c in q.choices)))
    for word in ("WhatsApp", "Steuerbüro", "Aufmaß", "Wandfarbe", "Buchung", "Küche", "Fräse", "Tabelle"):
        assert word in said, word
    assert "Stick zu Hause" in " ".join(c.hint.de for c in questions().by_name["security"].choices)


def test_what_counts_as_equipment_is_said_once_and_does_not_contradict_itself() -> None:
    machines = questions().by_name["machine_data"]
    assert "Fahrzeug" not in machines.hint.de and "zählen" not in machines.hint.de


def test_the_question_on_protection_is_short_and_does_not_scold() -> None:
    asked = questions().by_name["security"]
    assert all(words(c.label.de) <= 8 for c in asked.choices)
    assert not re.search(r"wirklich|zählt nicht|Brand", asked.hint.de)


def test_that_an_answer_is_voluntary_is_left_to_the_page() -> None:
    assert not [q.name for q in questions().questions if "freiwillig" in q.hint.de]


# ---- models and questions together ----


def test_every_scored_choice_is_known_and_every_choice_is_scored() -> None:
    for m in shipped_models().values():
        for leaf in m.leaves():
            q = questions().by_name[leaf.question]
            assert set(leaf.scores) == {c.name for c in q.choices} - {NOT_APPLICABLE}, (m.id, leaf.id)


def test_a_later_choice_never_gives_fewer_points() -> None:
    for m in shipped_models().values():
        for leaf in m.leaves():
            if not leaf.several:
                order = [c.name for c in questions().by_name[leaf.question].choices if c.name in leaf.scores]
                points = [leaf.scores[name] for name in order]
                assert points == sorted(points), (m.id, leaf.id)
                assert m.id == "own" or len(set(points)) == len(points), (m.id, leaf.id)


def test_a_question_fills_at_most_one_item_of_a_model() -> None:
    for m in shipped_models().values():
        asked = [leaf.question for leaf in m.leaves()]
        assert len(asked) == len(set(asked)), m.id


def test_of_the_fifteen_five_serve_the_dma_nine_impuls_and_thirteen_at_least_one() -> None:
    own, dma, impuls = (set(model(name).questions) for name in ("own", "dma", "impuls"))
    print(  # noqa: T201  # issue 4: shared questions are counted aloud
        f"of {len(own)}: {len(own & dma)} fill DMA items, {len(own & impuls)} IMPULS, {len(own & (dma | impuls))} any"
    )
    assert own & dma == {"security", "iot_use", "print3d_use", "twin_use", "analytics"}
    assert own & impuls == {
        "it_systems",
        "security",
        "skills",
        "machine_data",
        "machine_links",
        "info_sharing",
        "implementation",
        "data_services",
        "innovation",
    }
    assert dma & impuls == {"security", "invested_areas", "skilling"}
    assert len(own | dma | impuls) == 43


# ---- DMA ----


def test_the_dma_questions_divide_by_the_published_numbers() -> None:
    parts = ("plan", "invested", "prepared", "basic", "advanced", "skill", "staff", "data", "security", "ai")
    found = []
    for name in (*parts, "green_uses", "env"):
        part = item(model("dma"), name)
        if isinstance(part, Leaf):
            points = {p for p in part.scores.values() if p}
            assert points == {Fraction(1, sum(1 for p in part.scores.values() if p))} and part.cap == 1, name
            found.append(sum(1 for p in part.scores.values() if p))
        else:
            assert part.aggregate == "mean"
            assert all(isinstance(row, Leaf) and row.high == 1 for row in part.children), name
            found.append(len(part.children))
    assert found == [10, 10, 10, 10, 7, 7, 8, 8, 6, 5, 10, 5]


def test_the_dma_total_is_the_plain_mean_of_six_dimensions_of_a_hundred() -> None:
    dma = model("dma")
    assert [d.id for d in dma.dimensions] == [
        "digital_business_strategy",
        "digital_readiness",
        "human_centric",
        "data_management",
        "automation_ai",
        "green",
    ]
    assert dma.root.aggregate == "mean" and dma.rounding == "none"
    assert all(isinstance(d, Node) and d.aggregate == "mean" and d.scale == 100 for d in dma.dimensions)


def test_the_negative_statement_of_question_seven_stands_alone_and_gives_nothing() -> None:
    data = item(model("dma"), "data")
    assert isinstance(data, Leaf)
    assert data.scores["not_digital"] == 0
    assert next(c for c in questions().by_name["data_handling"].choices if c.name == "not_digital").exclusive


def test_the_ten_business_areas_are_ten() -> None:
    planned, invested = (questions().by_name[name] for name in ("planned_areas", "invested_areas"))
    assert planned.choices == invested.choices
    assert len({c.label.de for c in planned.choices if not c.exclusive}) == 10


@pytest.mark.parametrize(
    ("total", "level"),
    [
        ("0", "basic"),
        ("25.4", "basic"),
        ("25.5", "average"),
        ("50.5", "moderately_advanced"),
        ("75.49", "moderately_advanced"),
        ("75.5", "advanced"),
        ("100", "advanced"),
    ],
)
def test_a_dma_total_between_two_whole_numbers_belongs_to_the_nearer(total: str, level: str) -> None:
    assert band_of_total(model("dma"), Fraction(total)).key == level
    assert band_of_dimension(model("dma"), Fraction(total)).key == level


# ---- IMPULS ----


def test_impuls_has_eighteen_items_with_six_stages_each() -> None:
    impuls = model("impuls")
    assert [len(d.children) for d in impuls.dimensions if isinstance(d, Node)] == [3, 4, 4, 2, 3, 2]
    for leaf in impuls.leaves():
        reached = {min(Fraction(n), leaf.high) for n in range(6)} if leaf.several else set(leaf.scores.values())
        assert reached == {Fraction(n) for n in range(6)}, leaf.id
        if leaf.several:
            assert leaf.cap == 5 and sum(leaf.scores.values()) >= 5
        else:
            assert all(leaf.scores[name] == int(name) for name in STAGES)


def test_impuls_takes_the_lowest_item_and_the_surveyed_weights() -> None:
    impuls = model("impuls")
    assert [(d.id, int(d.weight)) for d in impuls.dimensions] == [
        ("strategy", 25),
        ("smart_factory", 14),
        ("smart_operations", 10),
        ("smart_products", 19),
        ("data_driven_services", 14),
        ("employees", 18),
    ]
    assert all(isinstance(d, Node) and d.aggregate == "min" for d in impuls.dimensions)
    assert (impuls.root.aggregate, impuls.rounding) == ("weighted_mean", "half_up")
    assert impuls.missing == "undetermined_with_bounds"


def test_the_published_shares_are_those_of_the_report_with_year_n_and_scope() -> None:
    rows = {row.about: row for row in model("impuls").published}
    assert [float(rows["total"].shares[k]) for k in STAGES] == [38.9, 37.6, 17.9, 4.6, 1.0, 0.0]
    mean = sum(int(k) * share for k, share in rows["total"].shares.items()) / sum(rows["total"].shares.values())
    assert abs(float(mean) - 0.912) < 0.0005
    assert set(rows) == {"total", *(d.id for d in model("impuls").dimensions)}
    for row in rows.values():
        assert row.year == 2015 and row.n and "20" in row.scope.de and not row.synthetic
        assert 99.8 <= float(sum(row.shares.values())) <= 100.2
    uncertain = {about for about, row in rows.items() if "nicht bestätigt" in row.note.de}
    assert uncertain == {"smart_factory", "smart_operations"}


def test_only_the_model_with_published_levels_is_compared_with_them() -> None:
    assert {m.id: len(m.published) for m in shipped_models().values()} == {"own": 0, "dma": 0, "impuls": 7}


# ---- what is said about the models ----


def test_no_model_claims_to_be_the_official_result() -> None:
    for name in ("dma", "impuls"):
        m = model(name)
        assert "kompatibel" in m.title.de.replace("kompatibler", "kompatibel") and "compatible" in m.title.en
        assert re.search(r"nicht das (amtliche )?Ergebnis", m.limits.de) and "is not the" in m.limits.en
        assert "eigene Worte" in m.attribution.de and "own words" in m.attribution.en
    assert "nicht wissenschaftlich geprüft" in model("own").limits.de
    claim = re.compile(
        r"offizielle\w* (Ergebnis|Bewertung)|zertifizier|amtliche\w* Bewertung|official (score|rating)|certified",
        re.IGNORECASE,
    )
    for where, text in (*texts_of_questions(), *texts_of_models()):
        assert not claim.search(text.de) and not claim.search(text.en), where


def test_every_source_says_when_it_was_read_or_that_it_was_not() -> None:
    for m in shipped_models().values():
        assert m.sources and all(s.basis for s in m.sources), m.id
    for s in (*model("dma").sources, *model("impuls").sources):
        assert s.url.startswith("http"), s.title
        assert s.checked_on is not None or "notes" in s.basis, s.title


def test_what_is_not_known_is_a_dated_parameter() -> None:
    assert {"bands_above_25", "whole_number_limits", "q7_divisor", "q7_negative_statement"} <= set(
        model("dma").parameters
    )
    assert {"missing", "rounding", "not_applicable", "fields_to_confirm"} <= set(model("impuls").parameters)
    for m in shipped_models().values():
        assert all(len(said) > 40 for said in m.parameters.values()), m.id


def test_the_table_on_the_rooms_page_is_the_crosswalk() -> None:
    said = {}
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 5 and cells[0].startswith("`") and cells[0].strip("`") in questions().by_name:
            said[cells[0].strip("`")] = [cell.strip("`") for cell in cells[2:]]
    held = {
        q.name: [
            next((leaf.id for leaf in model(m).leaves() if leaf.question == q.name), "–")
            for m in ("own", "dma", "impuls")
        ]
        for q in questions().questions
        if q.group != COMPANY
    }
    assert said == held
