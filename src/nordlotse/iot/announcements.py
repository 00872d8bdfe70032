"""What the room announces, inside the transaction in which it happens; other rooms may listen (`journey` notes a service)."""

from __future__ import annotations

from django.dispatch import Signal

#: Sent with `sender` = the model Hall and `key` of a company's hall that has a machine now: one was added to it, or it was laid to the company.
shown = Signal()
