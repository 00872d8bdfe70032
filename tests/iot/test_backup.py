"""`nordlotse backup` while machines send, `nordlotse restore` elsewhere: every value acknowledged before the backup began is there."""

from __future__ import annotations

import threading
from pathlib import Path

from nordlotse.iot.core.tail import reader
from nordlotse.iot.core.values import Series
from tests.iot.process import Client, Serve, nordlotse
from tests.iot.test_cli import payloads
from tests.iot.test_disk_faults import QUICK
from tests.web.installation import Installation


def test_a_backup_made_while_machines_send_comes_back_with_everything_acknowledged_before(tmp_path: Path) -> None:
    one, two = Installation(tmp_path / "one").set_up(), Installation(tmp_path / "two")
    serve = Serve(one.folder / "iot", QUICK)
    acknowledged = [0]
    ended = threading.Event()

    def send() -> None:
        client = Client(serve.port)
        while not ended.is_set():
            acknowledged[0] += client.publish("Säge/Strom", payloads(acknowledged[0], acknowledged[0] + 200))
        client.close()

    sending = threading.Thread(target=send)
    sending.start()
    try:
        while acknowledged[0] < 2000:
            ended.wait(0.05)
        before = acknowledged[0]
        made = one.run("backup")
    finally:
        ended.set()
        sending.join()
        serve.kill()
    assert made.returncode == 0, made.stderr
    assert acknowledged[0] > before  # they went on sending
    two.folder.mkdir()
    put = two.run("restore", made.stdout.strip())
    assert put.returncode == 0, put.stderr
    data = two.folder / "iot"
    assert nordlotse("verify", "--data", str(data))["ok"]
    again = Serve(data)
    assert again.stop() == 0
    look = reader(data, "local")
    look.look()
    found = look.rows(Series("local", "Säge", "Strom")).value.tolist()
    assert len(found) >= before
    assert found == [k + 0.5 for k in range(len(found))]
    assert nordlotse("verify", "--data", str(data))["ok"]
