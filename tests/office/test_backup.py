"""Backup and restore with files and mails: every row has its bytes again, and nothing is sent a second time by itself."""

from __future__ import annotations

import json
import threading

from tests.web.test_backup import Make, _backup, _python, make, server

__all__ = ["make", "server"]

#: Keeps files until it is killed and removes every second one, as people do.
KEEPING = """
import django; django.setup()
from django.db import transaction
from nordlotse.office import files, mail
mail.write("test:1", "a@b.example", lang="de", subject="waits", text="waits")
for n in range(100_000):
    with transaction.atomic():
        made = files.keep(b"%PDF-" + bytes([n % 256]) * 2000, name=f"{n}.pdf", media_type="application/pdf", room="t", reference=n)
    if n % 2:
        with transaction.atomic(): files.remove(made)
    print(n, flush=True)
"""

#: Says of each row whether its bytes are there and right, and how the mail stands.
LOOKING = """
import django, hashlib, json; django.setup()
from nordlotse.office import files
from nordlotse.office.models import OutgoingMail, StoredFile
def state(f):
    place = files.path_of(f)
    return "gone" if not place.exists() else "right" if hashlib.sha256(place.read_bytes()).hexdigest() == f.sha256 else "wrong"
print(json.dumps([[state(f) for f in StoredFile.objects.all()], list(OutgoingMail.objects.values_list("state", "error"))]))
"""


def test_a_backup_made_while_files_come_and_go_gives_every_row_its_bytes_again(make: Make) -> None:
    one = make("one").set_up()
    keeper = _python(one, KEEPING)
    assert keeper.stdout is not None
    for _ in range(20):
        keeper.stdout.readline()
    drain = threading.Thread(target=keeper.stdout.read)
    drain.start()
    archive = _backup(one)
    keeper.kill()
    keeper.wait()
    drain.join()
    keeper.stdout.close()
    two = make("two")
    two.folder.mkdir()
    restored = two.run("restore", str(archive))
    assert restored.returncode == 0, restored.stderr
    states, mails = json.loads(_python(two, LOOKING).communicate(timeout=60)[0].splitlines()[-1])
    assert len(states) >= 10
    assert set(states) <= {"right", "gone"}
    # At most the one whose removal fell between the copy of the database and that of the files.
    assert states.count("gone") <= 1
    assert mails == [["failed", "restored"]]
    assert "1 mails that waited" in restored.stderr
