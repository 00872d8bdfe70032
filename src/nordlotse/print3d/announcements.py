"""What the room announces, inside the transaction in which it happens; other rooms may listen (`journey` notes a service)."""

from __future__ import annotations

from django.dispatch import Signal

#: Sent with `sender` = the model Part and `key` of the part: its check is done and its result kept just now.
examined = Signal()
