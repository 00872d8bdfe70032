"""What all pages of the room need: a problem told on the next page, ids as forms send them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

from nordlotse.foundation.problem import BadInput
from nordlotse.office.pages import told


def refuse(request: HttpRequest, problem: BadInput) -> None:
    """Say on the next page what is wrong."""
    messages.error(request, told(request, problem))


def number(text: str | None) -> int:
    """Return the id a form sent, 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 16 else 0
