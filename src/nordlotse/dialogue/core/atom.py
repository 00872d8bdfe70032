"""Events as an Atom feed (RFC 4287): what is new, for a reader or another site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

from nordlotse.dialogue.core.values import Facts

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
_SPACE = "http://www.w3.org/2005/Atom"
_EMPTY = datetime(2000, 1, 1, tzinfo=UTC)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _add(parent: Xml.Element, name: str, text: str = "", **attributes: str) -> Xml.Element:
    child = Xml.SubElement(parent, f"{{{_SPACE}}}{name}", attributes)
    child.text = text or None
    return child


def feed(events: Sequence[Facts], *, title: str, address: str, page: str, author: str, host: str, lang: str) -> bytes:
    """Return the feed. `address` is its own address, `page` the list of events for people."""
    Xml.register_namespace("", _SPACE)
    root = Xml.Element(f"{{{_SPACE}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": lang})
    _add(root, "id", address)
    _add(root, "title", title)
    _add(root, "updated", _moment(max((e.changed_at for e in events), default=_EMPTY)))
    _add(root, "link", rel="self", type="application/atom+xml", href=address)
    _add(root, "link", rel="alternate", type="text/html", href=page)
    _add(_add(root, "author"), "name", author)
    for event in events:
        entry = _add(root, "entry")
        _add(entry, "id", f"urn:nordlotse:{host}:{event.uid}")
        _add(entry, "title", event.title)
        _add(entry, "updated", _moment(event.changed_at))
        _add(entry, "link", rel="alternate", type="text/html", href=event.address)
        _add(entry, "summary", event.text, type="text")
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))
