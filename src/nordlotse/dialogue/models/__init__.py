"""Tables of events and, beside them, of working groups."""

from nordlotse.dialogue.models.events import Event, Feedback, Question, Registration
from nordlotse.dialogue.models.imports import ImportSource

__all__ = ["Event", "Feedback", "ImportSource", "Question", "Registration"]
