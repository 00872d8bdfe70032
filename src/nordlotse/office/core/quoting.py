"""The new words of a reply: without the mail it quotes, without the signature below.

There is no standard for how mail programs quote; the marks here are those of Thunderbird, Outlook, Gmail, Apple Mail and the web
mailers of GMX, Web.de and T-Online, in German and English.
"""

from __future__ import annotations

import re

#: "Am 23.11.2026 um 10:00 schrieb …:", "On Mon, 23 Nov 2026 … wrote:"; it may run over three lines.
_SAYS = re.compile(
    r"^(?:am\s.{4,200}\bschrieb\b.{0,200}:|on\s.{4,250}\bwrote:|(?:von|from):.{1,200}\bgesendet\b.{0,100})\s*$", re.I
)
_SEPARATOR = re.compile(
    r"^\s*(?:-{2,}\s*(?:urspr(?:ü|ue|=FC)ngliche (?:nachricht|e-?mail)|original(?:nachricht| message)?|weitergeleitete nachricht|"
    r"forwarded message|antwort)\s*-{2,}|_{20,}|begin forwarded message:|anfang der weitergeleiteten nachricht:)\s*$",
    re.I,
)
_HEAD = re.compile(r"^\*?(?:von|from|absender)\s?:\*?\s?\S", re.I)
_HEAD_MORE = re.compile(r"^\*?(?:gesendet|sent|datum|date|an|to|betreff|subject|cc)\s?:\*?\s?", re.I)
_SIGNATURE = re.compile(r"^-- ?$")
_PHONE = re.compile(
    r"^(?:von meinem (?:iphone|ipad|smartphone|handy|samsung\S*|android\S*).{0,40}gesendet|gesendet (?:von|mit|aus) .{2,80}|"
    r"sent (?:from|with|via) .{2,80}|diese nachricht wurde von meinem .{2,60}|get outlook for .{2,20}|"
    r"holen sie sich outlook f(?:ü|ue)r .{2,20})\.?$",
    re.I,
)


#: So many lines of a question are kept above an answer that stands below it.
_QUESTION_LINES = 4


def new_words(text: str) -> str:
    """Return what somebody wrote anew; empty if everything is quotation.

    Where answers stand between quoted lines, the lines each one answers are kept as "> …".
    """
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept = _without_signature(_without_original(lines))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _asked_before(quoted: list[str]) -> list[str]:
    """Return the end of a quotation that an answer stands below: up to four lines, none that holds a link or an address."""
    kept: list[str] = []
    for line in reversed(quoted):
        words = line.lstrip("> ").strip()
        if not words and kept:
            break
        if "://" in words or "@" in words or len(kept) == _QUESTION_LINES:
            return []
        if words:
            kept.insert(0, line)
    return kept


def _stand_between(lines: list[str]) -> bool:
    """Tell whether answers stand between what is quoted: a quotation, words below it, and a quotation again."""
    kinds = ["q" if line.lstrip().startswith(">") else "w" for line in lines if line.strip()]
    return "qwq" in re.sub(r"(.)\1+", r"\1", "".join(kinds))


def _without_original(lines: list[str]) -> list[str]:
    kept: list[str] = []
    quoted: list[str] = []
    between = _stand_between(lines)
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.lstrip().startswith(">"):
            quoted.append(line)
            at += 1
            continue
        if quoted and line.strip():
            if between and _is_new(lines, at):
                kept += ["", *_asked_before(quoted), ""]
            quoted = []
        length = _says(lines, at)
        if length:
            if _next(lines, at + length).startswith(">"):  # answers may stand between what is quoted
                at += length
                continue
            break
        if _SEPARATOR.match(line) or _is_head(lines, at):
            break
        kept.append(line)
        at += 1
    return kept


def _is_new(lines: list[str], at: int) -> bool:
    return not (_says(lines, at) or _SEPARATOR.match(lines[at]) or _is_head(lines, at) or _SIGNATURE.match(lines[at]))


def _says(lines: list[str], at: int) -> int:
    """Return over how many lines (0 to 3) the sentence runs that announces a quotation."""
    if not re.match(r"(?:am|on|von|from)\b", lines[at], re.I):
        return 0
    for length in (1, 2, 3):
        if _SAYS.match(" ".join(line.strip() for line in lines[at : at + length])[:600]):
            return length
    return 0


def _next(lines: list[str], at: int) -> str:
    return next((line.lstrip() for line in lines[at:] if line.strip()), "")


def _is_head(lines: list[str], at: int) -> bool:
    """Tell Outlook's block of "Von: … Gesendet: … An: … Betreff: …"."""
    if not _HEAD.match(lines[at]):
        return False
    following = [line for line in lines[at + 1 : at + 8] if line.strip()][:4]
    return sum(bool(_HEAD_MORE.match(line)) for line in following) >= 2


def _without_signature(lines: list[str]) -> list[str]:
    for at, line in enumerate(lines):
        if _SIGNATURE.match(line):
            return lines[:at]
    end = len(lines)
    while end and (not lines[end - 1].strip() or _PHONE.match(lines[end - 1].strip())):
        end -= 1
    return lines[:end]
