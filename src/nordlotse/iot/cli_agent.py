"""`nordlotse iot agent`: read machines in the company's network and bring their values to the centre."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import time
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nordlotse.foundation.problem import BadInput, Problem, WrongCall

if TYPE_CHECKING:
    from nordlotse.foundation.language import Lang
    from nordlotse.iot.core.agent.config import Config
    from nordlotse.iot.core.agent.reading import Finding, Told
    from nordlotse.iot.core.bridge import Beside

_KINDS = ("opcua", "modbus", "mqtt", "csv")
#: How often the line is renewed in a terminal, and how often it is written where nobody looks on (a service's log), seconds.
_LIVE, _LOGGED = 1.0, 60.0


#: The settings of the bridge beside a broker.
BROKER, BROKER_PASSWORD = "NORDLOTSE_IOT_BROKER", "NORDLOTSE_IOT_BROKER_PASSWORD"


def add_bridge(serve: Any) -> None:
    """Add the options of `serve` that read from a broker besides."""
    serve.add_argument(
        "--broker", metavar="URL", help=f"read from a broker too: mqtt://USER@HOST:1883/FILTER; {BROKER}"
    )
    serve.add_argument(
        "--broker-company", default="local", metavar="ID", help="whose machines the broker's are (local)"
    )
    serve.add_argument("--broker-workers", type=int, default=2, metavar="N", help="connections to the broker (2)")


def broker_of(called: argparse.Namespace) -> Beside | None:
    """Return the broker that options and settings name, None where they name none.

    Raises:
        BadInput: `iot_broker`.
    """
    from nordlotse.iot.core.bridge import beside

    url = called.broker or os.environ.get(BROKER, "").strip()
    if not url:
        return None
    return beside(url, os.environ.get(BROKER_PASSWORD, ""), called.broker_company, called.broker_workers)


def add_commands(made: Any) -> None:
    """Add the agent's command."""
    agent = made.add_parser("agent", help="read machines in a company's network and bring their values to the centre")
    agent.add_argument("config", nargs="?", metavar="CONFIG.toml", help="what is read and where it goes")
    wish = agent.add_mutually_exclusive_group()
    wish.add_argument("--check", action="store_true", help="try every connection once and say what was found")
    wish.add_argument(
        "--browse", action="store_true", help="print the OPC UA servers' nodes, to copy into the configuration"
    )
    wish.add_argument("--example", choices=_KINDS, help="print a configuration to begin with")
    agent.set_defaults(run=_agent)


def _agent(called: argparse.Namespace) -> int:
    if called.example:
        from nordlotse.iot.core.agent.examples import example

        sys.stdout.write(example(called.example))
        return 0
    if not called.config:
        raise WrongCall(
            "iot_agent_call",
            de="Die Konfiguration fehlt.",
            en="The configuration is missing.",
            where="CONFIG.toml",
            remedy_de="nordlotse iot agent --example modbus > agent.toml schreibt ein Muster.",
            remedy_en="nordlotse iot agent --example modbus > agent.toml writes a sample.",
        )
    from nordlotse.iot.core.agent.loading import language, load
    from nordlotse.iot.core.agent.secrecy import readable_by_others

    for noisy in ("asyncua", "pymodbus"):  # what they say is said by the agent in a technician's words
        logging.getLogger(noisy).setLevel(logging.CRITICAL + 1)
    _WISH.set(language(Path(called.config)))
    try:
        config = load(Path(called.config))
    except Problem as problem:
        return _refused(problem)
    for path in readable_by_others(Path(called.config)):
        _say(
            f"ACHTUNG: In {path.name} steht ein Passwort, und andere Benutzer dieses Rechners können es lesen. → chmod 600 {path}",
            f"ATTENTION: {path.name} holds a password, and other users of this computer can read it. → chmod 600 {path}",
        )
    if config.centre.insecure and config.centre.to.scheme == "mqtt" and not config.centre.to.loopback:
        _say(
            "ACHTUNG: insecure = true. Werte und Passwort gehen unverschlüsselt über das Netz.",
            "ATTENTION: insecure = true. Values and password cross the network without encryption.",
        )
    try:
        if called.check:
            return asyncio.run(_check(config))
        if called.browse:
            return asyncio.run(_browse(config))
        return _run(config)
    except Problem as problem:
        return _refused(problem)


def _refused(problem: Problem) -> int:
    """Say what is wrong in the language of the configuration; return the exit code."""
    place = f"\n  {problem.where}" if problem.where else ""
    _say(f"nordlotse: {problem.message('de')}{place}", f"nordlotse: {problem.message('en')}{place}")
    if remedy := problem.remedy_in(lang()):
        _say(f"  → {remedy}", f"  → {remedy}")
    return problem.exit_code


#: Language the configuration asks for, "" for the terminal's.
_WISH: ContextVar[str] = ContextVar("language", default="")


def lang() -> Lang:
    """Return the language of what the agent says: that of the configuration, else the terminal's."""
    from nordlotse.iot.cli import terminal_lang

    wish = _WISH.get()
    return terminal_lang() if not wish else "de" if wish == "de" else "en"


def _say(de: str, en: str) -> None:
    sys.stderr.write((de if lang() == "de" else en) + "\n")
    sys.stderr.flush()


# ---- check and browse ----


async def _check(config: Config) -> int:
    from nordlotse.iot.core.agent.running import check

    found: list[Finding] = []
    for name, findings in await check(config):
        sys.stdout.write(f"{name}\n")
        for finding in findings:
            _show(finding)
        found += findings
    sys.stdout.flush()
    odd = sum(one.doubt is not None for one in found)
    if any(one.value for one in found):
        _say(
            "Passen diese Zahlen? Vergleichen Sie sie mit der Anzeige der Maschine. Sonst: address eins kleiner, words, type oder scale.",
            "Do these numbers fit? Compare them with the machine's display. Else: address one less, words, type or scale.",
        )
    if not all(one.good for one in found):
        _say("Bitte beheben, was mit ✗ beginnt.", "Please mend what begins with ✗.")
        return 4
    if odd:
        _say(
            f"Alles gelesen, aber {odd} {'Wert sieht' if odd == 1 else 'Werte sehen'} seltsam aus (mit ? markiert).",
            f"Everything read, but {odd} {'value looks' if odd == 1 else 'values look'} strange (marked with ?).",
        )
    else:
        _say("Alles in Ordnung.", "Everything is in order.")
    return 0


def _show(finding: Finding) -> None:
    mark = "✗  " if not finding.good else "?  " if finding.doubt is not None else "ok "
    sys.stdout.write(f"  {mark} {finding.text(lang())}\n")
    if finding.doubt is not None:
        sys.stdout.write(f"        {finding.doubt.get(lang())}\n")
    if finding.sample:
        told = (
            "Diese Zeile steht noch so da wie im Muster. Passt sie zu Ihrem Gerät? Sonst ändern oder löschen."
            if lang() == "de"
            else "This row still stands as in the sample. Does it fit your device? Else change or delete it."
        )
        sys.stdout.write(f"        {told}\n")


async def _browse(config: Config) -> int:
    from nordlotse.iot.core.agent.browsing import as_toml, browse

    if not config.opcua:
        raise BadInput(
            "iot_agent_config",
            de="In der Konfiguration steht kein OPC-UA-Server.",
            en="There is no OPC UA server in the configuration.",
            where="[[opcua]]",
            remedy_de='Eine Tabelle [[opcua]] mit url = "opc.tcp://…" anlegen.',
            remedy_en='Write a table [[opcua]] with url = "opc.tcp://…".',
        )
    for server in config.opcua:
        sys.stdout.write(f"# {server.to}\n\n")
        names: set[str] = set()
        async for found in browse(server, config.allow):
            sys.stdout.write(as_toml(found, names) + "\n")
    return 0


# ---- run ----


def _run(config: Config) -> int:
    from nordlotse.iot.core.agent.running import Agent

    live = sys.stderr.isatty()
    level = logging.ERROR if live else logging.INFO
    logging.basicConfig(
        stream=sys.stderr, level=level, format="time=%(asctime)s level=%(levelname)s logger=%(name)s %(message)s"
    )
    logging.Formatter.converter = time.gmtime
    agent = Agent(config)
    if agent.told.read:
        counted = agent.told
        _say(
            f"Bisher gelesen {counted.read}, davon gesendet {counted.sent}; wartend im Puffer {counted.waiting}. Gezählt wird weiter.",
            f"Until now read {counted.read}, of these sent {counted.sent}; waiting in the buffer {counted.waiting}. Counting goes on.",
        )
    try:
        asyncio.run(_until_ended(agent, live))
    except KeyboardInterrupt:
        _say(
            "Beendet. Was noch nicht gesendet ist, liegt im Puffer.", "Ended. What is not sent yet lies in the buffer."
        )
    return 0


async def _until_ended(agent: Any, live: bool) -> None:
    from nordlotse.iot.core.agent.running import ending, stamp, status

    ended = asyncio.Event()
    ending(asyncio.get_running_loop(), ended)
    width = 0

    def tell(told: Told) -> None:
        nonlocal width
        line = f"{stamp()} {status(told, lang())}"
        if live:
            shown = line[: _columns() - 1]
            sys.stderr.write("\r" + shown.ljust(width))
            width = len(shown)
        else:
            sys.stderr.write(line + "\n")
        sys.stderr.flush()

    await agent.run(ended, tell, _LIVE if live else _LOGGED)
    if live:
        sys.stderr.write("\n")


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except OSError:
        return 200
