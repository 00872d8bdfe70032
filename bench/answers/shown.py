"""Answers as shown: the delivered sample, the blind questions, the traps; beside them texts that ignore the question."""

from __future__ import annotations

import json
import os
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.answers.facts import best_fixed, folded, read, recall, score, shown_text

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("NORDLOTSE_SHARED") or HERE.parent.parent.parent / "shared")


def prepare() -> None:
    """Make the product ready in this process."""
    from nordlotse.web import database

    database.django_ready()
    database.ready()


def answer(row: dict[str, Any], profile: bool = True) -> dict[str, Any]:
    """Answer a question as `ask --batch` does; the asker's profile is given where the sample has one."""
    from nordlotse.journey.cli import answer_line

    line = {
        k: row[k]
        for k in ("id", "question", "lang", "state", "region", "employees")
        if row.get(k) and (profile or k in ("id", "question"))
    }
    if line.get("region") in ("Bund", "federal", "DE"):
        line.pop("region")
    return answer_line(line)


def fixed_texts() -> list[str]:
    """Return texts of answer length that ignore the question: the lead of every section and every record."""
    from nordlotse.answers import queries

    texts = []
    for unit in queries.knowledge().units.values():
        words: list[str] = []
        for sentence in unit.sentences:
            more = unit.sentence_text(sentence).split()
            if len(words) + len(more) > 120:
                break
            words += more
        texts.append(" ".join(words))
    return texts


def questions(path: Path, profile: bool = True) -> dict[str, Any]:
    """Score one file of questions, with the fixed texts beside it."""
    rows = read(path)
    made = score(rows, lambda row: answer(row, profile))
    texts = fixed_texts()
    made["best_fixed_text"] = best_fixed(rows, texts, lambda r: "all")
    made["best_fixed_text_per_topic"] = best_fixed(rows, texts, lambda r: str(r["topic"]))
    made["too_long"] = [
        m["id"] for m in made["rows"] if len(m["made"]["answer"].split()) > 120 or len(m["made"]["sentences"]) > 6
    ]
    return made


def place_of(sentence: dict[str, Any]) -> str:
    """Return where a shown sentence stands, as the questions name it: article#section or record:name."""
    return f"{sentence['article']}#{sentence['section']}" if sentence["section"] else str(sentence["article"])


def core() -> dict[str, Any]:
    """Whether answers hit the core: own questions that name the sections or records which answer them (none: not covered)."""
    made = [(row, answer(row)) for row in read(HERE / "data" / "core_questions.jsonl")]
    covered = [(row, got) for row, got in made if row["gold"]]
    hits = [[place_of(s) in row["gold"] for s in got["sentences"]] for row, got in covered]
    home = [s["article"] in {g.split("#")[0] for g in row["gold"]} for row, got in covered for s in got["sentences"]]
    facts = [ok for row, got in covered for ok in recall(shown_text(got), row["must_mention"])]
    found = [any(hit) for (_, got), hit in zip(covered, hits, strict=True) if got["confidence"] == "found"]
    uncovered = Counter(
        got["confidence"] if got["kind"] == "answer" else got["kind"] for row, got in made if not row["gold"]
    )
    shown = [hit for row in hits for hit in row]
    return {
        "facts": sum(facts) / len(facts),
        "begins_with_core": sum(hit[:1] == [True] for hit in hits) / len(hits),
        "holds_core": sum(any(hit) for hit in hits) / len(hits),
        "sentences_of_the_section": sum(shown) / len(shown),
        "sentences_of_the_article": sum(home) / len(home),
        "found": len(found),
        "found_without_core": len(found) - sum(found),
        "not_covered": dict(sorted(uncovered.items())),
    }


def traps() -> list[dict[str, Any]]:
    """Return every trap an answer falls into."""
    fallen = []
    for row in read(HERE / "data" / "traps.jsonl"):
        made = answer(row)
        text = folded(shown_text(made))
        hit = [p for p in row.get("must_not_match", []) if re.search(p, text, re.I)]
        missing = [p for p in row.get("must_match", []) if not re.search(p, text, re.I)]
        if hit or missing:
            fallen.append(
                {"id": row["id"], "hit": hit, "missing": missing, "answer": made["answer"], "question": row["question"]}
            )
    return fallen


def table(name: str, made: dict[str, Any]) -> list[str]:
    """Return the figures of one file as lines of a Markdown table."""
    lines = [f"### {name} ({len(made['rows'])} questions)", "", "| what | ours | beside it |", "|---|---|---|"]
    facts = made["facts"]
    lines.append(
        f"| facts shown | {facts['all']:.3f} | best fixed text {made['best_fixed_text']:.3f}, "
        f"best per topic {made['best_fixed_text_per_topic']:.3f} |"
    )
    if "law and funding" in facts:
        lines.append(f"| facts, law and funding | {facts['law and funding']:.3f} | |")
    for label, values in made["labels"].items():
        lines.append(
            f"| {label} right (macro F1) | {values['accuracy']:.3f} ({values['macro_f1']:.3f}) | "
            f"constant guess {values['constant_guess']:.3f} |"
        )
    lines.append("")
    for label, values in made["labels"].items():
        lines.append(f"- {label} per class: " + ", ".join(f"{k} {v}" for k, v in values["per_class"].items()))
    lines.append("- facts by group: " + ", ".join(f"{k} {v:.2f}" for k, v in sorted(facts.items()) if k != "all"))
    return [*lines, ""]


def main() -> dict[str, Any]:
    """Print everything and return it for the report."""
    prepare()
    start = time.perf_counter()
    result: dict[str, Any] = {}
    sample = SHARED / "data" / "questions" / "for_developers.jsonl"
    if sample.is_file():
        result["sample"] = questions(sample)
        print("\n".join(table("delivered sample", result["sample"])))
    else:
        print("skipped: the delivered sample is not beside the checkout")
    result["blind"] = questions(HERE / "data" / "blind_questions.jsonl")
    print("\n".join(table("blind questions", result["blind"])))
    result["core"] = core()
    print("### own questions that name the sections which answer them (core_questions.jsonl)\n")
    for name, value in result["core"].items():
        print(
            f"- {name.replace('_', ' ')}: {value:.3f}"
            if isinstance(value, float)
            else f"- {name.replace('_', ' ')}: {value}"
        )
    print()
    result["traps"] = traps()
    print(f"traps: {len(result['traps'])} fallen into of {len(read(HERE / 'data' / 'traps.jsonl'))}")
    for row in result["traps"]:
        print(" ", json.dumps(row, ensure_ascii=False))
    print(f"# {time.perf_counter() - start:.0f} s")
    return result


if __name__ == "__main__":
    main()
