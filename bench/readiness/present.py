"""Looks, in a process of its own, whether acknowledged answers are there: checks with answers on stdin as JSON, what is missing on stdout."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nordlotse.web.settings")


def _same(kept: Any, said: str) -> bool:
    """Compare a stored answer with the field that was sent: numbers are stored as numbers, several choices as a list."""
    if isinstance(kept, list):
        return kept == ([] if said == "none_of_these" else [said])
    return str(kept) == said


def main() -> None:
    """Compare what was acknowledged with what the database holds."""
    import django

    django.setup()
    from nordlotse.readiness.models import Sheet

    said: dict[str, dict[str, Any]] = json.load(sys.stdin)
    sheets = {s.round.check_of_id: s.answers for s in Sheet.objects.filter(lead=True).select_related("round")}
    missing = 0
    for key, answers in said.items():
        kept = sheets.get(key, {})
        # What was kept from a travelling form came as values, what a page said came as fields.
        missing += sum(
            name not in kept or not (kept[name] == value or _same(kept[name], str(value)))
            for name, value in answers.items()
        )
        missing += key not in sheets
    count = sum(len(answers) for answers in said.values())
    sys.stdout.write(json.dumps({"checks": len(said), "answers": count, "missing": missing}))


if __name__ == "__main__":
    main()
