"""A small IMAP server on this machine: one account, one mailbox, as much of RFC 3501 as a reader of mails needs."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from collections.abc import Callable


class Mailbox:
    """Mails by UID, and what was asked for."""

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.flags: dict[int, set[str]] = {}
        self.commands: list[str] = []
        self.password = "geheim"
        self.deaf = False
        self._next = 1

    def put(self, mail: bytes) -> int:
        """Deliver a mail; return its UID."""
        uid = self._next
        self._next += 1
        self.mails[uid], self.flags[uid] = mail, set()
        return uid


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.box: Mailbox = self.server.box  # type: ignore[attr-defined]
        self._say("* OK ready")
        while line := self.rfile.readline().decode("utf-8", "replace").strip():
            tag, _, rest = line.partition(" ")
            verb = rest.upper().removeprefix("UID ").split(" ")[0]
            self.box.commands.append(rest if verb != "LOGIN" else "LOGIN")
            if self.box.deaf:
                return
            answer: Callable[[str, str], bool] = getattr(self, f"do_{verb.lower()}", self.unknown)
            if not answer(tag, rest):
                return

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def unknown(self, tag: str, rest: str) -> bool:
        self._say(f"{tag} BAD unknown")
        return True

    def do_capability(self, tag: str, rest: str) -> bool:
        self._say("* CAPABILITY IMAP4rev1 AUTH=PLAIN")
        self._say(f"{tag} OK done")
        return True

    def do_login(self, tag: str, rest: str) -> bool:
        right = rest.endswith(f'"{self.box.password}"')
        self._say(f"{tag} {'OK done' if right else 'NO wrong password'}")
        return True

    def do_select(self, tag: str, rest: str) -> bool:
        self._say(f"* {len(self.box.mails)} EXISTS")
        self._say(f"{tag} OK [READ-WRITE] done" if "INBOX" in rest else f"{tag} NO no such mailbox")
        return True

    def do_search(self, tag: str, rest: str) -> bool:
        found = [str(u) for u in sorted(self.box.mails) if "\\Deleted" not in self.box.flags[u]]
        self._say("* SEARCH " + " ".join(found))
        self._say(f"{tag} OK done")
        return True

    def do_fetch(self, tag: str, rest: str) -> bool:
        uid = int(rest.split(" ")[2])
        mail = self.box.mails[uid]
        if "RFC822.SIZE" in rest:
            self._say(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(mail)})")
        else:
            part = mail.split(b"\r\n\r\n")[0] + b"\r\n\r\n" if "HEADER" in rest else mail
            limit = re.search(r"<0\.(\d+)>", rest)
            part = part[: int(limit[1])] if limit else part
            self.wfile.write(f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(part)}}}\r\n".encode() + part + b")\r\n")
        self._say(f"{tag} OK done")
        return True

    def do_store(self, tag: str, rest: str) -> bool:
        self.box.flags[int(rest.split(" ")[2])].add("\\Deleted")
        self._say(f"{tag} OK done")
        return True

    def do_expunge(self, tag: str, rest: str) -> bool:
        for uid in [u for u, flags in self.box.flags.items() if "\\Deleted" in flags]:
            del self.box.mails[uid], self.box.flags[uid]
        self._say(f"{tag} OK done")
        return True

    def do_logout(self, tag: str, rest: str) -> bool:
        self._say("* BYE")
        self._say(f"{tag} OK done")
        return False


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that hung up."""


class ImapServer:
    """Runs in a thread; a context manager."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.box = Mailbox()
        self._tls = tls
        self._server = _Server(("127.0.0.1", 0), _Conversation)
        self._server.box = self.box  # type: ignore[attr-defined]
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)

    @property
    def url(self) -> str:
        port = self._server.server_address[1]
        if self._tls is not None:
            return f"imaps://lotse:{self.box.password}@localhost:{port}"
        return f"imap://lotse:{self.box.password}@127.0.0.1:{port}/INBOX?starttls=off"

    def __enter__(self) -> ImapServer:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
