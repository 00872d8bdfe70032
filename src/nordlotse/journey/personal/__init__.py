"""What the room's tables hold of people, one file per subject."""

from nordlotse.journey.personal import asking, cases, companies, services

__all__ = ["asking", "cases", "companies", "services"]
