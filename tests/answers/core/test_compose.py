"""An answer has at most six sentences and 120 words, quotes verbatim, and no sentence leans on one that is missing."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from nordlotse.answers.core.compose import (
    _LEANS,
    MAX_SENTENCES,
    MAX_WORDS,
    Chosen,
    Composer,
    _may_stand_alone,
    word_count,
)
from nordlotse.answers.core.knowledge import Knowledge, Unit, load_knowledge
from nordlotse.answers.core.section import Sentence
from nordlotse.answers.core.units import Found

ON = date(2026, 11, 23)


def terms(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def composer(question: str = "", likeness: Sequence[float] | None = None) -> Composer:
    return Composer(terms, dict.fromkeys(terms(question), 1.0), lambda texts: likeness or ())


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return load_knowledge(ON)


def unit(name: str, *texts: str, lead: int = 2) -> Unit:
    """A unit made of sentences; the first `lead` of them are its first paragraph."""
    text, sentences = "", []
    for one in texts:
        start = len(text) + bool(text)
        text = f"{text} {one}" if text else one
        sentences.append(Sentence(start, len(text)))
    return Unit(
        id=name,
        lang="de",
        topic="iot",
        article=name,
        anchor="a",
        title="T",
        heading="H?",
        role="answer",
        text=text,
        sentences=tuple(sentences),
        lead_end=sentences[min(lead, len(sentences)) - 1].end,
        questions=(),
        demonstrator="none",
        jurisdiction="none",
        checked_on=ON,
        review_by=ON,
        sources=(),
    )


def texts(chosen: Sequence[Chosen]) -> list[str]:
    return [c.text for c in chosen]


# ---- every unit we ship ----


def test_every_shipped_unit_as_best_hit_gives_a_bounded_answer_in_reading_order(known: Knowledge) -> None:
    units = list(known.units.values())
    for place, top in enumerate(units):
        others = [Found(units[(place + step) % len(units)], 4.9 - step / 10) for step in (1, 2, 3)]
        chosen = composer(top.heading).choose([Found(top, 5.0), *[o for o in others if o.unit.lang == top.lang]])
        assert 1 <= len(chosen) <= MAX_SENTENCES, top.id
        assert sum(word_count(c.text) for c in chosen) <= MAX_WORDS, top.id
        assert chosen[0].unit.id == top.id
        opens = [
            s
            for n, s in enumerate(top.sentences)
            if _may_stand_alone(top, s) and (n == 0 or not _LEANS.match(top.sentence_text(s)))
        ]
        assert chosen[0].sentence == opens[0], top.id
        order = [c.unit.id for c in chosen]
        assert order == sorted(order, key=list(dict.fromkeys(order)).index), top.id
        for before, after in itertools.pairwise(chosen):
            assert before.unit.id != after.unit.id or before.sentence.start < after.sentence.start


def test_no_sentence_of_a_shipped_unit_leans_on_a_missing_one(known: Knowledge) -> None:
    for top in known.units.values():
        chosen = composer(top.heading).choose([Found(top, 5.0)])
        for one in chosen:
            before = [s for s in one.unit.sentences if s.end <= one.sentence.start]
            if before and _LEANS.match(one.text):
                assert any(c.sentence == before[-1] for c in chosen), (top.id, one.text)


# ---- one rule at a time ----


def test_nothing_found_gives_nothing() -> None:
    assert composer().choose([]) == []


def test_the_lead_opens_and_the_rest_goes_to_what_matches() -> None:
    top = unit(
        "a",
        "Erster Satz.",
        "Zweiter Satz.",
        *[f"Füllsatz Nummer {n} ohne Bezug." for n in range(9)],
        "Das Gehäuse schützt.",
    )
    top = replace(top, text=top.text.replace("Das Gehäuse", "Ein Gehäuse"))
    chosen = texts(composer("Gehäuse").choose([Found(top, 5.0)]))
    assert chosen[:2] == ["Erster Satz.", "Zweiter Satz."]
    assert "Ein Gehäuse schützt." in chosen
    assert len(chosen) <= MAX_SENTENCES


def test_a_sentence_longer_than_an_answer_is_never_shown() -> None:
    long = " ".join(["Wort"] * 130) + "."
    assert texts(composer().choose([Found(unit("a", long, "Kurzer Satz über Kräne.", lead=1), 5.0)])) == [
        "Kurzer Satz über Kräne."
    ]
    assert composer().choose([Found(unit("a", long), 5.0)]) == []


def test_words_are_counted_over_the_whole_answer() -> None:
    forty = [" ".join(f"w{n}x{i}" for i in range(39)) + " Ende." for n in range(6)]
    chosen = composer().choose([Found(unit("a", *forty), 5.0)])
    assert len(chosen) == 3
    assert sum(word_count(c.text) for c in chosen) == 120


@pytest.mark.parametrize("begin", ["Dies", "Dabei", "Sie kostet das. Er", "It", "These", "Otherwise", "So"])
def test_a_sentence_that_leans_comes_only_with_the_one_before_it(begin: str) -> None:
    leaning = f"{begin.rpartition(' ')[2]} kostet zwanzig Euro."
    top = unit("a", "Anfang eins steht.", "Anfang zwei steht.", "Völlig anderes Thema hier.", leaning)
    picked = texts(composer("kostet zwanzig Euro").choose([Found(top, 5.0)]))
    assert leaning not in picked or "Völlig anderes Thema hier." in picked


def test_a_unit_far_below_the_best_takes_no_part() -> None:
    near, far = unit("b", "Nahe Aussage über Pumpen."), unit("c", "Ferne Aussage über Ventile.")
    chosen = composer().choose([Found(unit("a", "Oben."), 5.0), Found(near, 4.0), Found(far, -9.0)])
    assert {c.unit.id for c in chosen} == {"a", "b"}


def test_the_same_sentence_is_not_shown_twice() -> None:
    chosen = texts(
        composer().choose(
            [Found(unit("a", "Gleicher Satz steht hier."), 5.0), Found(unit("b", "Gleicher Satz steht hier."), 4.9)]
        )
    )
    assert chosen == ["Gleicher Satz steht hier."]


def test_likeness_decides_between_sentences_without_shared_words() -> None:
    fill = [f"Beliebig{n} anders{n} gesagt{n}." for n in range(8)]
    top = unit("a", "Eins steht.", "Zwei steht.", *fill)
    chosen = composer("Frage", [0.0] * 9 + [1.0]).choose([Found(top, 5.0)])
    assert fill[7] in texts(chosen)


def test_a_sentence_is_analysed_once_an_answer() -> None:
    seen: list[str] = []

    def counting(text: str) -> list[str]:
        seen.append(text)
        return terms(text)

    top = unit("a", *[f"Aussage {n} zum Thema {n * 7}." for n in range(20)])
    Composer(counting, {"thema": 1.0, "aussage": 1.0}, lambda _: ()).choose([Found(top, 5.0)])
    assert len(seen) == len(set(seen)) == 20


# ---- context ----


def test_a_leaning_sentence_brings_its_neighbour_along() -> None:
    leaning = "Dabei gilt Lärmschutz nachts."
    top = unit("a", "Anfang eins.", "Anfang zwei.", *[f"Beliebig {n}." for n in range(5)], "Voraussetzung.", leaning)
    chosen = texts(composer("gilt Lärmschutz nachts").choose([Found(top, 5.0)]))
    assert chosen[chosen.index(leaning) - 1] == "Voraussetzung."


def test_what_does_not_fit_with_its_context_is_left_out_with_it() -> None:
    long = " ".join(["Vorrede"] * 116) + "."
    top = unit("a", "Anfang eins.", "Anfang zwei steht.", long, "Dies gilt nachts.")
    assert texts(composer("gilt nachts").choose([Found(top, 5.0)])) == ["Anfang eins.", "Anfang zwei steht."]


def test_another_article_begins_with_its_first_sentence() -> None:
    other = unit("b", "Worum es geht.", "Füllsatz.", "Lärmschutz gilt nachts überall.")
    chosen = texts(composer("Lärmschutz gilt nachts").choose([Found(unit("a", "Oben."), 5.0), Found(other, 4.9)]))
    assert chosen[:3] == ["Oben.", "Worum es geht.", "Lärmschutz gilt nachts überall."] or chosen == [
        "Oben.",
        "Worum es geht.",
        "Füllsatz.",
        "Lärmschutz gilt nachts überall.",
    ]


def test_a_section_of_the_same_article_may_lend_a_sentence_from_its_middle() -> None:
    other = replace(unit("b", "Worum es geht.", "Füllsatz.", "Lärmschutz gilt nachts überall."), article="a")
    found = [Found(unit("a", "Oben."), 5.0), Found(other, 4.9)]
    chosen = texts(composer("Lärmschutz gilt nachts").choose(found, most=2))
    assert chosen == ["Oben.", "Lärmschutz gilt nachts überall."]


def test_a_record_the_article_names_stands_nearer_than_one_it_does_not(known: Knowledge) -> None:
    records = [u for u in known.units.values() if u.record is not None and u.lang == "de"][:2]
    named, foreign = records
    assert named.record is not None
    home = replace(unit("a", "Oben steht es."), records=(named.record.id,))
    found = [Found(home, 5.0), Found(foreign, 4.9), Found(named, 4.9)]
    ranked = [c.unit.id for c in composer().ranked(found)]
    assert ranked.index(named.id) < ranked.index(foreign.id)


def test_the_order_of_sentences_is_that_of_their_match() -> None:
    top = unit("a", "Eins steht.", "Zwei steht.", "Lärmschutz gilt nachts.", lead=1)
    assert composer("Lärmschutz gilt nachts").ranked([Found(top, 5.0)])[0].text == "Lärmschutz gilt nachts."
    assert composer().ranked([]) == []


def test_at_most_as_many_sentences_as_asked_for() -> None:
    top = unit("a", *[f"Aussage {n} zum Thema {n * 7}." for n in range(9)])
    assert len(composer("Aussage").choose([Found(top, 5.0)], most=1)) == 1
