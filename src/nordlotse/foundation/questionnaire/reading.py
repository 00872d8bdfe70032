"""Reading a formula: signs to tokens to a tree, by recursive descent within limits on length, parts and depth."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.functions import FUNCTIONS, MAX_NUMBER, number_of
from nordlotse.foundation.questionnaire.parts import Call, Chain, Constant, Negative, Part, Reference

#: Longest formula, in characters.
MAX_LENGTH: Final = 4000

#: Most parts (values, operators, calls) of one formula.
MAX_PARTS: Final = 1000

#: Deepest nesting of parentheses, calls and signs.
MAX_DEPTH: Final = 40

#: Longest text in quotation marks, in characters.
_MAX_WORDS: Final = 500

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<reference>\$\{\s*(?P<name>[A-Za-z_][A-Za-z0-9_.\-]*)\s*\})
    | (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    | (?P<words>'[^']*'|"[^"]*")
    | (?P<word>[A-Za-z_][A-Za-z0-9_\-]*)
    | (?P<sign><=|>=|!=|[=<>+*(),\-])
    | (?P<own>\.)
    )""",
    re.VERBOSE,
)

#: A question's name as it is meant, whatever letters stand in it.
_NAME_OF = re.compile(r"\$\{([^{}]{1,200})\}")

#: Ranks of operators, loosest first.
_RANKS: Final[tuple[frozenset[str], ...]] = (
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"=", "!="}),
    frozenset({"<", "<=", ">", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "div", "mod"}),
)

#: What people write by habit, and what XLSForm writes instead.
_HABITS: Final[Mapping[str, tuple[str, str]]] = {
    "‘": ("Bitte gerade Anführungszeichen ' verwenden.", "Use straight quotation marks '."),
    "’": ("Bitte gerade Anführungszeichen ' verwenden.", "Use straight quotation marks '."),
    "‚": ("Bitte gerade Anführungszeichen ' verwenden.", "Use straight quotation marks '."),
    "“": ("Bitte gerade Anführungszeichen ' verwenden.", "Use straight quotation marks '."),
    "”": ("Bitte gerade Anführungszeichen ' verwenden.", "Use straight quotation marks '."),
    "„": ("Bitte gerade Anführungszeichen ' verwenden.", "Use straight quotation marks '."),
    "'": ("Bitte das schließende Anführungszeichen setzen.", "Add the closing quotation mark."),
    '"': ("Bitte das schließende Anführungszeichen setzen.", "Add the closing quotation mark."),
    "/": ("Geteilt heißt hier div: 6 div 2.", "Division is written div: 6 div 2."),
    "%": ("Der Rest heißt hier mod: 7 mod 2.", "The remainder is written mod: 7 mod 2."),
    "&": ("Und heißt hier and.", "Write and."),
    "|": ("Oder heißt hier or.", "Write or."),
    "!": ("Verneint wird mit not(…), ungleich mit !=.", "Negate with not(…), compare with !=."),
    "$": ("Eine Frage wird ${name} geschrieben.", "A question is written ${name}."),
    ";": ("Argumente werden mit Komma getrennt.", "Separate arguments with commas."),
    "=": ("Verglichen wird mit einem einfachen =.", "Compare with a single =."),
}


def read(source: str, own: str, where: str) -> tuple[Part, tuple[str, ...], int]:
    """Return a formula as a tree, the questions it names, and how many parts it has.

    Raises:
        BadInput: with the character at which it cannot be read, and the remedy.
    """
    reader = _Reader(source, own, where)
    root = reader.whole()
    return root, tuple(reader.references), reader.parts


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


class _Reader:
    """Reads one formula: tokens first, then parts by rank."""

    def __init__(self, source: str, own: str, where: str) -> None:
        self.source, self.own, self.where = source, own, where
        self.references: dict[str, None] = {}
        self.parts = 0
        self.depth = 0
        if len(source) > MAX_LENGTH:
            raise self.wrong(
                "too_long",
                MAX_LENGTH,
                f"Die Formel hat mehr als {MAX_LENGTH} Zeichen.",
                f"The formula has more than {MAX_LENGTH} characters.",
                "Bitte teilen: ein Zwischenergebnis in eine eigene Zeile calculate.",
                "Split it: put an intermediate result into a row calculate of its own.",
            )
        self.tokens = list(self.split())
        self.next = 0

    def wrong(self, code: str, at: int, de: str, en: str, remedy_de: str = "", remedy_en: str = "") -> BadInput:
        """Return the refusal with its place in the formula."""
        return BadInput(
            f"expression_{code}",
            de=f"{de.rstrip('.')} (Zeichen {at + 1})." if at < MAX_LENGTH else de,
            en=f"{en.rstrip('.')} (character {at + 1})." if at < MAX_LENGTH else en,
            where=self.where or "".join(c for c in self.source[:60] if c.isprintable()),
            remedy_de=remedy_de,
            remedy_en=remedy_en,
        )

    def split(self) -> Iterator[_Token]:
        place, end = 0, len(self.source.rstrip())
        while place < end:
            found = _TOKEN.match(self.source, place)
            if found is None:
                raise self.unreadable(place)
            kind = str(found.lastgroup if found.lastgroup != "name" else "reference")
            if kind == "reference" or found["reference"]:
                yield _Token("reference", found["name"], found.start("reference"))
            else:
                yield _Token(kind, found[kind], found.start(kind))
            place = found.end()
            self.parts += 1
            if self.parts > MAX_PARTS:
                raise self.too_many(place)

    def too_many(self, at: int) -> BadInput:
        return self.wrong(
            "too_many_parts",
            at,
            f"Die Formel hat mehr als {MAX_PARTS} Teile.",
            f"The formula has more than {MAX_PARTS} parts.",
            "Bitte auf mehrere Zeilen calculate verteilen.",
            "Spread it over several rows calculate.",
        )

    def unreadable(self, at: int) -> BadInput:
        at += len(self.source[at:]) - len(self.source[at:].lstrip())
        sign = self.source[at]
        if (name := _NAME_OF.match(self.source, at)) and not name[1].isascii():
            odd = "".join(dict.fromkeys(c for c in name[1] if not c.isascii()))[:10]
            return self.wrong(
                "name",
                at,
                f"In ${{{name[1][:40]}}} steht „{odd}“; Namen haben keine Umlaute und kein ß.",
                f"${{{name[1][:40]}}} holds “{odd}”; names have no letters with accents.",
                "Bitte die Frage in der Spalte name mit ae, oe, ue oder ss schreiben, und hier ebenso.",
                "Write the question's name in the column name with plain letters, and here too.",
            )
        de, en = _HABITS.get(sign, ("Bitte dieses Zeichen entfernen.", "Remove this character."))
        shown = sign if sign.isprintable() else "?"
        return self.wrong(
            "sign", at, f"Das Zeichen {shown} passt hier nicht.", f"The character {shown} does not fit here.", de, en
        )

    # -- parts --

    def whole(self) -> Part:
        """Return the whole formula as a tree; `references` and `parts` are filled then."""
        if not self.tokens:
            raise self.wrong(
                "empty",
                0,
                "Die Formel ist leer.",
                "The formula is empty.",
                "Bitte eine Formel schreiben oder die Zelle leeren.",
                "Write a formula, or clear the cell.",
            )
        root = self.ranked(0)
        if self.next < len(self.tokens):
            raise self.unexpected(self.tokens[self.next])
        return root

    def unexpected(self, token: _Token | None) -> BadInput:
        if token is None:
            return self.wrong(
                "end",
                len(self.source.rstrip()),
                "Die Formel hört zu früh auf.",
                "The formula ends too early.",
                "Bitte Klammern und den letzten Teil prüfen.",
                "Check parentheses and the last part.",
            )
        de, en = _HABITS.get(
            token.text,
            ("Bitte Operator, Komma oder Klammer davor prüfen.", "Check the operator, comma or parenthesis before it."),
        )
        return self.wrong(
            "unexpected",
            token.at,
            f"{token.text[:40]} passt hier nicht.",
            f"{token.text[:40]} does not fit here.",
            de,
            en,
        )

    def peek(self) -> _Token | None:
        return self.tokens[self.next] if self.next < len(self.tokens) else None

    def take(self) -> _Token:
        token = self.peek()
        if token is None:
            raise self.unexpected(None)
        self.next += 1
        return token

    def expect(self, sign: str) -> None:
        token = self.take()
        if token.kind != "sign" or token.text != sign:
            raise self.unexpected(token)

    def ranked(self, rank: int) -> Part:
        """One chain of operators of this rank; the parts between are of the next one."""
        if rank == len(_RANKS):
            return self.signed()
        first = self.ranked(rank + 1)
        rest: list[tuple[str, Part]] = []
        while (token := self.peek()) is not None and token.kind in ("sign", "word") and token.text in _RANKS[rank]:
            self.next += 1
            part = self.ranked(rank + 1)
            if token.text in ("div", "mod") and isinstance(part, Constant) and number_of(part.value) == 0:
                raise self.wrong(
                    "zero",
                    token.at,
                    "Hier wird durch null geteilt.",
                    "This divides by zero.",
                    "Bitte den Teiler ändern.",
                    "Change the divisor.",
                )
            rest.append((token.text, part))
        return Chain(first, tuple(rest), first.at) if rest else first

    def nested(self, at: int) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.wrong(
                "too_deep",
                at,
                f"Die Formel ist tiefer als {MAX_DEPTH} Ebenen geschachtelt.",
                f"The formula is nested deeper than {MAX_DEPTH} levels.",
                "Bitte innere Teile in eigene Zeilen calculate legen.",
                "Put inner parts into rows calculate of their own.",
            )

    def signed(self) -> Part:
        token = self.peek()
        if token is not None and token.kind == "sign" and token.text == "-":
            self.next += 1
            self.nested(token.at)
            part = self.signed()
            self.depth -= 1
            return Negative(part, token.at)
        return self.single()

    def single(self) -> Part:
        token = self.take()
        if token.kind == "number":
            return self.number(token)
        if token.kind == "words":
            return self.words(token)
        if token.kind == "reference":
            return self.reference(token.text, token.at)
        if token.kind == "own":
            return self.itself(token)
        if token.kind == "word":
            return self.call(token)
        if token.text == "(":
            self.nested(token.at)
            inner = self.ranked(0)
            self.expect(")")
            self.depth -= 1
            return inner
        raise self.unexpected(token)

    def number(self, token: _Token) -> Part:
        if len(token.text) > 20 or float(token.text) > MAX_NUMBER:
            raise self.wrong(
                "number",
                token.at,
                "Diese Zahl ist zu lang.",
                "This number is too long.",
                "Bitte höchstens 15 Stellen.",
                "Use at most 15 digits.",
            )
        return Constant(float(token.text), token.at)

    def words(self, token: _Token) -> Part:
        if len(token.text) > _MAX_WORDS + 2:
            raise self.wrong(
                "words",
                token.at,
                f"Dieser Text ist länger als {_MAX_WORDS} Zeichen.",
                f"This text is longer than {_MAX_WORDS} characters.",
                "Bitte kürzen.",
                "Shorten it.",
            )
        return Constant(token.text[1:-1], token.at)

    def reference(self, name: str, at: int) -> Part:
        self.references[name] = None
        return Reference(name, at)

    def itself(self, token: _Token) -> Part:
        if not self.own:
            raise self.wrong(
                "own",
                token.at,
                "Der Punkt steht nur in constraint für die eigene Antwort.",
                "The dot stands for the own answer in constraint only.",
                "Bitte die Frage nennen: ${name}.",
                "Name the question: ${name}.",
            )
        return self.reference(self.own, token.at)

    def call(self, token: _Token) -> Part:
        following = self.peek()
        if following is None or following.text != "(" or following.kind != "sign":
            raise self.wrong(
                "word",
                token.at,
                f"{token.text[:40]} steht hier allein.",
                f"{token.text[:40]} stands alone here.",
                f"Eine Frage wird ${{{token.text[:40]}}} geschrieben, eine Auswahl '{token.text[:40]}'.",
                f"A question is written ${{{token.text[:40]}}}, a choice '{token.text[:40]}'.",
            )
        if token.text not in FUNCTIONS:
            raise self.unknown_function(token)
        self.next += 1
        self.nested(token.at)
        arguments = self.arguments()
        self.depth -= 1
        fewest, most, _ = FUNCTIONS[token.text]
        if not fewest <= len(arguments) <= most:
            count = str(fewest) if fewest == most else f"{fewest}–{most}"
            raise self.wrong(
                "arguments",
                token.at,
                f"{token.text} braucht {count} Argumente, hier sind es {len(arguments)}.",
                f"{token.text} takes {count} arguments, here are {len(arguments)}.",
                "Bitte Kommas und Klammern prüfen.",
                "Check commas and parentheses.",
            )
        return Call(token.text, tuple(arguments), token.at)

    def arguments(self) -> list[Part]:
        following = self.peek()
        if following is not None and following.text == ")" and following.kind == "sign":
            self.next += 1
            return []
        found = [self.ranked(0)]
        while True:
            token = self.take()
            if token.kind == "sign" and token.text == ")":
                return found
            if token.kind != "sign" or token.text != ",":
                raise self.unexpected(token)
            found.append(self.ranked(0))

    def unknown_function(self, token: _Token) -> BadInput:
        close = difflib.get_close_matches(token.text[:40], FUNCTIONS, 1)
        known = ", ".join(FUNCTIONS)
        return self.wrong(
            "function",
            token.at,
            f"Die Funktion {token.text[:40]} gibt es nicht.",
            f"There is no function {token.text[:40]}.",
            (f"Gemeint ist vielleicht {close[0]}. " if close else "") + f"Es gibt: {known}.",
            (f"Perhaps {close[0]} is meant. " if close else "") + f"There are: {known}.",
        )
