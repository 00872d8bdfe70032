"""Web and worker processes are killed with SIGKILL again and again while people write; then everything is counted.

Half of the kills come at random times (a web process, the web server above it, the worker), half at the program's named points
between an effect and what makes it known (`reach("…")` in the source): the whole installation runs with NORDLOTSE_FAULT=POINT:N, so
each process dies at its Nth visit, is started again by `nordlotse start`, and dies again, until the point has had its share. When a
point has had it, the installation itself is killed with everything below it, and started anew.

Afterwards: every acknowledged write is there, none twice, none by half (row, mail, log entry belong together); each mail arrived, at
most once more than once per kill, never without its row, under the same Message-ID; the log's chain is whole.
`python -m bench.journey.kills [COUNT]` (default 200 on SQLite, a quarter of that on PostgreSQL).
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests import postgres
from tests.conftest import ROOT
from tests.office.imap_server import ImapServer
from tests.office.mail_server import MailServer
from tests.web.installation import Installation, alive

from bench.journey.inside import python
from bench.journey.writers import Said, Writer

COUNT = 200
WRITERS = 8

#: So long one point may take to have its share: each death costs a start, and a busy machine starts slowly.
PATIENCE = 300.0

#: Points the writers and the worker come by. A group shares a life of the installation: one point for the web processes, where the
#: rarer of two would never be reached alive, and one for the worker.
GROUPS = (
    ("journey.open.after", "mail-accepted"),
    ("dialogue.register.before_commit", "incoming-handled"),
    ("journey.services.confirm.before", "mail-claimed"),
    ("journey.services.confirm.after", "mail-marked"),
    ("dialogue.register.after_commit", "incoming-committed"),
    ("journey.open.before",),
    ("file-written",),
    ("journey.say.before",),
    ("journey.say.after",),
    ("mail-enqueued",),
    ("log-appended",),
)
DRIVEN = tuple(point for group in GROUPS for point in group)

_POINT = re.compile(r"""\breach\(f?"([^"]+)"\)""")
_WRITTEN = re.compile(r"""\bwritten\("([^"]+)"\)""")


def _of_worker(point: str) -> bool:
    """Tell whether the worker comes by a point; of the web processes' points it may meet those of the outbox and the log."""
    return point.startswith("incoming-") or point in ("mail-claimed", "mail-accepted", "mail-marked")


def points() -> list[str]:
    """Return every named point of the program, read from its source."""
    texts = [path.read_text("utf-8") for path in sorted((ROOT / "src").rglob("*.py"))]
    found = {point for text in texts for point in _POINT.findall(text)}
    names = {name for text in texts for name in _WRITTEN.findall(text)}
    made = {point.replace("{name}", name) for point in found for name in (sorted(names) if "{name}" in point else [""])}
    return sorted(made)


@dataclass
class Kills:
    """Who was killed how often."""

    at_random: Counter[str] = field(default_factory=Counter)
    at_points: Counter[str] = field(default_factory=Counter)
    whole: int = 0

    @property
    def number(self) -> int:
        """Kills of web and worker processes, without those of the whole installation."""
        return self.at_random.total() + self.at_points.total()


def _below(process: int) -> dict[int, int]:
    """Return every process below one, by number, with its parent."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found, layer = {}, {process}
    while layer := {p for p, parent in parents.items() if parent in layer}:
        found.update({p: parents[p] for p in layer})
    return found


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


class Killing:
    """One installation with its writers, and the hand that kills."""

    def __init__(self, place: Path, mails: MailServer, box: ImapServer, environment: dict[str, str]) -> None:
        self.hits_file = place / "hits"
        self.one = Installation(
            place / "data",
            NORDLOTSE_RATE_LIMIT="off",
            NORDLOTSE_SMTP_URL=mails.url,
            NORDLOTSE_IMAP_URL=box.url,
            NORDLOTSE_FAULT_HITS=str(self.hits_file),
            **environment,
        ).set_up()
        self.box, self.kills, self.said = box, Kills(), Said()
        self.chance = random.Random(20261123)
        self.writing = threading.Event()
        self.replies = 0
        self.world: dict[str, Any] = {}
        self.writers: list[Writer] = []

    def prepare(self, count: int) -> None:
        """Fill the installation and let the writers wait at the door."""
        self.world = python(self.one, "bench.journey.seed", str(WRITERS), str(max(200, 15 * count)))
        services: deque[int] = deque(self.world["services"])
        self.writers = [Writer(n, self.one.port, self.world, services, self.said, self.writing) for n in range(WRITERS)]
        for writer in self.writers:
            writer.start()

    def start(self, fault: str = "", replies: int = 8) -> None:
        """Start the installation, with replies in the mailbox."""
        for _ in range(replies):
            self._reply()
        self.one.environment["NORDLOTSE_FAULT"] = fault
        self.one.start()

    def live(self) -> None:
        """Start the installation and let the people write as soon as it answers."""
        self.start()
        self.one.wait_ready()
        self.writing.set()

    def _reply(self) -> None:
        """Put an expert's reply to a case into the mailbox."""
        member = self.world["users"][self.replies % len(self.world["users"])]
        mark = "marke" + "".join(chr(ord("a") + int(d)) for d in str(self.replies))
        self.replies += 1
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = member["expert"], member["reply"], "Re: Fall"
        mail["Message-ID"] = f"<{mark}@kill.example>"
        mail.set_content(f"Antwort {mark}")
        self.box.box.put(mail.as_bytes())
        self.said.sent["reply"].append(mark)

    def settle(self) -> None:
        """Let the people finish what they have begun; they are patient."""
        self.writing.clear()
        end = time.monotonic() + 240
        while any(w.busy for w in self.writers) and time.monotonic() < end:
            time.sleep(0.2)

    def at_random(self, count: int) -> None:
        """Kill at random times, web processes mostly, the server above them and the worker too."""
        self.live()
        while self.kills.at_random.total() < count:
            time.sleep(self.chance.uniform(0.1, 1.2))
            who = self.chance.choices(("web process", "web server", "worker"), (13, 1, 6))[0]
            process = self._find(who)
            if process is None:
                continue  # it is just being started again
            os.kill(process, signal.SIGKILL)
            self.kills.at_random[who] += 1
            if who == "web server":
                self.one.wait_ready()
        self.one.wait_ready()
        self.settle()
        self.one.stop()

    def _find(self, who: str) -> int | None:
        assert self.one.process is not None
        top = self.one.process.pid
        found = _below(top)
        servers = [p for p, parent in found.items() if parent == top and "gunicorn" in _command(p)]
        workers = [p for p, parent in found.items() if parent == top and "cli worker" in _command(p)]
        forks = [p for p, parent in found.items() if parent in servers and "gunicorn" in _command(p)]
        fitting = {"web server": servers, "worker": workers, "web process": forks}[who]
        return self.chance.choice(fitting) if fitting else None

    def at_points(self, count: int) -> None:
        """Let processes die at the named points until each, and all together, had their share."""
        for number, group in enumerate(GROUPS):
            left = count - self.kills.at_points.total()
            points_left = sum(len(g) for g in GROUPS[number:])
            share = -(-left // points_left)
            if share <= 0:
                return
            self._at(group[:left], share)

    def _at(self, group: Sequence[str], share: int) -> None:
        self.hits_file.unlink(missing_ok=True)
        # The worker looks into the mailbox when it starts: each life must find a reply that none before it has taken in.
        replies = any(point.startswith("incoming-") for point in group)
        # Not at the first visit: a form sent again would be killed again for ever.
        fault = ",".join(
            f"{p}:{self.chance.randint(1, 2) if _of_worker(p) else self.chance.randint(2, 4)}" for p in group
        )
        self.start(fault, replies=4 * share if replies else 4)
        self.writing.set()  # whoever finds nobody there tries again
        end = time.monotonic() + PATIENCE
        while min(self._hits()[point] for point in group) < share and time.monotonic() < end:
            time.sleep(0.05)
        self._kill_whole()
        self.kills.at_points += self._hits()

    def _hits(self) -> Counter[str]:
        return Counter(self.hits_file.read_text("utf-8").splitlines() if self.hits_file.exists() else ())

    def _kill_whole(self) -> None:
        """Kill the installation with all its processes at once, as if somebody had pulled the plug."""
        assert self.one.process is not None
        everybody = [self.one.process.pid, *_below(self.one.process.pid)]
        for process in everybody:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.one.process.wait(30)
        while any(alive(process) for process in everybody):
            time.sleep(0.05)
        self.one.process = None
        self.kills.whole += 1

    def finish(self) -> dict[str, Any]:
        """Let everybody come to an end without any fault, and judge."""
        self.live()
        self.settle()
        for writer in self.writers:
            writer.over.set()
        for writer in self.writers:
            writer.join(30)
        self.one.stop()
        return python(self.one, "bench.journey.aftermath", given={"done": self.said.done, "sent": self.said.sent})


def judge(killing: Killing, found: dict[str, Any], arrived: Counter[str], database: str) -> dict[str, Any]:
    """Put together what was promised and what is there."""
    ids = [message_id for message_id, _ in found["outbox"]]
    at_worker = killing.kills.at_random["worker"] + killing.kills.whole
    at_worker += sum(n for point, n in killing.kills.at_points.items() if _of_worker(point) or point == "log-appended")
    extra = sum(number - 1 for number in arrived.values())
    result = {
        "database": database,
        "kills": killing.kills,
        "writes": found["writes"],
        "acknowledged": {kind: len(marks) for kind, marks in killing.said.done.items()}
        | {"reply": len(killing.said.sent["reply"])},
        "sent_again": killing.said.again,
        "answers": dict(killing.said.wrong),
        "mails": len(ids),
        "mails_not_sent": sum(1 for _, state in found["outbox"] if state != "sent"),
        "mails_lost": len(set(ids) - set(arrived)),
        "mails_unknown": len(set(arrived) - set(ids)),
        "mails_twice": extra,
        "most_copies": max(arrived.values(), default=0),
        "rows_doubled": len(ids) - found["keys"],
        "log_entries": found["log"][0],
        "log_broken_at": found["log"][1],
    }
    wrong = sum(value for row in found["writes"].values() for value in row.values())
    result["kept"] = not (
        wrong
        or result["mails_not_sent"]
        or result["mails_lost"]
        or result["mails_unknown"]
        or result["rows_doubled"]
        or result["log_broken_at"]
        or result["most_copies"] > 2
        or extra > at_worker
        or any(" 5" in answer for answer in result["answers"])
    )
    return result


def run(database: str, count: int, **environment: str) -> dict[str, Any]:
    """Kill `count` times on one database and return what is there afterwards; `kept`: whether every promise was."""
    with tempfile.TemporaryDirectory(prefix="nordlotse-kills-") as place, MailServer() as mails, ImapServer() as box:
        killing = Killing(Path(place), mails, box, environment)
        killing.prepare(count)
        try:
            killing.at_random(count // 2)
            killing.at_points(count - count // 2)
            found = killing.finish()
        finally:
            killing.writing.clear()
            for writer in killing.writers:
                writer.over.set()
            if killing.one.process is not None:
                killing.one.stop()
        return judge(killing, found, Counter(str(mail["Message-ID"]) for mail in mails.got), database)


def _table(result: dict[str, Any]) -> None:
    kills: Kills = result["kills"]
    load = f"load of the machine {os.getloadavg()[1]:.0f}"
    print(
        f"\n{result['database']} ({load}): {kills.number} processes killed, and {kills.whole} times everything at once"
    )
    print("  at random times: " + ", ".join(f"{who} {n}" for who, n in sorted(kills.at_random.items())))
    print(f"  at named points: {kills.at_points.total()}")
    for point in points():
        if point in DRIVEN:
            print(f"    {point:40}{kills.at_points[point]:5}")
    print(f"  {'writes':12}{'acknowledged':>14}{'missing':>10}{'twice':>8}{'by half':>9}    (targets 0, 0, 0)")
    for kind, row in result["writes"].items():
        number = result["acknowledged"].get(kind, 0)
        print(f"  {kind:12}{number:14}{row['missing']:10}{row['doubled']:8}{row['halves']:9}")
    print(
        f"  sent again until answered: {result['sent_again']}; other answers than expected: {result['answers'] or 'none'}"
    )
    print(
        f"  mails: {result['mails']} rows, lost {result['mails_lost']}, not sent {result['mails_not_sent']}, without row "
        f"{result['mails_unknown']}, rows twice {result['rows_doubled']}; arrived again after a kill {result['mails_twice']}, most "
        f"copies of one {result['most_copies']} (target: at most 2)"
    )
    whole = "whole" if not result["log_broken_at"] else f"broken at {result['log_broken_at']}"
    print(f"  log: {result['log_entries']} entries, {whole}; every promise kept: {'yes' if result['kept'] else 'NO'}")


def main(count: int = 0) -> list[dict[str, Any]]:
    """Kill on both databases and print what is there afterwards."""
    count = count or (int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
    found = [run("SQLite", count)]
    _table(found[0])
    if postgres.binaries() is not None:
        with postgres.server() as url:
            found.append(run("PostgreSQL", max(6, count // 4), NORDLOTSE_DATABASE_URL=url))
        _table(found[1])
    else:
        print("!!! SKIPPED LOUDLY: no PostgreSQL wheel for this platform")
    others = [point for point in points() if point not in DRIVEN]
    print("\nnamed points the writers here do not come by: " + ", ".join(others))
    return found


if __name__ == "__main__":
    main()
