"""A second process of an installation: holds its memory open and answers each line of its input with JSON.

Called with the database's name and the folder of shipped texts.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(database: str, folder: str) -> None:
    """Answer until the input ends."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from nordlotse.answers.memory import memory
    from tests.answers.small_library import plug_in

    plug_in(Path(folder), setattr)
    memory.current()
    say("ready")
    from nordlotse.answers import queries

    for line in sys.stdin:
        answer = queries.answer(line.strip(), lang="de")
        say(json.dumps({"text": answer.text, "pid": os.getpid()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
