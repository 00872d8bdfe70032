"""The words for what the network's tables hold as codes."""

from __future__ import annotations

from collections.abc import Mapping

from nordlotse.foundation.language import Text
from nordlotse.network.models import Offer, Partner, TagKind

PARTNER_KINDS: Mapping[str, Text] = {
    Partner.Kind.UNIVERSITY.value: Text("Hochschule", "university"),
    Partner.Kind.RESEARCH.value: Text("Forschungseinrichtung", "research institute"),
    Partner.Kind.CHAMBER.value: Text("Kammer", "chamber"),
    Partner.Kind.ASSOCIATION.value: Text("Verband oder Netzwerk", "association or network"),
    Partner.Kind.COMPANY.value: Text("Unternehmen", "company"),
    Partner.Kind.PUBLIC.value: Text("öffentliche Stelle", "public body"),
    Partner.Kind.OTHER.value: Text("sonstige", "other"),
}

OFFER_KINDS: Mapping[str, Text] = {
    Offer.Kind.TALK.value: Text("Vortrag", "talk"),
    Offer.Kind.WORKSHOP.value: Text("Workshop", "workshop"),
    Offer.Kind.CONSULTATION.value: Text("Sprechstunde", "consultation"),
    Offer.Kind.TEST.value: Text("Erproben vor dem Kauf", "test before invest"),
    Offer.Kind.VISIT.value: Text("Besuch vor Ort", "visit"),
    Offer.Kind.DEMONSTRATOR.value: Text("Vorführort", "demonstrator site"),
}

TAG_KINDS: Mapping[str, Text] = {
    TagKind.TOPIC.value: Text("Thema", "topic"),
    TagKind.METHOD.value: Text("Methode", "method"),
    TagKind.SECTOR.value: Text("Branche", "sector"),
}

#: Languages people of the region work in, by their ISO 639 code.
LANGUAGES: Mapping[str, Text] = {
    "de": Text("Deutsch", "German"),
    "en": Text("Englisch", "English"),
    "nds": Text("Plattdeutsch", "Low German"),
    "da": Text("Dänisch", "Danish"),
    "pl": Text("Polnisch", "Polish"),
    "tr": Text("Türkisch", "Turkish"),
    "ru": Text("Russisch", "Russian"),
    "uk": Text("Ukrainisch", "Ukrainian"),
    "ar": Text("Arabisch", "Arabic"),
    "fa": Text("Persisch", "Persian"),
    "fr": Text("Französisch", "French"),
    "es": Text("Spanisch", "Spanish"),
    "it": Text("Italienisch", "Italian"),
    "pt": Text("Portugiesisch", "Portuguese"),
    "nl": Text("Niederländisch", "Dutch"),
    "sv": Text("Schwedisch", "Swedish"),
    "no": Text("Norwegisch", "Norwegian"),
    "fi": Text("Finnisch", "Finnish"),
    "zh": Text("Chinesisch", "Chinese"),
}


def word(of: Mapping[str, Text], code: str) -> Text:
    """Return the words for a code, the code itself where there are none."""
    return of.get(code) or Text(code, code)


#: What stands on a tile of the map: the number plate of the district, in Hamburg the borough's beginning.
TILES: Mapping[str, str] = {
    "02101": "Mitte",
    "02102": "Altona",
    "02103": "Eims.",
    "02104": "Nord",
    "02105": "Wand.",
    "02106": "Berg.",
    "02107": "Harb.",
    "01001": "FL",
    "01002": "KI",
    "01003": "HL",
    "01004": "NMS",
    "01051": "HEI",
    "01053": "RZ",
    "01054": "NF",
    "01055": "OH",
    "01056": "PI",
    "01057": "PLÖ",
    "01058": "RD",
    "01059": "SL",
    "01060": "SE",
    "01061": "IZ",
    "01062": "OD",
    "13003": "HRO",
    "13004": "SN",
    "13071": "MSE",
    "13072": "LRO",
    "13073": "VR",
    "13074": "NWM",
    "13075": "VG",
    "13076": "LUP",
}
