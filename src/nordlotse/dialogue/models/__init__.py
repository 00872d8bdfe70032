"""Tables of events and, beside them, of working groups."""

from nordlotse.dialogue.models.events import Event, Feedback, Question, Registration
from nordlotse.dialogue.models.groups import Correction, Decision, Group, GroupMember, Meeting, Post, Task, Topic
from nordlotse.dialogue.models.imports import ImportSource

__all__ = [
    "Correction",
    "Decision",
    "Event",
    "Feedback",
    "Group",
    "GroupMember",
    "ImportSource",
    "Meeting",
    "Post",
    "Question",
    "Registration",
    "Task",
    "Topic",
]
