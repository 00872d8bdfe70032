"""Split a text into sentences without changing a character: only offsets are returned."""

from __future__ import annotations

import re

# A full stop after these is not the end of a sentence (lower case, without the dot).
_ABBREVIATIONS = frozenset(
    [
        "abs",
        "abschn",
        "art",
        "bzgl",
        "bzw",
        "ca",
        "chr",
        "co",
        "corp",
        "d",
        "dgl",
        "dipl",
        "dr",
        "e",
        "evtl",
        "f",
        "ff",
        "fig",
        "ggf",
        "h",
        "hr",
        "i",
        "inc",
        "inkl",
        "jr",
        "kap",
        "lit",
        "ltd",
        "m",
        "max",
        "min",
        "mio",
        "mr",
        "mrd",
        "mrs",
        "ms",
        "n",
        "no",
        "nr",
        "o",
        "p",
        "pos",
        "prof",
        "s",
        "sen",
        "sog",
        "st",
        "std",
        "str",
        "tel",
        "u",
        "usw",
        "v",
        "vgl",
        "vol",
        "vs",
        "z",
        "zb",
        "zzgl",
    ]
)
# The look behind keeps a long run of marks from being tried at each of its places.
_END = re.compile(r"(?<![.!?…])[.!?…]+[\"'”“’»)\]]*(?=\s+|$)")
_WORD_BEFORE = re.compile(r"([^\W\d_]+|\d+)$")


def _is_boundary(text: str, stop: int, end: int) -> bool:
    """Tell whether the punctuation at `stop` (ending at `end`) closes a sentence."""
    rest = text[end : end + 40].lstrip()
    if rest and not (rest[0].isupper() or rest[0].isdigit() or rest[0] in "\"'„“»«([-–•"):
        return False
    if text[stop] != "." or "\n" in text[end : end + 2]:
        return True
    before = _WORD_BEFORE.search(text, max(0, stop - 30), stop)
    if before is None:
        return True
    word = before.group(1)
    if word.isdigit():
        return len(word) > 2 or not rest
    if len(word) == 1 and word.isupper():
        return not rest
    return word.lower() not in _ABBREVIATIONS or not rest


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return `(start, end)` of each sentence of `text`, in order, without surrounding white space.

    A line break ends a sentence too (headings, list items). Abbreviations, one- or two-digit numbers with a dot
    (dates, ordinals) and single capitals with a dot do not.
    """
    spans: list[tuple[int, int]] = []
    offset = 0
    for line in text.splitlines(keepends=True):
        _split_line(line, offset, spans)
        offset += len(line)
    return spans


def _split_line(line: str, offset: int, spans: list[tuple[int, int]]) -> None:
    start = 0
    for match in _END.finditer(line):
        if _is_boundary(line, match.start(), match.end()):
            _append(line, start, match.end(), offset, spans)
            start = match.end()
    _append(line, start, len(line), offset, spans)


def _append(line: str, start: int, end: int, offset: int, spans: list[tuple[int, int]]) -> None:
    piece = line[start:end]
    stripped = piece.strip()
    if stripped:
        begin = offset + start + (len(piece) - len(piece.lstrip()))
        spans.append((begin, begin + len(stripped)))
