"""Words for what an event is: kind, topic, audience."""

from __future__ import annotations

from nordlotse.foundation.language import Text

KINDS = {
    "talk": Text("Vortrag", "Talk"),
    "workshop": Text("Workshop", "Workshop"),
    "visit": Text("Besuch", "Visit"),
    "consultation_day": Text("Sprechtag", "Consultation day"),
    "working_group": Text("Treffen einer Arbeitsgruppe", "Working group meeting"),
}
TOPICS = {
    "digitalisation": Text("Digitalisierung", "Digitalisation"),
    "iot": Text("Internet der Dinge", "Internet of Things"),
    "print3d": Text("3D-Druck", "3D printing"),
    "industrie40": Text("Industrie 4.0", "Industry 4.0"),
    "business_models": Text("Geschäftsmodelle", "Business models"),
    "funding": Text("Förderung", "Funding"),
    "network": Text("Netzwerk", "Network"),
}
AUDIENCES = {
    "companies": Text("Betriebe", "Companies"),
    "management": Text("Geschäftsführung", "Management"),
    "staff": Text("Beschäftigte", "Employees"),
    "partners": Text("Partner des Netzes", "Partners of the network"),
    "all": Text("alle", "Everybody"),
}
