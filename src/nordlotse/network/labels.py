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
