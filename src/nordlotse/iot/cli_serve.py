"""`nordlotse iot serve`: take machine data in over MQTT until stopped."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nordlotse.foundation.problem import NotAvailable, WrongCall
from nordlotse.iot.core.listening import DEFAULT_MQTT, MQTT, TLS, listening

if TYPE_CHECKING:
    from nordlotse.iot.core.bridge import Beside
    from nordlotse.iot.core.ingest import Ingest
    from nordlotse.iot.core.logins import FileLogins
    from nordlotse.iot.core.mqtt.tls import Certificate

#: Seconds between two tries to listen on an address that is taken.
_AGAIN = 10.0


def add_commands(made: Any) -> None:
    """Add `serve` to the room's commands."""
    from nordlotse.iot.cli_agent import add_bridge

    serve = made.add_parser("serve", help="take machine data in over MQTT until stopped")
    serve.add_argument("--mqtt", metavar="HOST:PORT", help=f"where to listen; {MQTT}, else {DEFAULT_MQTT}; off")
    serve.add_argument("--tls-cert", metavar="FILE", help=f"speak TLS with this certificate (PEM); {TLS}")
    serve.add_argument("--tls-key", metavar="FILE", help="and this key (PEM, without a password)")
    add_bridge(serve)
    serve.add_argument("--data", metavar="DIR", help="data folder ($NORDLOTSE_DATA_DIR/iot)")
    serve.add_argument("--json", action="store_true", help="print as JSON")
    serve.set_defaults(run=_serve)


def _serve(called: argparse.Namespace) -> int:
    from nordlotse.iot.cli import data_folder
    from nordlotse.iot.cli_agent import broker_of
    from nordlotse.iot.core.ingest import Ingest
    from nordlotse.iot.core.logins import FileLogins
    from nordlotse.iot.core.mqtt.tls import Certificate

    broker = broker_of(called)
    wish = listening(os.environ, called.mqtt, _tls(called))
    folder = data_folder(called.data)
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="time=%(asctime)s level=%(levelname)s logger=%(name)s %(message)s"
    )
    logging.Formatter.converter = time.gmtime
    _many_files()
    certificate = Certificate(*wish.tls) if wish.tls else None
    logins = FileLogins(folder, wish.required)
    ingest = Ingest(folder, logins)
    for damage in ingest.recovered.damages:
        sys.stderr.write(f"nordlotse: damaged: {damage}\n")
    return asyncio.run(_run(ingest, wish.where, logins, certificate, broker))


def _tls(called: argparse.Namespace) -> tuple[Path, Path] | None:
    """Return the certificate and key of the options.

    Raises:
        WrongCall: `iot_tls`: one without the other.
    """
    if bool(called.tls_cert) != bool(called.tls_key):
        raise WrongCall(
            "iot_tls",
            de="--tls-cert und --tls-key gehören zusammen.",
            en="--tls-cert and --tls-key belong together.",
            where="--tls-cert" if called.tls_cert else "--tls-key",
        )
    return (Path(called.tls_cert), Path(called.tls_key)) if called.tls_cert else None


async def _run(
    ingest: Ingest,
    where: tuple[str, int] | None,
    logins: FileLogins,
    certificate: Certificate | None,
    broker: Beside | None = None,
) -> int:
    """Take values in until told to stop. Under `nordlotse start` an address that is taken ends nothing: it is told and tried again."""
    from nordlotse.iot.core.heard import Heard, tell

    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ended.set)
    ingest.broken.add_done_callback(lambda _: loop.call_soon_threadsafe(ended.set))
    await ingest.start()
    parent = int(os.environ.get("NORDLOTSE_SUPERVISOR") or 0)
    beside = [loop.create_task(_watch(ingest, logins, certificate))]
    if parent:
        beside.append(loop.create_task(_outlive(parent, ended)))
    if broker is not None:
        from nordlotse.iot.core.bridge import Bridge

        beside.append(loop.create_task(Bridge(broker, ingest.committer, ingest.folder).run()))
    told = "off"
    tell(ingest.folder, Heard("off"))
    if where is not None:
        try:
            told = await _listen(ingest, where, certificate)
        except OSError as error:
            tell(ingest.folder, Heard("taken", f"{where[0]}:{where[1]}"))
            problem = _no_address(where, error)
            if not parent:
                await ingest.stop()
                raise problem from error
            sys.stderr.write(
                f"nordlotse: {problem.message('en')} [{problem.where}] Tried again every {_AGAIN:.0f} s.\n"
            )
            told = "taken"
            beside.append(loop.create_task(_listen_later(ingest, where, certificate)))
    sys.stdout.write(f"ready mqtt={told}\n")
    sys.stdout.flush()
    await ended.wait()
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    tell(ingest.folder, Heard("ended"))
    await ingest.stop()
    logins.note_last(ingest.server.heard())
    logins.close()
    if ingest.broken.done():
        raise NotAvailable(
            "iot_broken",
            de="Die Aufnahme ist an einem Fehler gescheitert; was bestätigt ist, steht im Protokoll und wird beim nächsten Start eingearbeitet.",
            en="Taking in failed by a fault; what was acknowledged is in the log and worked in at the next start.",
            where=type(ingest.broken.exception()).__name__,
        )
    return 0


async def _listen(ingest: Ingest, where: tuple[str, int], certificate: Certificate | None) -> str:
    from nordlotse.iot.core.heard import Heard, tell

    host, port = await ingest.server.listen(*where, certificate.context if certificate else None)
    told = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    tell(ingest.folder, Heard("on", told, certificate is not None))
    return told


async def _listen_later(ingest: Ingest, where: tuple[str, int], certificate: Certificate | None) -> None:
    while True:
        await asyncio.sleep(_AGAIN)
        with contextlib.suppress(OSError):
            sys.stderr.write(f"nordlotse: mqtt={await _listen(ingest, where, certificate)}\n")
            return


async def _outlive(parent: int, ended: asyncio.Event) -> None:
    """End with the process that started this one."""
    while os.getppid() == parent:
        await asyncio.sleep(0.5)
    ended.set()


def _no_address(where: tuple[str, int], error: OSError) -> NotAvailable:
    return NotAvailable(
        "iot_address",
        de="Auf dieser Adresse kann nicht gehorcht werden.",
        en="This address cannot be listened on.",
        where=f"{where[0]}:{where[1]} {error.strerror or ''}".strip(),
        remedy_de="Läuft dort schon etwas? --mqtt HOST:PORT nimmt eine andere.",
        remedy_en="Is something running there? --mqtt HOST:PORT takes another.",
    )


async def _watch(ingest: Ingest, logins: FileLogins, certificate: Certificate | None) -> None:
    """Every second: send away whose login was removed, take a certificate that was replaced; now and then note who was heard of."""
    while True:
        await asyncio.sleep(1)
        logins.note(ingest.server.heard)
        gone = logins.refresh()
        if gone:
            ingest.server.expel_users(gone)
        if certificate is not None:
            certificate.refresh()


def _many_files() -> None:
    """Allow as many open connections as the system lets us."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
