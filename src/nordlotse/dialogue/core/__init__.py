"""The field's knowledge of events, free of Django: series, calendars in and out, queue, codes, certificates, imports."""

from nordlotse.dialogue.core import calendar_in, indico, pretix
from nordlotse.dialogue.core.atom import feed
from nordlotse.dialogue.core.calendar_out import calendar
from nordlotse.dialogue.core.certificate import Attended, certificate
from nordlotse.dialogue.core.codes import new_code, qr_png, qr_svg, read_code, spoken
from nordlotse.dialogue.core.imported import Reading, Remote
from nordlotse.dialogue.core.queue import free_places, gets_place, moving_up, position
from nordlotse.dialogue.core.series import MAX_DATES, dates
from nordlotse.dialogue.core.values import ZONE, Facts, clean, one_line

__all__ = [
    "MAX_DATES",
    "ZONE",
    "Attended",
    "Facts",
    "Reading",
    "Remote",
    "calendar",
    "calendar_in",
    "certificate",
    "clean",
    "dates",
    "feed",
    "free_places",
    "gets_place",
    "indico",
    "moving_up",
    "new_code",
    "one_line",
    "position",
    "pretix",
    "qr_png",
    "qr_svg",
    "read_code",
    "spoken",
]
