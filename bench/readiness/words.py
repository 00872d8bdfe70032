"""How long and how hard the questions are, per language, and how long the short check takes by reading and choosing.

    python -m bench.readiness.words

Reading ease: German Flesch-Amstad 180 - words/sentence - 58.5 x syllables/word (Amstad 1978), English Flesch 206.835 - 1.015 x
words/sentence - 84.6 x syllables/word (Flesch 1948); 60 and above is plain. Syllables are counted by groups of vowels,
an approximation, as for the house's articles. Time: all words of label, hint and answers at 200 words a minute, and per question 8 s to choose, 2 s for each thing to
tick (assumed; trial persons measure it).
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from nordlotse.answers.core.lint import reading_ease
from nordlotse.foundation.language import LANGS, Lang
from nordlotse.foundation.questionnaire.form import Form, Kind, Question
from nordlotse.readiness.core import catalogue

WORDS_A_MINUTE = 200
CHOOSE_S = 8.0
TICK_S = 2.0
TARGET_MINUTES = 10
PLAIN = 60

_WORD = re.compile(r"[A-Za-zÄÖÜäöüß0-9]+(?:[-'’][A-Za-zÄÖÜäöüß0-9]+)*")


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return _WORD.findall(text)


def ease(texts: Sequence[str], lang: Lang) -> float:
    """Return the reading ease of texts; each is at least one sentence."""
    sentences = sum(max(1, len(re.findall(r"[.!?:](?:\s|$)", text))) for text in texts)
    return reading_ease(" ".join(texts), sentences, lang)


def seconds(question: Question, lang: Lang) -> float:
    """Return how long a question takes to read and answer."""
    texts = [question.label.get(lang), question.hint.get(lang), *(c.label.get(lang) for c in question.choices)]
    reading = sum(len(words(text)) for text in texts) * 60 / WORDS_A_MINUTE
    ticking = TICK_S * len(question.choices) if question.kind is Kind.SELECT_MULTIPLE else 0.0
    return reading + CHOOSE_S + ticking


def _line(name: str, form: Form, lang: Lang, *, company: bool = True) -> float:
    asked = [q for q in form.questions if company or q.group != catalogue.COMPANY]
    labels = [len(words(q.label.get(lang))) for q in asked]
    whole = [
        sum(len(words(t)) for t in (q.label.get(lang), q.hint.get(lang), *(c.label.get(lang) for c in q.choices)))
        for q in asked
    ]
    texts = [t for q in asked for t in (q.label.get(lang), q.hint.get(lang)) if t]
    minutes = sum(seconds(q, lang) for q in asked) / 60
    print(
        f"{name:<28} {lang}  {len(asked):>9} {statistics.mean(labels):>8.1f} {max(labels):>4} {statistics.mean(whole):>10.1f} {max(whole):>4}"
        f" {ease(texts, lang):>6.0f} {minutes:>8.1f}"
    )
    return minutes


def main() -> None:
    """Print the tables."""
    print(f"{'':<28} {'':<3} {'questions':>9} {'words in':>13} {'with hint':>15} {'ease':>6} {'minutes':>8}")
    print(f"{'':<28} {'':<3} {'':>9} {'the question':>13} {'and answers':>15}")
    print(f"{'':<28} {'':<3} {'':>9} {'mean':>8} {'most':>4} {'mean':>10} {'most':>4}")
    short: dict[str, float] = {}
    for lang in LANGS:
        short[lang] = _line("short check (with company)", catalogue.form_for(["own"]), lang)
        for name in ("dma", "impuls"):
            _line(name, catalogue.form_for([name]), lang, company=False)
        _line("all three, nothing twice", catalogue.form_for(catalogue.ORDER), lang)
    slowest = max(short.values())
    print(f"\nshort check: {slowest:.1f} minutes by reading and choosing (target: at most {TARGET_MINUTES})")
    print(f"reading ease: {PLAIN} and above is plain")
    print("\nhardest questions (label and hint):")
    for lang in LANGS:
        ranked = sorted(
            catalogue.form_for(["own"]).questions, key=lambda q: ease([q.label.get(lang), q.hint.get(lang)], lang)
        )
        for question in ranked[:3]:
            told = ease([question.label.get(lang), question.hint.get(lang)], lang)
            print(f"  {lang} {told:>4.0f}  {question.name}: {question.label.get(lang)}")


if __name__ == "__main__":
    main()
