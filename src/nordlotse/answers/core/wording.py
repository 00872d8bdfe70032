"""The few sentences that answers add about themselves: warnings and levels of certainty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.records import day

MAX_ASK_BACK = 3

LEVELS = {
    "found": Text("Dazu haben wir eine geprüfte Stelle gefunden.", "We found a checked passage on this."),
    "related": Text(
        "Wir sind nicht sicher: Diese Stellen sind verwandt, bitte prüfen Sie, ob sie passen.",
        "We are not sure: these passages are related, please check whether they fit.",
    ),
    "none": Text("Dazu haben wir keine geprüfte Stelle.", "We have no checked passage on this."),
}


@dataclass(frozen=True, slots=True)
class ClarityTexts:
    """Warnings in one language."""

    lang: Lang
    uncertain: str

    def stale(self, title: str, review_by: date) -> str:
        """Return the warning for an article past its review date."""
        if self.lang == "de":
            return f"Der Artikel „{title}“ sollte bis zum {day(review_by, 'de')} geprüft werden; bitte vergewissern Sie sich."
        return f"The article “{title}” was due for review by {day(review_by, 'en')}; please make sure it still holds."

    def mode(self, mode: str) -> str:
        """Return the note that the full search is not ready."""
        if self.lang == "de":
            return "Die Bedeutungssuche wird noch aufgebaut; diese Antwort stützt sich auf eine einfachere Suche."
        return "The search by meaning is still being built; this answer rests on a simpler search."


def clarity(lang: Lang) -> ClarityTexts:
    """Return the warnings in a language."""
    if lang == "de":
        return ClarityTexts(
            "de", "Ein Teil der Antwort ist noch nicht abschließend belegt; der Text sagt, was das klärt."
        )
    return ClarityTexts("en", "Part of this answer is not finally settled; the text says what would settle it.")
