"""A mail that came in, from bytes to what it says: sender, receivers, new words, files. Runs in a confined child process.

Nothing it names is followed or loaded. Whatever is broken in it, what can be read is read; what is built to burst (nested without
end, a header of megabytes) is refused.
"""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import re
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parseaddr
from typing import Any

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.office.core.plain import text_of_html
from nordlotse.office.core.quoting import new_words

#: Largest mail that is read, in bytes; files of 10 MB arrive in base64.
MAX_BYTES = 15 * 1024 * 1024

#: Limits of one mail: bytes of its head, parts, levels, characters of text, files.
MAX_HEAD = 256 * 1024
MAX_PARTS = 100
MAX_DEPTH = 12
MAX_TEXT = 50_000
MAX_FILES = 20

#: A picture inside the text smaller than this is a logo of a signature, in bytes.
_LOGO = 20 * 1024
_MAX_VALUE = 4_000

#: So often the lines that part a mail may come; the parser takes long over very many.
MAX_DELIMITERS = 1_000

_BOUNDARY = re.compile(rb"boundary\s{0,5}=\s{0,5}\"?([^\s\";]{0,70})", re.I)
#: What programs write before the subject of a note that somebody is away; not all of them say so in a header.
_AWAY = re.compile(
    r"(?:automatische (?:antwort|rückmeldung)|abwesenheits(?:notiz|nachricht|meldung|assistent)|abwesend\s?:|"
    r"(?:automatic|auto)[ -]?(?:reply|response)|out[ -]of[ -](?:the[ -])?office)\b",
    re.I,
)
_AUTOMATIC = ("x-autoreply", "x-autorespond", "x-auto-response", "x-failed-recipients", "list-id", "feedback-id")


@dataclass(slots=True)
class _Found:
    """What is collected while walking through the parts."""

    texts: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    files: list[dict[str, str]] = field(default_factory=list)
    dropped: int = 0
    parts: int = 0


def _refused(code: str, de: str, en: str) -> BadInput:
    return BadInput(
        code,
        de=de,
        en=en,
        where="mail",
        remedy_de="Bitte schreiben Sie eine einfache Mail mit Text.",
        remedy_en="Write a simple mail with text.",
    )


def read(name: str, data: bytes) -> dict[str, Any]:
    """Return what a mail says, ready for JSON; `name` is only for the confined reader.

    Keys: `message_id` ("" if it has none), `sender` (address in lower case, "" if unclear), `to` (all addresses it names as
    receivers), `subject`, `automatic` (why it is no person's word, or ""), `failed` (Message-IDs a mail server reports as not
    delivered), `text` (new words only), `files` (name, type, base64), `dropped` (number of parts left out).

    Raises:
        TooLarge: more than 15 MB.
        BadInput: built to burst, or no mail at all (`mail_bomb`, `mail_unreadable`).
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(
            "mail_too_large", de="Die Mail ist größer als 15 MB.", en="The mail is larger than 15 MB.", where="mail"
        )
    head = re.split(rb"\r?\n\r?\n", data[: MAX_HEAD + 4], maxsplit=1)[0]
    boundaries = _BOUNDARY.findall(data)
    if len(head) > MAX_HEAD or len(boundaries) > MAX_PARTS or _delimiters(data, set(boundaries)) > MAX_DELIMITERS:
        raise _refused("mail_bomb", "Die Mail ist ungewöhnlich aufgebaut.", "The mail is built in an unusual way.")
    try:
        said = _said(email.message_from_bytes(data, policy=email.policy.default))
    except RecursionError as error:
        raise _refused(
            "mail_bomb", "Die Mail ist ungewöhnlich aufgebaut.", "The mail is built in an unusual way."
        ) from error
    said["failed"] = _failed(data) if said["automatic"] == "report" else []
    return said


def _failed(data: bytes) -> list[str]:
    """Return the Message-IDs of mails a delivery report (RFC 3464) says have failed; "delayed" is no failure."""
    body = data[data.find(b"\n\n") if b"\r\n\r\n" not in data else data.find(b"\r\n\r\n") :]
    if not re.search(rb"^action:\s{0,5}failed\s*$", body, re.I | re.M):
        return []
    found = re.findall(rb"^message-id:\s{0,5}(<[^<>\s]{3,200}>)\s*$", body, re.I | re.M)
    return [one.decode("ascii", "replace") for one in found[:5]]


def _delimiters(data: bytes, boundaries: set[bytes]) -> int:
    """Return how many lines say that a part begins or ends."""
    return sum(data.count(b"\n--" + boundary) for boundary in boundaries if boundary)


def _said(message: Message) -> dict[str, Any]:
    found = _Found()
    _collect(message, found, 0)
    heads = _heads(message)
    if not heads:
        raise _refused("mail_unreadable", "Das ist keine Mail.", "This is no mail.")
    whole = "\n".join(found.texts) if any(t.strip() for t in found.texts) else "\n".join(map(text_of_html, found.pages))
    return {
        "message_id": _one(heads, "message-id")[:300],
        "sender": _sender(heads),
        "to": _receivers(heads),
        "subject": _decoded(_one(heads, "subject"))[:300],
        "automatic": _automatic(heads, message),
        "text": _clean(new_words(_clean(whole)[: 4 * MAX_TEXT]))[:MAX_TEXT],
        "files": found.files,
        "dropped": found.dropped,
    }


def digest(message_id: str, data: bytes) -> str:
    """Return by what a mail is known again: a hash of its Message-ID, of its bytes if it has none."""
    return hashlib.sha256(message_id.encode("utf-8", "replace") if message_id else data).hexdigest()


# ---- heads ----


def _heads(message: Message) -> dict[str, list[str]]:
    """Return all header values as they came, by lower-case name; the parser of values is slow on long ones, so they are cut."""
    heads: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        plain = re.sub(r"\s+", " ", str(value)[:_MAX_VALUE]).strip()
        heads.setdefault(str(name).lower(), []).append(plain)
    return heads


def _one(heads: dict[str, list[str]], name: str) -> str:
    return heads.get(name, [""])[0]


def _decoded(value: str) -> str:
    try:
        plain = str(make_header(decode_header(value)))
    except (LookupError, ValueError, UnicodeError, AssertionError):
        plain = value
    return " ".join(_clean(plain).split())


def _sender(heads: dict[str, list[str]]) -> str:
    """Return whose mail it is; two senders are as good as none."""
    values = heads.get("from", [])
    address = parseaddr(values[0])[1].lower() if len(values) == 1 else ""
    return address if re.fullmatch(r"[^@\s<>\"(),;:]{1,64}@[^@\s<>\"(),;:]{1,190}", address) else ""


def _receivers(heads: dict[str, list[str]]) -> list[str]:
    values = [
        v for name in ("to", "cc", "delivered-to", "x-original-to", "envelope-to") for v in heads.get(name, [])[:20]
    ]
    return [address.lower()[:320] for _, address in getaddresses(values) if "@" in address][:50]


def _automatic(heads: dict[str, list[str]], message: Message) -> str:
    """Return why a mail is no person's word, "" if it may be one (RFC 3834, 2 and 5; RFC 3464 for reports)."""
    if _one(heads, "auto-submitted").lower().split(";")[0].strip() not in ("", "no"):
        return "auto-submitted"
    if _one(heads, "precedence").lower() in ("bulk", "junk", "list", "auto_reply"):
        return "precedence"
    if message.get_content_type() == "multipart/report" or _one(heads, "return-path") == "<>":
        return "report"
    for name in _AUTOMATIC:
        if name in heads:
            return name
    if _AWAY.match(_decoded(_one(heads, "subject"))):
        return "subject"
    local = _sender(heads).partition("@")[0]
    return "daemon" if re.match(r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply)\b", local) else ""


# ---- parts ----


def _collect(part: Message, found: _Found, depth: int) -> None:
    found.parts += 1
    if depth > MAX_DEPTH or found.parts > MAX_PARTS:
        found.dropped += 1
        return
    kind = _kind(part)
    if part.is_multipart() and not kind.startswith("message/"):
        inner = [p for p in part.get_payload() if isinstance(p, Message)]
        if kind == "multipart/alternative":
            _collect_alternative(inner, found, depth)
        else:
            for child in inner:
                _collect(child, found, depth + 1)
        return
    if part.is_multipart():  # a whole mail inside: nobody asked for that one
        found.dropped += 1
        return
    name, attached = _name(part), part.get_content_disposition() == "attachment"
    if kind in ("text/plain", "text/html") and not attached and not name:
        (found.texts if kind == "text/plain" else found.pages).append(_text(part, kind))
    else:
        _take_file(part, kind, name, found)


def _collect_alternative(inner: list[Message], found: _Found, depth: int) -> None:
    """Of the same words in several forms take the plain ones; files between them are taken from all."""
    before_texts, before_pages = len(found.texts), len(found.pages)
    for child in inner:
        _collect(child, found, depth + 1)
    if any(t.strip() for t in found.texts[before_texts:]):
        del found.pages[before_pages:]
    elif len(found.pages) > before_pages:
        found.texts.extend(text_of_html(page) for page in found.pages[before_pages:])
        del found.pages[before_pages:]


def _kind(part: Message) -> str:
    try:
        return part.get_content_type()
    except (ValueError, LookupError, AttributeError, IndexError):
        return "application/octet-stream"


def _name(part: Message) -> str:
    try:
        return _clean(str(part.get_filename() or ""))[:_MAX_VALUE]
    except (ValueError, LookupError, AttributeError, IndexError, TypeError, UnicodeError):
        return "datei"


def _payload(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AssertionError):
        return b""
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message, kind: str) -> str:
    data = _payload(part)[: 4 * MAX_TEXT if kind == "text/plain" else None]
    try:
        charset = part.get_content_charset() or ""
        flowed = kind == "text/plain" and str(part.get_param("format", "")).lower() == "flowed"
    except (ValueError, LookupError, TypeError, AttributeError, IndexError):
        charset, flowed = "", False
    text = _as_text(data, charset)
    return _unflowed(text) if flowed else text


def _as_text(data: bytes, charset: str) -> str:
    for encoding in (charset if charset not in ("us-ascii", "ascii") else "", "utf-8", "cp1252"):
        try:
            if encoding:
                return data.decode(encoding)
        except (LookupError, ValueError):
            continue
    return data.decode("latin-1")


def _unflowed(text: str) -> str:
    """Join the lines a program broke for the way (RFC 3676, 4): those that end with a blank, unless it is the signature's mark."""
    made: list[str] = []
    join = False
    for line in text.replace("\r\n", "\n").split("\n"):
        if join and made and not line.startswith(">"):
            made[-1] += line.removeprefix(" ")
        else:
            made.append(line)
        join = line.endswith(" ") and line != "-- " and not line.startswith(">")
    return "\n".join(made)


def _take_file(part: Message, kind: str, name: str, found: _Found) -> None:
    content = _payload(part)
    logo = kind.startswith("image/") and part.get("Content-ID") is not None and len(content) < _LOGO
    calendar = kind == "text/calendar" and not name
    if not content or logo or calendar or len(found.files) >= MAX_FILES:
        found.dropped += not logo and not calendar
        return
    found.files.append(
        {"name": name or "datei", "type": kind[:100], "base64": base64.b64encode(content).decode("ascii")}
    )


def _clean(text: str) -> str:
    """Drop control characters, halves of characters, and marks that turn the direction of writing."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]", "", text)
