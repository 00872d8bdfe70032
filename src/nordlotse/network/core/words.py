"""From free text to terms: sentences, folded stems, parts of compounds, character n-grams, and what is denied."""

from __future__ import annotations

import re
import threading
from functools import lru_cache

import Stemmer

from nordlotse.foundation.german import fold

__all__ = ["GRAM", "LONGEST_TEXT", "claims", "folded_word", "grams", "sentences", "stem", "tokens"]

LONGEST_TEXT = 20_000
"""Characters of a text that are read; profiles and questions are bounded far below by their forms."""

GRAM = 5
"""Length of the character n-grams; best of 4 and 5 on our own development set."""

_WORD = re.compile(r"[^\W_]+")
# "4.0", "3-D", "OPC-UA": what belongs together is told by the taxonomy, here only 3D and 4.0 are kept whole.
_JOINED = ((re.compile(r"\b3[ -]?d\b"), "3d"), (re.compile(r"\b4[.,]0\b"), "40"), (re.compile(r"\b5g\b"), "5g"))
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”“»)]*\s+(?=[\"„«(]*[A-ZÄÖÜ0-9])|[\n\r;•]+|\s[–—-]\s")
_LOCAL = threading.local()

STOP_WORDS = frozenset(
    fold(word)
    for word in """
    der die das den dem des ein eine einer eines einem einen kein keine keiner keines keinem keinen ich du er sie es wir
    ihr mich dich sich uns euch mir dir ihm ihn ihnen mein meine meiner meines meinem meinen sein seine seiner seines
    seinem seinen ihre ihrer ihres ihrem ihren unser unsere unserer unseres unserem unseren euer dieser diese dieses
    diesem diesen jeder jede jedes jedem jeden welcher welche welches man selbst deren dessen denen wer was wen wem wie
    wo wann warum woher wohin womit wofür wobei bin bist ist sind seid war waren gewesen habe hast hat haben hatte hatten
    werde wird werden wurde wurden worden kann können könnte könnten muss müssen müsste soll sollen sollte sollten will
    wollen wollte darf dürfen mag möchte möchten würde würden und oder aber denn sondern doch weil dass wenn als ob damit
    obwohl während sowie weder noch in im an am auf aus bei beim mit nach von vom zu zum zur für durch über unter um vor
    hinter neben zwischen ohne gegen bis seit ab per pro nicht auch nur schon sehr so da dort hier dann also etwa eher
    bereits mal gern gerne viel viele vielen mehr alle allem allen alles andere anderen etwas nichts immer oft manchmal
    meist meistens vor allem rund ums einfach gut gute guten besser neu neue neuen neues ganz ganze
    gibt geht machen macht mache kommen kommt gerade jetzt heute jahr jahre jahren jahres seitdem zwei drei vier fünf
    hilfe helfe helfen hilft frage fragen suchen suche sucht brauchen brauche braucht wissen weiß kenne kennen
    finden findet finde gefunden nennen nennt sagen sagt zeigen zeigt bringen bringt stehen steht laufen läuft nehmen
    nimmt passen passt stellen stellt bekommen bekommt kümmern kümmert freuen lassen lässt bleiben bleibt
    thema themen bereich betrieb betriebe betrieben unternehmen firma firmen kunden arbeit arbeite arbeiten
    berate beraten beratung begleite begleiten unterstütze unterstützen erfahrung schwerpunkt
    the a an of to in on at by for with from as and or but if that this these those it its is are was were be been do
    does did has have had can could will would should may i you he she we they my your his her our their there not no
    how what which who where when why more most very also just about into than then them us me so help need want looking
    company companies firm firms business work working experience years year advise advice support like get
    """.split()  # noqa: SIM905 - words read best side by side
)
"""Words that say nothing of a subject, folded: function words, and what every profile and every question contains."""


def tokens(text: str) -> list[str]:
    """Return the folded words and numbers of `text` that are no stop words, in order."""
    folded = fold(text[:LONGEST_TEXT])
    for pattern, joined in _JOINED:
        folded = pattern.sub(joined, folded)
    return [w for w in _WORD.findall(folded) if w not in STOP_WORDS and (len(w) > 1 or w.isdigit())]


folded_word = lru_cache(maxsize=100_000)(fold)
"""`fold` of one word, remembered: texts repeat their words."""


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Return the German Snowball stem of one folded word; English words lose their plural the same way."""
    stemmer = getattr(_LOCAL, "stemmer", None)
    if stemmer is None:  # one object must not serve several threads at once
        stemmer = _LOCAL.stemmer = Stemmer.Stemmer("german", 0)
    stemmed: str = fold(stemmer.stemWord(word))
    return stemmed


@lru_cache(maxsize=100_000)
def grams(word: str) -> tuple[str, ...]:
    """Return the character 5-grams of one folded word with its edges marked; a short word is one gram."""
    edged = f"<{word}>"
    if len(edged) <= GRAM:
        return (edged,)
    return tuple(edged[i : i + GRAM] for i in range(len(edged) - GRAM + 1))


def sentences(text: str) -> list[str]:
    """Return the sentences and list items of `text` that hold a word."""
    parts = (part.strip() for part in _SENTENCE.split(text[:LONGEST_TEXT]) if part)
    return [part for part in parts if _WORD.search(part)]


# What sounds like a denial and is none.
_NO_DENIAL = re.compile(
    r"nicht (?:nur|zuletzt|selten|umsonst|unbedingt|immer|mehr als|ganz|allein|erst|jeder|jedes|alle)\b"
    r"|kein(?:e|en)? (?:problem|scheu|angst|fachchinesisch|verkaufs\w*|vorkenntnisse|programmier\w*)"
    r"|ohne\b|not only|not just|no problem|not every|not always"
)
_DENIAL = re.compile(
    r"\b(?:nicht|kein\w*|nichts|nie|niemals|not|never|don't|doesn't|isn't|cannot|can't|nothing|no)\b"
    r"|\bausdrucklich ohne\b|\blasse? ich (?:lieber )?die finger\b"
    r"|\buberlass\w*|\bgebe ich (?:gern\w* )?(?:ab|weiter)\b|\bfalsche[rn]? (?:ansprech|adresse|person|frau|mann)\w*"
    r"|\bhande weg\b|\bfinger (?:davon|weg)\b|\bdafur (?:gibt es|haben wir|ist|sind) (?:andere|kolleg\w*|mein\w*)"
    r"|\b(?:bitte|besser|lieber|da(?:fur)?) (?:an |zu |zur |zum )?(?:die |den |meine[nr]? )?kolleg\w*"
    r"|\bjemand ander\w*|\binteressier\w* mich weniger|\bnur vom horensagen|\bwenig(?:er)? (?:erfahrung|ahnung|mein)"
    r"|\bsomeone else\b|\bwrong person\b|\bleave (?:that|this|it)\b"
)
# A denial of somebody's own field, not of a fact: it needs a first person, a subject of competence, or stands first.
_OWN = re.compile(
    r"\b(?:ich|mich|mir|mein\w*|wir|uns|unser\w*|i|me|my|we|our)\b"
    r"|gebiet|thema|fach\b|feld|baustelle|ahnung|erfahrung|kenntnis|zustandig|angebot|expert|fachmann|schwerpunkt|welt\b|ding\b"
)
# "… mit SAP nicht": too short to say whose field it is.
_SHORT_DENIAL = re.compile(r"^(?:\S+ ){1,4}nicht\W*$")
# "Wenn Ihre Anlage nicht läuft" tells when the person helps.
_CONDITION = re.compile(
    r"^(?:und |oder )?(?:wenn|weil|dass|ob|warum|wo|wer|was|sobald|falls|bevor|bis|if|when|because|who|where|why)\b"
)
_I_DO_NOT = re.compile(r"\bich (?:\w+ )?(?:nicht|kein\w*)\b|\bi (?:do not|don't)\b")
# "…, davon verstehe ich nichts": the subject stands before.
_POINTS_BACK = re.compile(
    r"^(?:und |aber )?(?:das|davon|damit|dafur|dazu|darin|darum|darauf|es|ist|sind|gehort|that|this|it|is|those)\b"
)
_EXCEPT = re.compile(r"\b(?:außer|ausser|ausgenommen|except(?: for)?)\b.*$", re.IGNORECASE | re.DOTALL)
_TURN = re.compile(
    r",?\s+(?=(?:aber|sondern|dafür|dafuer|jedoch|hingegen|dagegen|but|however|instead)\b)", re.IGNORECASE
)
_LIST_ITEM_WORDS = 4
_VERBLESS = re.compile(r"\b(?:ich|wir|man|ist|sind|mache|habe|haben|hat|i|we|is|are|have|has)\b")


def _clauses(sentence: str) -> list[str]:
    """The sentence cut at commas; the items of an enumeration stay with the clause before (or after) them."""
    clauses: list[str] = []
    for turn in _TURN.split(sentence):
        start = len(clauses)
        for piece in turn.split(", "):
            short = len(piece.split()) <= _LIST_ITEM_WORDS and not _VERBLESS.search(fold(piece))
            short = short and not _SHORT_DENIAL.search(piece)
            open_list = len(clauses) > start and len(clauses[-1].split()) <= _LIST_ITEM_WORDS
            before_verbless = open_list and not _VERBLESS.search(fold(clauses[-1]))
            if len(clauses) > start and (short or before_verbless):
                clauses[-1] += ", " + piece
            else:
                clauses.append(piece)
    return clauses


def _denies(clause: str) -> bool:
    folded = _NO_DENIAL.sub(" ", fold(clause))
    found = _DENIAL.search(folded)
    if found is None or (_CONDITION.search(folded) and not _I_DO_NOT.search(folded)):
        return False
    return found.start() <= 3 or bool(_OWN.search(folded) or _SHORT_DENIAL.search(folded))


@lru_cache(maxsize=4_000)
def claims(profile: str) -> str:
    """Return what a profile claims: clauses in which the person rules a subject out are left away.

    "Pumpen kenne ich gut, Rechtsfragen mache ich nicht." keeps the pumps only. A clause that denies and names nothing
    itself ("… , davon verstehe ich nichts") takes the rest of its sentence along. When nothing is left, the whole profile
    is returned: better too much than nothing.
    """
    kept: list[str] = []
    for sentence in sentences(profile):
        clauses = _clauses(_EXCEPT.sub("", sentence))
        denied = [_denies(clause) for clause in clauses]
        back = any(no and _POINTS_BACK.search(fold(clause)) for clause, no in zip(clauses, denied, strict=True))
        left = [] if back else [clause for clause, no in zip(clauses, denied, strict=True) if not no]
        if any(left):
            kept.append(", ".join(left))
    return "\n".join(kept) or profile
