"""Does the office's work in processes that may be killed: each line of its input is one job, done in a fork of its own.

Called with the database's name. A line is `JOB FAULT ARGUMENT…`, FAULT being `-` or what NORDLOTSE_FAULT takes. Answers each line
with the exit status of the fork (−9: killed); what the job itself has to say comes before it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import timedelta


def say(*words: object) -> None:
    """Write a line at once, also when the process is killed right after."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def write(start: str, number: str) -> None:
    """Write mails, each in a transaction of its own with a log entry beside it; say each key once it is committed."""
    from django.db import transaction

    from nordlotse.office import log, mail

    for n in range(int(start), int(start) + int(number)):
        with transaction.atomic():
            mail.write(f"test:{n}", f"p{n}@b.example", lang="de", subject=f"Mail {n}", text=f"Text {n}")
            log.record("written", "mail", f"test:{n}", "system")
        say("written", f"test:{n}")


def send(port: str) -> None:
    """Send what is due."""
    from dataclasses import replace

    from django.conf import settings

    from nordlotse.office import sending

    settings.CONFIGURATION = replace(settings.CONFIGURATION, smtp_url=f"smtp://127.0.0.1:{port}?starttls=off")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", int(port), False
    sending.CLAIM = timedelta(milliseconds=50)  # only one of these works at a time
    sending.Sender()()


def collect(url: str) -> None:
    """Read the mailbox; each reply becomes a mail in the outbox, as a stand-in for what a room writes."""
    from dataclasses import replace

    from django.conf import settings

    from nordlotse.office import incoming, mail, mailbox

    settings.CONFIGURATION = replace(settings.CONFIGURATION, imap_url=url)
    settings.DEFAULT_FROM_EMAIL = "Zentrum <lotse@centre.example>"

    def keep(reference: str, person: str, text: str, files: object, message_id: str) -> None:
        mail.write(f"taken:{text}", "a@b.example", lang="de", subject=text, text=text)

    incoming.handle("case", keep)
    mailbox.collect()


JOBS: dict[str, Callable[..., None]] = {"write": write, "send": send, "collect": collect}


def work(line: str) -> int:
    """Do one job in a fork and return how it ended."""
    job, fault, *arguments = line.split()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        if fault != "-":
            os.environ["NORDLOTSE_FAULT"] = fault
        JOBS[job](*arguments)
        code = 0
    finally:
        os._exit(code)


def main(database: str) -> None:
    """Work until the input ends."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    say("ready")
    for line in sys.stdin:
        say("ended", work(line))


if __name__ == "__main__":
    main(*sys.argv[1:])
