"""How much of the disk parts and lists may take together: a setting of the operator."""

from __future__ import annotations

from django.conf import settings

from nordlotse.foundation.problem import NotAvailable
from nordlotse.print3d.queries import parts


def check_room(size: int) -> None:
    """Refuse `size` more bytes where the share for parts is used up.

    Raises:
        NotAvailable: `parts_disk`.
    """
    if parts.bytes_kept() + size > settings.CONFIGURATION.part_disk:
        raise NotAvailable(
            "parts_disk",
            de="Für weitere Teile ist gerade kein Platz.",
            en="There is no space for further parts just now.",
            where="upload",
            remedy_de="Ältere Teile werden jeden Tag gelöscht; bitte versuchen Sie es morgen wieder.",
            remedy_en="Older parts are deleted every day; try again tomorrow.",
        )
