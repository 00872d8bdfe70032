"""What the room announces, inside the transaction in which it happens; `journey` counts services from it.

Each signal is sent with `sender` = the model class and one keyword argument named below.
"""

from __future__ import annotations

from django.dispatch import Signal

#: `registration`: somebody has a place or a position on the waiting list.
registered = Signal()
#: `registration`: somebody was checked in at the event (once per registration).
checked_in = Signal()
#: `registration`: a check-in was taken back.
checked_out = Signal()
#: `event`: an event was called off.
cancelled = Signal()
#: `meeting`: minutes of a working group were published.
minuted = Signal()
#: `event`: another system has told how many people came to an imported event (`event.attended_elsewhere`).
counted = Signal()
