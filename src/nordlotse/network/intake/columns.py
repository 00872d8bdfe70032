"""Which columns the three tables have, under which spellings; how a cell becomes a value says `cells`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nordlotse.foundation.german import fold
from nordlotse.network.intake.cells import (
    Reader,
    code,
    days,
    district,
    languages,
    line,
    mail,
    names,
    number,
    sites,
    state,
    states,
    switch,
    tag,
    tags,
    text,
    web,
)

__all__ = ["OFFERS", "PARTNERS", "PEOPLE", "TABLES", "Column", "key_of"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, other spellings of it, the field it fills, how a cell is read, what empties it."""

    name: str
    other: tuple[str, ...]
    field: str
    read: Reader
    empty: Any = ""
    required: bool = False
    example: str = ""


def key_of(heading: str) -> str:
    """Return a heading as it is compared: folded, without what stands in brackets, letters and digits only."""
    return re.sub(r"[^a-z0-9]+", "", fold(re.sub(r"\(.*?\)|\*", "", heading)))


PARTNERS = (
    Column("Partner", ("Name", "Organisation"), "name", line(200), required=True, example="Hochschule Beispielstadt"),
    Column("Kürzel", ("Slug", "ID"), "slug", line(60), example="hs-beispielstadt"),
    Column("Art", ("Kind", "Type", "Typ"), "kind", code("partner_kind"), example="Hochschule"),
    Column("Land", ("Bundesland", "State"), "state", state, example="SH"),
    Column("Kreis", ("Landkreis", "District", "Kreis oder Bezirk"), "district", district, example="Nordfriesland"),
    Column("Standorte", ("Sites", "Orte"), "sites", sites, [], example="Husum | Rostock (13003)"),
    Column(
        "Profil deutsch", ("Profil", "Profile German"), "profile_de", text(3000), example="Was Sie tun und für wen."
    ),
    Column(
        "Profil englisch", ("Profile", "Profile English"), "profile_en", text(3000), example="What you do, for whom."
    ),
    Column("Website", ("Web", "Internet", "URL"), "website", web, example="https://www.example.org"),
    Column("Mail", ("E-Mail", "Email", "Mailadresse"), "mail", mail, example="zentrum@example.org"),
    Column("Neutral", ("Anbieterneutral",), "neutral", switch, True, example="ja"),
    Column("Öffentlich", ("Sichtbar", "Visible", "Public"), "visible", switch, False, example="nein"),
)

PEOPLE = (
    Column("Partner", ("Organisation",), "partner", line(200), required=True, example="Hochschule Beispielstadt"),
    Column("Name", ("Person",), "name", line(120), required=True, example="Alex Beispiel"),
    Column("Aufgabe", ("Rolle", "Funktion", "Role"), "role", line(120), example="Labor für 3D-Druck"),
    Column("Mail", ("E-Mail", "Email", "Mailadresse"), "mail", mail, example="alex@example.org"),
    Column("Telefon", ("Phone", "Tel"), "phone", line(40), example="0431 000000"),
    Column("Sprachen", ("Languages", "Sprache"), "languages", languages, [], example="Deutsch | Englisch"),
    Column("Themen", ("Topics", "Thema"), "topics", tags("topic"), []),
    Column("Methoden", ("Methods", "Methode"), "methods", tags("method"), []),
    Column("Branchen", ("Sectors", "Branche"), "sectors", tags("sector"), []),
    Column("Profil", ("Profile", "Beschreibung"), "profile", text(3000), example="Womit Sie Betrieben helfen."),
    Column("Land", ("Bundesland", "State"), "state", state, example="SH"),
    Column("Kreis", ("Landkreis", "District"), "district", district, example="Nordfriesland"),
    Column("Nur in Ländern", ("Einsatzländer", "States"), "states", states, [], example="SH | HH"),
    Column("Fälle im Monat", ("Kapazität", "Capacity"), "capacity", number, 0, example="2"),
    Column("Vertretung", ("Cover",), "cover", line(254), example=""),
    Column("Nicht für", ("Ausgeschlossen", "Befangen", "Excluded"), "excluded", names, [], example=""),
    Column("Öffentlich", ("Sichtbar", "Visible", "Public"), "visible", switch, False, example="nein"),
)

OFFERS = (
    Column("Partner", ("Organisation",), "partner", line(200), required=True, example="Hochschule Beispielstadt"),
    Column(
        "Titel", ("Titel deutsch", "Title German"), "title_de", line(150), required=True, example="Druckteile prüfen"
    ),
    Column("Art", ("Angebotsart", "Kind", "Type"), "kind", code("offer_kind"), required=True, example="Workshop"),
    Column("Titel englisch", ("Title", "Title English"), "title_en", line(150), example="Checking printed parts"),
    Column("Person", ("Durch",), "person", line(254), example="alex@example.org"),
    Column("Text deutsch", ("Text", "Beschreibung"), "text_de", text(2000), example="Was Betriebe mitnehmen."),
    Column("Text englisch", ("Text English",), "text_en", text(2000), example="What companies take home."),
    Column("Thema", ("Topic",), "topic", tag("topic")),
    Column("Sprachen", ("Languages",), "languages", languages, [], example="Deutsch"),
    Column("Ort", ("Place",), "place", line(100), example="Husum"),
    Column("Kreis", ("Landkreis", "District"), "district", district, example="Nordfriesland"),
    Column("Geräte", ("Ausstattung", "Equipment"), "equipment", text(1000), example="Lasersinteranlage"),
    Column("Besuchstage", ("Tage", "Days", "Visit days"), "days", days, [], example="03.12.2026 10:00-12:00"),
)

#: The three tables in the order in which they are taken over, by the name of their template.
TABLES: Mapping[str, tuple[Column, ...]] = {"partner": PARTNERS, "personen": PEOPLE, "angebote": OFFERS}
