"""Answers as shown against questions with known facts: recall, kind, topic, demonstrator; beside them what costs nothing.

Scoring rule of the sample's README: both sides are folded (case, umlauts, dashes, blanks); a fact counts when one of its
accepted strings occurs; pure numbers only as whole numbers, strings of up to three letters only as whole words. A lower
bound for recall, no proof of truth.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nordlotse.foundation.german import fold

KINDS = {"answer_with_caveat": "answer", "decline_and_redirect": "decline"}
LAW = ("law", "funding")


def folded(text: str) -> str:
    """Return a text in the form both sides are compared in."""
    text = fold(text).replace("–", "-").replace("—", "-").replace("\u00a0", " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", text)


def has(text: str, accepted: str) -> bool:
    """Tell whether a folded text contains an accepted string."""
    wanted = folded(accepted).strip()
    if re.fullmatch(r"[\d.,]+", wanted):
        return re.search(rf"(?<![\d.,]){re.escape(wanted)}(?![\d]|[.,]\d)", text) is not None
    if len(wanted) <= 3 and wanted.isalpha():
        return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", text) is not None
    return wanted in text


def recall(text: str, facts: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Return for each fact whether the text mentions it."""
    shown = folded(text)
    return [any(has(shown, a) for a in fact["accept_any"]) for fact in facts]


def read(path: Path) -> list[dict[str, Any]]:
    """Read the questions of a JSON-lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def shown_text(answer: Mapping[str, Any]) -> str:
    """Return everything an answer shows as text: sentences, questions back, warnings, next step."""
    parts = [answer["answer"], *answer["ask_back"], *answer["warnings"], answer["next_step"]["label"]]
    return " ".join(parts)


def wanted_kind(row: Mapping[str, Any]) -> str:
    """Return the kind a question should get, in the product's words."""
    kind = str(row.get("expected_behaviour") or row.get("kind"))
    return KINDS.get(kind, kind)


def macro_f1(pairs: Iterable[tuple[str, str]]) -> float:
    """Return the mean F1 over the classes that occur as truth; pairs are (truth, answer)."""
    pairs = list(pairs)
    scores = []
    for label in {t for t, _ in pairs}:
        hit = sum(t == label and a == label for t, a in pairs)
        given = sum(a == label for _, a in pairs)
        there = sum(t == label for t, _ in pairs)
        scores.append(2 * hit / (given + there) if given + there else 0.0)
    return sum(scores) / len(scores) if scores else 0.0


def score(rows: Sequence[dict[str, Any]], answer: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """Answer every question and return the figures and the misses."""
    facts: dict[str, list[bool]] = defaultdict(list)
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    misses = []
    for row in rows:
        made = answer(row)
        found = recall(shown_text(made), row["must_mention"])
        facts["all"] += found
        facts[f"topic {row['topic']}"] += found
        facts[f"lang {row['lang']}"] += found
        facts[f"style {row.get('style', 'plain')}"] += found
        if row.get("answer_type") in LAW or (row["topic"] == "funding"):
            facts["law and funding"] += found
        pairs["kind"].append((wanted_kind(row), made["kind"]))
        pairs["topic"].append((row["topic"], made["topic"]))
        pairs["demonstrator"].append((row["demonstrator"], made["demonstrator"]))
        misses.append(
            {
                "id": row["id"],
                "question": row["question"],
                "made": made,
                "row": row,
                "missed": [f["fact"] for f, ok in zip(row["must_mention"], found, strict=True) if not ok],
            }
        )
    figures = {name: sum(v) / len(v) for name, v in facts.items() if v}
    labels: dict[str, Any] = {}
    for name, values in pairs.items():
        guess = Counter(t for t, _ in values).most_common(1)[0]
        labels[name] = {
            "accuracy": sum(t == a for t, a in values) / len(values),
            "macro_f1": macro_f1(values),
            "constant_guess": guess[1] / len(values),
            "per_class": {
                label: f"{sum(t == a for t, a in values if t == label)}/{sum(t == label for t, _ in values)}"
                for label in sorted({t for t, _ in values})
            },
        }
    return {"facts": figures, "labels": labels, "rows": misses}


def best_fixed(rows: Sequence[dict[str, Any]], texts: Sequence[str], by: Callable[[dict[str, Any]], str]) -> float:
    """Return the fact recall of the best single text per group: what an answer that ignores the question could get."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[by(row)].append(row)
    hits = total = 0
    for group in groups.values():
        hits += max(sum(sum(recall(t, r["must_mention"])) for r in group) for t in texts)
        total += sum(len(r["must_mention"]) for r in group)
    return hits / total
