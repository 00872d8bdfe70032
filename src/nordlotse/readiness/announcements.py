"""What the room announces, inside the transaction in which it happens; other rooms may listen (`journey` notes a service)."""

from __future__ import annotations

from django.dispatch import Signal

#: Sent with `sender` = the model Round, `key` of the check and `number` of the round: it was finished just now, by its last answer or by a tap.
finished = Signal()
