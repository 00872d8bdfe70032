"""What the columns of a parts list mean: names as companies and their ERP systems write them, and the unit a heading states."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from nordlotse.foundation.language import NOTHING, Text

#: What each column is called on a page, in the order of the template.
LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "part": Text("Teil", "part"),
        "number": Text("Teilenummer", "part number"),
        "file": Text("Datei", "file"),
        "price": Text("Preis heute", "price today"),
        "per": Text("Preis gilt für so viele Stück", "price is for so many pieces"),
        "yearly": Text("Jahresmenge", "yearly quantity"),
        "stock": Text("Bestand", "stock"),
        "lead": Text("Lieferzeit", "lead time"),
        "minimum": Text("Mindestmenge", "least order"),
        "length": Text("Länge", "length"),
        "width": Text("Breite", "width"),
        "height": Text("Höhe", "height"),
        "size": Text("Länge × Breite × Höhe", "length × width × height"),
        "volume": Text("Volumen", "volume"),
        "weight": Text("Gewicht", "weight"),
        "material": Text("Werkstoff", "material"),
    }
)
#: Whole headings, spelt without umlauts, blanks, marks and units.
_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "part": ("teil", "part", "name", "bezeichnung", "benennung", "artikel", "kurztext", "beschreibung", "item"),
        "number": (
            "nummer",
            "nr",
            "number",
            "no",
            "partno",
            "itemno",
            "id",
            "ident",
            "sku",
            "matnr",
            "artnr",
            "teilenr",
        ),
        "file": ("datei", "file", "dateiname", "filename", "cad", "stl", "step", "modell", "model", "zeichnung"),
        "price": ("preis", "price", "today", "heute", "ek", "kosten", "cost", "unitcost"),
        "per": ("pe", "preiseinheit", "priceunit", "priceper"),
        "yearly": (
            "menge",
            "bedarf",
            "verbrauch",
            "quantity",
            "qty",
            "yearly",
            "stueckzahl",
            "jahresstueckzahl",
            "demand",
        ),
        "stock": ("bestand", "stock", "lager", "inventory", "onhand"),
        "lead": ("lieferzeit", "leadtime", "leaddays", "wbz", "lz"),
        "minimum": ("mindestmenge", "minimum", "moq", "minimumorder", "losgroesse"),
        "length": ("laenge", "length", "l", "x"),
        "width": ("breite", "width", "b", "y", "tiefe", "depth"),
        "height": ("hoehe", "height", "h", "z"),
        "size": ("abmessungen", "abmessung", "abmasse", "dimensions", "dimension", "lxbxh", "size"),
        "volume": ("volumen", "volume"),
        "weight": ("gewicht", "weight", "nettogewicht", "bruttogewicht", "mass"),
        "material": ("werkstoff", "material"),
    }
)
#: Words inside a longer heading; the first that fits counts. "" passes a column over that only looks like one of ours.
_INSIDE: tuple[tuple[str, str], ...] = (
    ("mindestbestand", ""),
    ("sicherheitsbestand", ""),
    ("meldebestand", ""),
    ("bestandswert", ""),
    ("lagerort", ""),
    ("lagerplatz", ""),
    ("gesamtpreis", ""),
    ("totalprice", ""),
    ("verkaufspreis", ""),
    ("salesprice", ""),
    ("umsatz", ""),
    ("preiseinheit", "per"),
    ("mindest", "minimum"),
    ("minimumorder", "minimum"),
    ("lieferzeit", "lead"),
    ("wiederbeschaff", "lead"),
    ("leadtime", "lead"),
    ("dateiname", "file"),
    ("cad", "file"),
    ("modell", "file"),
    ("filename", "file"),
    ("werkstoff", "material"),
    ("materialnummer", "number"),
    ("materialnr", "number"),
    ("materialkurztext", "part"),
    ("artikelnummer", "number"),
    ("artikelnr", "number"),
    ("teilenummer", "number"),
    ("teilenr", "number"),
    ("sachnummer", "number"),
    ("sachnr", "number"),
    ("zeichnungsnummer", "number"),
    ("zeichnungsnr", "number"),
    ("identnr", "number"),
    ("identnummer", "number"),
    ("bestellnummer", "number"),
    ("partnumber", "number"),
    ("itemnumber", "number"),
    ("bezeichnung", "part"),
    ("benennung", "part"),
    ("partname", "part"),
    ("description", "part"),
    ("preis", "price"),
    ("price", "price"),
    ("kosten", "price"),
    ("unitcost", "price"),
    ("jahresmenge", "yearly"),
    ("jahresbedarf", "yearly"),
    ("verbrauch", "yearly"),
    ("bedarf", "yearly"),
    ("menge", "yearly"),
    ("stueckjahr", "yearly"),
    ("stkjahr", "yearly"),
    ("quantity", "yearly"),
    ("usage", "yearly"),
    ("demand", "yearly"),
    ("bestand", "stock"),
    ("stock", "stock"),
    ("abmessung", "size"),
    ("gewicht", "weight"),
    ("weight", "weight"),
    ("volumen", "volume"),
    ("laenge", "length"),
    ("breite", "width"),
    ("hoehe", "height"),
)
#: Short words that mean a column wherever they stand in a heading; "" as above.
_SHORT: Mapping[str, str] = MappingProxyType(
    {"ek": "price", "vk": "", "wbz": "lead", "lz": "lead", "moq": "minimum", "pe": "per"}
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})

_UNITS: Mapping[str, tuple[tuple[str, str, float], ...]] = MappingProxyType(
    {
        "length": (
            (r"\bmm\b", "mm", 1.0),
            (r"\bcm\b", "cm", 10.0),
            (r"\bm\b", "m", 1000.0),
            (r"\binch\b|zoll|″", "inch", 25.4),
        ),
        "volume": (
            (r"mm³|mm3|mm\^3", "mm³", 1.0),
            (r"cm³|cm3|cm\^3|\bccm\b|\bml\b", "cm³", 1000.0),
            (r"dm³|dm3|\bl\b|liter|litre", "dm³", 1e6),
        ),
        "weight": ((r"\bkg\b|kilo", "kg", 1000.0), (r"\bg\b|gramm|\bgr\b|gram", "g", 1.0)),
        "lead": (
            (r"arbeitstag|werktag|\bat\b|working day", "AT", 1.4),
            (r"woche|week|\bwo\b|\bkw\b", "Wochen", 7.0),
            (r"monat|month", "Monate", 30.0),
            (r"tag|day", "Tage", 1.0),
        ),
        "yearly": (
            (r"monat|month|mtl", "× 12", 12.0),
            (r"quartal|quarter", "× 4", 4.0),
            (r"woche|week", "× 52", 52.0),
        ),
    }
)
_USUAL: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "length": ("mm", 1.0),
        "volume": ("cm³", 1000.0),
        "weight": ("kg", 1000.0),
        "lead": ("Tage", 1.0),
        "yearly": ("Stück im Jahr", 1.0),
    }
)
_PER = re.compile(r"(?:/|\bje\b|\bpro\b|\bper\b)\s*(10|100|1\.?000)\b")
_FOREIGN = re.compile(r"\$|\busd\b|\bchf\b|\bgbp\b|£|\bpln\b|\bdkk\b|\bsek\b|\bczk\b")
_WORDS = frozenset({"part", "number", "file", "material"})
_ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "Tage": "days",
        "Wochen": "weeks",
        "Monate": "months",
        "AT": "working days",
        "Stück im Jahr": "pieces a year",
        "Stück": "pieces",
    }
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column that was understood: what it means, where it stands, its heading, its unit, and what its figures are multiplied with.

    `assumed`: the heading states no unit, the usual one is taken.
    """

    key: str
    place: int
    heading: str
    unit: Text = NOTHING
    factor: float = 1.0
    assumed: bool = False

    @property
    def label(self) -> Text:
        """Return what the column means, in words."""
        return LABELS[self.key]


def columns(header: Sequence[str]) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """Return the columns that were understood, and the headings that were not and are therefore not used.

    A heading that is one of our words goes before one that only holds such a word.
    """
    bare = [_bare(heading) for heading in header]
    found: dict[str, Column] = {}
    taken: set[int] = set()
    for exact in (True, False):
        for place, heading in enumerate(header):
            key = _meaning(bare[place], heading, exact=exact) if place not in taken and heading else ""
            if key and key not in found and (column := _column(key, place, heading)) is not None:
                found[key] = column
                taken.add(place)
    unused = tuple(heading for place, heading in enumerate(header) if heading and place not in taken)
    return tuple(sorted(found.values(), key=lambda column: column.place)), unused


def names_parts(found: Iterable[Column]) -> bool:
    """Tell whether a list with these columns says which parts it is about."""
    return any(column.key in ("part", "number", "file") for column in found)


def _bare(heading: str) -> str:
    plain = re.sub(r"\(.*?\)|\[.*?\]|€|\beur(?:o)?\b|\bmm\b|\bcm\b", " ", heading.lower()).translate(_UMLAUTS)
    plain = (
        re.sub(r"\b(?:in|heute|netto|aktuell(?:er)?|aktuelle|today|current|net|p\.?\s?a\.?)(?=\W|$)", " ", plain)
        if " " in plain.strip()
        else plain
    )
    return re.sub(r"[^a-z]", "", plain)


def _meaning(bare: str, heading: str, *, exact: bool) -> str:
    if exact:
        return next((key for key, names in _NAMES.items() if bare in names), "")
    words = re.findall(r"[a-zäöüß]+", heading.lower())
    if (short := next((word for word in words if word in _SHORT), None)) is not None:
        return _SHORT[short]
    return next((key for word, key in _INSIDE if word in bare), "")


def _column(key: str, place: int, heading: str) -> Column | None:
    low = heading.lower()
    if key in _WORDS or key == "per":
        return Column(key, place, heading)
    if key == "price":
        if _FOREIGN.search(low):
            return None
        cents = re.search(r"\bcent\b|\bct\b", low)
        per = _PER.search(low)
        pieces = int(per.group(1).replace(".", "")) if per else 1
        unit = "Cent" if cents else "EUR"
        many = (
            Text(f"{unit} je {pieces} Stück", f"{unit} per {pieces} pieces")
            if per
            else Text(f"{unit} je Stück", f"{unit} per piece")
        )
        return Column(key, place, heading, many, (0.01 if cents else 1.0) / pieces)
    kind = "length" if key in ("length", "width", "height", "size") else key
    for pattern, unit, factor in _UNITS.get(kind, ()):
        if re.search(pattern, low):
            return Column(key, place, heading, _said(unit), factor)
    unit, factor = _USUAL.get(kind, ("Stück", 1.0))
    return Column(key, place, heading, _said(unit), factor, assumed=kind in ("length", "volume", "weight", "lead"))


def _said(unit: str) -> Text:
    return Text(unit, _ENGLISH.get(unit, unit))
