"""What the office erases when its day has come; the worker does it every hour."""

from __future__ import annotations

from nordlotse.office import files, incoming, links, sending


def erase_expired() -> dict[str, int]:
    """Erase what is past its day; return how many of each."""
    return {
        "mails": sending.erase(),
        "action_links": links.erase_expired(),
        "incoming": incoming.erase_expired(),
        "files_without_row": files.remove_orphans(),
    }
