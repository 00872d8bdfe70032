"""What the room announces, inside the transaction in which it happens; services and effect listen (`receivers.py`).

Each signal is sent with `sender` = the model class and one keyword argument named below.
"""

from __future__ import annotations

from django.dispatch import Signal

#: `case`: a case was opened; `check`, `part`, `hall`: the key of the readiness check, of the checked part or of the hall whose result
#: came along, "" for none.
opened = Signal()
#: `message`, `channel` ("page", "mail" or "phone"), `minutes` (of a call, None if not said): an expert or the centre has answered
#: the company (a message both see).
replied = Signal()
#: `case`: a case was closed, with its outcome.
closed = Signal()
#: `case`: a closed case is open again.
reopened = Signal()
