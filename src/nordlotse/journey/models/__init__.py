"""Tables of the company's way."""

from nordlotse.journey.models.asking import Inquiry, Operator
from nordlotse.journey.models.cases import AccessRecord, Assignment, Case, Message, PersonVectors, Routing
from nordlotse.journey.models.companies import Company, Consent, Contact, DifferentCompanies, Membership
from nordlotse.journey.models.services import ClosedMonth, CountedMonth, Effect, KeptTally, LaterChange, Service, Target

__all__ = [
    "AccessRecord",
    "Assignment",
    "Case",
    "ClosedMonth",
    "Company",
    "Consent",
    "Contact",
    "CountedMonth",
    "DifferentCompanies",
    "Effect",
    "Inquiry",
    "KeptTally",
    "LaterChange",
    "Membership",
    "Message",
    "Operator",
    "PersonVectors",
    "Routing",
    "Service",
    "Target",
]
