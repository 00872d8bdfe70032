"""How it is counted, in words: what a report says of its own figures, for whoever has to check them."""

from __future__ import annotations

from collections.abc import Sequence

from nordlotse.foundation.language import Lang, Text
from nordlotse.journey.core import kinds
from nordlotse.journey.core.counting import ATTENDANCE
from nordlotse.journey.core.disclosure import THRESHOLD
from nordlotse.journey.queries.sheets import DOT


def _events(lang: Lang) -> str:
    return ", ".join(k.name.get(lang) for k in kinds.kinds().values() if k.attendance)


def explained(lang: Lang) -> tuple[tuple[str, str], ...]:
    """Return how it is counted, word by word: each word with what it means."""
    held: Sequence[tuple[Text, Text]] = (
        (
            Text("Gezählt", "Counted"),
            Text(
                "Was ein Mensch bestätigt hat. Beispieldaten zählen nie.",
                "What a person has confirmed. Example data never count.",
            ),
        ),
        (
            Text("Betrieb", "Company"),
            Text(
                "Jeder im Quartal einmal, gleich wie viele Leistungen er bekam. Er kann bei mehreren Themen und Arten "
                "stehen; deren Zeilen ergeben zusammen mehr.",
                "Each once in a quarter, however many services it got. It may stand under several topics and types; "
                "their rows add up to more.",
            ),
        ),
        (
            Text("Kontakt", "Contact"),
            Text(
                "Eine Person, erkannt an ihrer Mailadresse; jede im Quartal einmal, auch ohne Betrieb. Spricht aus jedem "
                "Betrieb genau eine Person mit uns, sind es so viele Kontakte wie Betriebe.",
                "A person, known by the mail address; each once in a quarter, also without a company. Where exactly one "
                "person of each company talks to us, there are as many contacts as companies.",
            ),
        ),
        (
            Text("Leistung", "Service"),
            Text(
                "Eine Antwort, ein Gespräch, ein Besuch; bei Veranstaltungen jede Person, die da war; bei Arbeitskreisen "
                "eine Sitzung.",
                "An answer, a talk, a visit; at events every person who came; in working groups one meeting.",
            ),
        ),
        (
            Text("Teilnehmende", "Participants"),
            Text(
                "Personen über alle Leistungen zusammengezählt; wer zweimal kommt, zählt zweimal.",
                "People added up over all services; who comes twice counts twice.",
            ),
        ),
        (
            ATTENDANCE.name,
            Text(
                f"Teilnehmende dieser Arten allein: {_events('de')}. Antworten, Einzelgespräche und Besuche zählen nicht.",
                f"Participants of these types alone: {_events('en')}. Answers, talks with one company and visits do not count.",
            ),
        ),
        (
            Text("Minute", "Minute"),
            Text(
                "Dauer der Leistung ohne Anfahrt. Bei Veranstaltungen ist jede Teilnahme eine Leistung: Ihre Dauer zählt "
                "für jede Person, die da war. Ein Arbeitskreis zählt einmal je Sitzung, alles andere einmal je Leistung. "
                "Nach Thema, Partner, Ort, Größe und Form stehen keine Minuten: Mit dem öffentlichen Kalender ließen sich "
                "daraus einzelne Leistungen ausrechnen.",
                "How long the service took, without travel. At events every attendance is a service: their length counts "
                "for every person who came. A working group counts once per meeting, everything else once per service. "
                "By topic, partner, place, size and format no minutes are given: with the public calendar single services "
                "could be worked out from them.",
            ),
        ),
        (
            Text("Erste Antwort", "First reply"),
            Text(
                "Die erste Antwort eines Menschen auf einen Fall. Gezählt sind alle Fälle, deren erste Antwort in das "
                "Quartal fiel; wer noch wartet, zählt, sobald geantwortet ist. Arbeitstage nach dem Kalender des Landes; "
                "0 heißt: am selben Tag.",
                "The first reply of a person in a case. Counted are all cases whose first reply fell into the quarter; "
                "those still waiting count once they are answered. Working days by the state's calendar; 0 means: on the "
                "same day.",
            ),
        ),
        (
            Text(f"{DOT} (geschützt)", f"{DOT} (protected)"),
            Text(
                f"Jede gezeigte Zeile steht für mindestens {THRESHOLD} Betriebe oder, wo keine Betriebe dabei sind, für "
                f"mindestens {THRESHOLD} Kontakte; ausgenommen sind Sitzungen, bei denen niemand einzeln bekannt ist. Zu "
                "kleinen Zeilen verdecken wir eine größere, durch ein Los. Was verdeckte Zeilen zusammen ergeben, lässt "
                "sich ausrechnen; welche davon klein ist, sagen diese Zahlen nicht. Wer den Veranstaltungskalender "
                "danebenlegt, kann es bei Themen mit Veranstaltungen vermuten, aber keine einzelne Leistung ausrechnen.",
                f"Every row shown is about at least {THRESHOLD} companies or, where no companies are in it, at least "
                f"{THRESHOLD} contacts; except meetings of which nobody is known one by one. Beside small rows we cover a "
                "larger one, by lot. What covered rows add up to can be worked out; which of them is small these figures do not "
                "say. Whoever lays the calendar of events beside them may guess it for topics with events, but cannot work "
                "out a single service.",
            ),
        ),
        (
            Text("Zusammengefasst", "Together"),
            Text(
                "Wo sich in einem Land nichts anders schützen lässt, stehen seine Kreise oder Bezirke in einer Zeile; "
                "ebenso Arten von Leistungen.",
                "Where nothing else protects a state's districts, they stand in one row; so do types of support.",
            ),
        ),
        (
            Text("Rundung", "Rounding"),
            Text(
                "Zahlen sind nicht gerundet; Anteile stehen in ganzen Prozent. Nur Betriebe und Kontakte mehrerer Quartale "
                "stehen in Zehnern (≈), wo die genaue Zahl eine geschützte verraten könnte.",
                "Figures are not rounded; shares are whole percent. Only companies and contacts of several quarters are "
                "told in tens (≈) where the exact number could give a protected one away.",
            ),
        ),
    )
    return tuple((word.get(lang), meaning.get(lang)) for word, meaning in held)
