"""People who write while processes die: each write has a mark of its own, and is sent again with it until it is answered.

That is what a browser's reader does after "the connection was reset": the form is sent once more. A question has no such mark and is
sent once; its answer names the id it was kept under.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

TOKEN = "a" * 32

#: So long one write is tried again: a busy machine may need a while to start the server anew.
PATIENCE = 180.0

#: What is written, and how often of a hundred.
SHARES = {"ask": 10, "open": 22, "say": 28, "register": 25, "confirm": 15}


#: Where whoever wrote is led on to; being led to the sign-in page is no acknowledgement.
TO = {"open": "/gespraech/danke/", "say": "/betrieb/fall/", "register": "/termine/", "confirm": "/desk/leistungen/"}


@dataclass
class Said:
    """What was sent, what was acknowledged (both: kind → marks), and what else was answered."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    sent: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    done: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    wrong: Counter[str] = field(default_factory=Counter)
    again: int = 0

    def note(self, kept: dict[str, list[str]], kind: str, mark: str) -> None:
        with self.lock:
            kept[kind].append(mark)


def _word(number: int) -> str:
    """Return a number as letters: digits might be masked as somebody's phone number."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


class Writer(threading.Thread):
    """One of those who write; pauses while `writing` is not set, ends when `over` is set."""

    def __init__(
        self, number: int, port: int, world: dict[str, Any], services: deque[int], said: Said, writing: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self.number, self.port, self.world, self.services, self.said = number, port, world, services, said
        self.writing, self.over, self.busy = writing, threading.Event(), False
        self.chance = random.Random(number)
        self.me = world["users"][number % len(world["users"])]

    def run(self) -> None:
        count = 0
        acts: dict[str, Callable[[str], None]] = {
            "ask": self.ask, "open": self.open_case, "say": self.say, "register": self.register, "confirm": self.confirm,
        }  # fmt: skip
        while not self.over.is_set():
            if not self.writing.wait(0.2):
                continue
            count += 1
            kind = self.chance.choices(list(SHARES), list(SHARES.values()))[0]
            self.busy = True
            try:
                acts[kind](f"marke{_word(self.number)}x{_word(count)}")
            finally:
                self.busy = False
            time.sleep(self.chance.uniform(0.02, 0.15))

    # ---- what is written ----

    def ask(self, mark: str) -> None:
        body = json.dumps({"question": f"Wer hilft uns bei {mark} mit Retrofit?"}).encode()
        self.said.note(self.said.sent, "ask", mark)
        status, _, raw = self.send("/api/v1/ask", body, "application/json")
        if status == 200:
            self.said.note(self.said.done, "ask", json.loads(raw)["id"])

    def open_case(self, mark: str) -> None:
        form = {"name": mark, "mail": f"{mark}@kill.example", "text": f"Frage {mark}", "once": mark[:32]}
        self.until_done("open", mark, "/gespraech/", urlencode({**form, "csrfmiddlewaretoken": TOKEN}).encode())

    def register(self, mark: str) -> None:
        form = {"name": mark, "mail": f"{mark}@kill.example", "form_token": f"{mark}-{'x' * 20}"}
        place = f"/termine/{self.chance.choice(self.world['events'])}/anmelden/"
        self.until_done("register", mark, place, urlencode({**form, "csrfmiddlewaretoken": TOKEN}).encode())

    def say(self, mark: str) -> None:
        form = {"text": f"Wort {mark}", "once": mark, "do": "say", "csrfmiddlewaretoken": TOKEN}
        edge = f"grenze{mark}"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in form.items()
        ]
        if self.chance.random() < 0.4:
            head = 'Content-Disposition: form-data; name="files"; filename="maße.txt"\r\nContent-Type: text/plain'
            parts.append(f"--{edge}\r\n{head}\r\n\r\nBlatt {mark}, 12 mal 30 Zentimeter.\r\n")
        body = ("".join(parts) + f"--{edge}--\r\n").encode()
        place = f"/betrieb/fall/{self.me['case']}/"
        self.until_done("say", mark, place, body, f"multipart/form-data; boundary={edge}", self.me["session"])

    def confirm(self, mark: str) -> None:
        try:
            service = self.services.popleft()
        except IndexError:
            return
        body = urlencode({"service": service, "csrfmiddlewaretoken": TOKEN}).encode()
        self.until_done("confirm", str(service), "/desk/leistungen/", body, session=self.world["coordinator"])

    # ---- how ----

    def until_done(
        self,
        kind: str,
        mark: str,
        path: str,
        body: bytes,
        content_type: str = "application/x-www-form-urlencoded",
        session: str = "",
    ) -> None:
        """Send a form until it is acknowledged by being led on."""
        self.said.note(self.said.sent, kind, mark)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            status, where, _ = self.send(path, body, content_type, session)
            if status == 302 and where.startswith(TO[kind]):
                self.said.note(self.said.done, kind, mark)
                return
            with self.said.lock:
                self.said.again += 1
                if status:
                    self.said.wrong[f"{kind} {status}"] += 1
            if 400 <= status < 500:
                return
            time.sleep(self.chance.uniform(0.1, 0.5))

    def send(self, path: str, body: bytes, content_type: str, session: str = "") -> tuple[int, str, bytes]:
        """Send one request on a connection of its own; status 0 when there was no answer."""
        cookie = f"csrftoken={TOKEN}" + (f"; sessionid={session}" if session else "")
        headers = {"Host": "localhost", "Content-Type": content_type, "Cookie": cookie}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Location", ""), answer.read()
        except (OSError, http.client.HTTPException):
            return 0, "", b""
        finally:
            connection.close()
