"""`nordlotse iot replay` and `nordlotse iot simulate`: values from a file, and from a machine that does not exist."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nordlotse.foundation.problem import BadInput, NotAvailable, WrongCall

if TYPE_CHECKING:
    from nordlotse.iot.core.replaying import Outcome
    from nordlotse.iot.core.simulator import Simulation
    from nordlotse.iot.core.tables import Found
    from nordlotse.iot.core.values import Block

PASSWORD = "NORDLOTSE_IOT_PASSWORD"  # noqa: S105 - the setting's name
_SECOND, _DAY = 1_000_000, 86_400_000_000
#: So many seconds of values are kept while nobody takes them.
_KEPT = 3600


def add_commands(made: Any) -> None:
    """Add `replay` and `simulate` to the room's commands."""
    replay = made.add_parser("replay", help="take a table of values in: CSV, TSV, XLSX, Parquet")
    replay.add_argument("file", metavar="FILE", help="separator, decimal comma, times and headings are found out")
    replay.add_argument("--machine", required=True, metavar="NAME", help="whose values they are, where rows name none")
    replay.add_argument("--speed", default="max", metavar="N|max", help="so many times as fast as it happened (max)")
    replay.add_argument("--zone", metavar="ZONE", help="of times that tell none (Europe/Berlin)")
    replay.add_argument("--begin", metavar="T", help="time of the first row, where no column tells times")
    replay.add_argument("--step", type=float, metavar="SECONDS", help="and the distance between rows")
    replay.add_argument("--sheet", default="", metavar="NAME", help="of a workbook (the first with values)")
    replay.set_defaults(run=_replay)

    simulate = made.add_parser("simulate", help="send the values of a machine that does not exist")
    simulate.add_argument(
        "kind", choices=("cnc", "moulder", "oven"), help="a milling machine, an injection moulder, an oven"
    )
    simulate.add_argument(
        "--fault", action="append", default=[], metavar="NAME", help="switch a fault on; may be repeated"
    )
    simulate.add_argument(
        "--after", type=float, default=0.0, metavar="SECONDS", help="the fault begins so much later (0)"
    )
    simulate.add_argument("--seconds", type=float, metavar="N", help="end after so long (at Ctrl-C)")
    simulate.add_argument(
        "--days", type=float, default=0.0, metavar="N", help="first send so many days of the past, by the minute"
    )
    simulate.add_argument("--machine", default="", metavar="NAME", help="its name (what it is, in German)")
    simulate.add_argument("--seed", type=int, default=0, metavar="N", help="another number is another machine (0)")
    simulate.add_argument("--mqtt", metavar="HOST:PORT", help=f"send over MQTT; the password of --user in {PASSWORD}")
    simulate.add_argument("--user", metavar="NAME", help="login for --mqtt")
    simulate.set_defaults(run=_simulate)

    for command in (replay, simulate):
        command.add_argument("--company", default="local", help="whose machine (local)")
        command.add_argument("--data", metavar="DIR", help="data folder ($NORDLOTSE_DATA_DIR/iot)")
        command.add_argument("--json", action="store_true", help="print as JSON")
        command.add_argument("--lang", choices=("de", "en"), default="de", help="language of the sentences")


# ---- replay ----


def _replay(called: argparse.Namespace) -> int:
    """Print what was taken, what was known, what could not be read; 0 also where a part could not be read, for that is said."""
    from nordlotse.iot.cli import place_told
    from nordlotse.iot.core.replaying import replay
    from nordlotse.iot.core.tables import inspect

    check_company(called.company)
    speed = _speed(called.speed)
    path = Path(called.file)
    if not path.is_file():
        raise BadInput("iot_file", de="Diese Datei gibt es nicht.", en="There is no such file.", where=called.file)
    found = _changed(inspect(path, called.sheet, called.zone or ""), called)
    for de, en in found.warnings:
        sys.stderr.write(f"nordlotse: {de if called.lang == 'de' else en}\n")
    begun = time.perf_counter()
    folder = place_told(called)
    outcome = replay(path, found, folder, called.company, called.machine, speed, _progress(called.json))
    _print_outcome(outcome, called, time.perf_counter() - begun)
    return 0


def check_company(company: str) -> None:
    """Refuse what cannot be a company's id.

    Raises:
        BadInput: `iot_company`.
    """
    from nordlotse.iot.core.values import COMPANY

    if not COMPANY.match(company):
        raise BadInput(
            "iot_company",
            de="Das kann keine Kennung eines Unternehmens sein.",
            en="This cannot be a company's id.",
            where=company[:80],
        )


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not (math.isfinite(speed) and speed > 0):
        raise WrongCall(
            "iot_speed",
            de="--speed ist eine Zahl über 0 oder max.",
            en="--speed is a number above 0, or max.",
            where=text[:40],
            remedy_de="1: so schnell, wie es geschah; 60: eine Minute je Sekunde.",
            remedy_en="1: as fast as it happened; 60: a minute per second.",
        )
    return speed


def _changed(found: Found, called: argparse.Namespace) -> Found:
    from nordlotse.iot.cli import moment

    if called.begin is not None and called.step:
        found = replace(found, begin=moment(called.begin), step=round(called.step * 1e6))
    return found


def _progress(quiet: bool) -> Callable[[Outcome], None]:
    """Return what writes the number of values into a terminal now and then."""
    last = time.monotonic()

    def step(outcome: Outcome) -> None:
        nonlocal last
        if not quiet and sys.stderr.isatty() and time.monotonic() - last > 0.5:
            last = time.monotonic()
            sys.stderr.write(f"\r{outcome.sent:,} values")

    return step


def _print_outcome(outcome: Outcome, called: argparse.Namespace, seconds: float) -> None:
    told = outcome.told
    if called.json:
        faults = [
            {"line": f.line, "column": f.column, "code": f.code, "content": f.content, "message": f.message(called.lang), "remedy": f.remedy(called.lang)}
            for f in told.faults
        ]  # fmt: skip
        made = {
            "rows": told.rows, "values": outcome.sent, "stored": outcome.stored, "duplicates": outcome.duplicates,
            "corrections": outcome.corrections, "from": outcome.first, "to": outcome.last, "seconds": round(seconds, 3),
            "not_read": told.counts, "faults": faults,
        }  # fmt: skip
        sys.stdout.write(json.dumps(made, ensure_ascii=False) + "\n")
        return
    german = called.lang == "de"
    for fault in told.faults[:20]:
        where = (f"Zeile {fault.line}" if german else f"line {fault.line}") + (
            f", {fault.column}" if fault.column else ""
        )
        sys.stderr.write(f"{where}: {fault.message(called.lang)} „{fault.content}“ {fault.remedy(called.lang)}\n")
    sys.stdout.write(
        f"{told.rows} Zeilen, {outcome.sent} Werte: {outcome.stored} neu, {outcome.duplicates} schon bekannt, "
        f"{outcome.corrections} berichtigt; {told.lost} nicht lesbar. {seconds:.1f} s\n"
        if german
        else f"{told.rows} rows, {outcome.sent} values: {outcome.stored} new, {outcome.duplicates} known already, "
        f"{outcome.corrections} corrected; {told.lost} not readable. {seconds:.1f} s\n"
    )


# ---- simulate ----


def _simulate(called: argparse.Namespace) -> int:
    """Send a value of each signal every second; says what it does, and at the end how many values were taken."""
    from nordlotse.iot.core.simulator import Fault, Machine, Simulation
    from nordlotse.iot.core.values import check_name

    check_company(called.company)
    if called.machine:
        check_name(called.machine, "--machine")
    now = time.time_ns() // 1000
    plain = Simulation(Machine(called.kind), called.seed, (), called.company, called.machine, around=True)
    # a demonstration begins with a machine that runs: its day is moved to now
    shift = plain.awake(now) - now
    begin = now + shift + round(called.after * _SECOND)
    simulation = plain.with_faults([Fault(name, begin) for name in called.fault])
    live = _Live(simulation, shift)
    way = _over_mqtt(called) if called.mqtt else _through_gate(called)
    _say(called, simulation)
    sent = 0
    try:
        sent = _past(live, way, now, called.days)
        sent += _go_on(live, way, called.seconds, called.lang)
    except KeyboardInterrupt:
        sent += live.sent
    finally:
        way.close()
    _end(called, sent)
    return 0


class _Live:
    """The values of a simulation whose clock is moved."""

    def __init__(self, simulation: Simulation, shift: int) -> None:
        self._simulation = simulation
        self._shift = shift
        self.sent = 0

    def at(self, begin: int, end: int, step: int) -> list[Block]:
        """Return the values from `begin` up to `end` by the clock, at whole seconds of it."""
        import numpy as np  # only now: who asks for help waits for nothing

        first = -(-begin // step) * step
        times = np.arange(first, end, step, dtype=np.int64)
        if not len(times):
            return []
        blocks = self._simulation.values(times + self._shift)
        arrived = np.full(len(times), time.time_ns() // 1000, np.int64)
        return [replace(block, time=times, arrived=arrived) for block in blocks]


class _Gate:
    """Hands values to the ingest of this machine."""

    def __init__(self, folder: Path) -> None:
        from nordlotse.iot.core.gate import Sender

        self._sender = Sender(folder)
        self._sender.connect()

    def send(self, blocks: list[Block]) -> None:
        """Return when they are safe."""
        self._sender.send(blocks)
        self._sender.finish()

    def close(self) -> None:
        """Close the connection."""
        self._sender.close()


class _Mqtt:
    """Publishes an object of all signals to the topic of the machine's name, with quality of service 1."""

    def __init__(self, host: str, port: int, user: str | None) -> None:
        from paho.mqtt.client import Client, MQTTv311
        from paho.mqtt.enums import CallbackAPIVersion

        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv311)
        if user:
            self._client.username_pw_set(user, os.environ.get(PASSWORD, ""))
        try:
            self._client.connect(host, port)
        except OSError as error:
            raise _unreachable(f"{host}:{port} {error.strerror or ''}") from error
        self._client.loop_start()
        self._where = f"{host}:{port}"

    def send(self, blocks: list[Block]) -> None:
        """Return when they are acknowledged."""
        from nordlotse.iot.core.values import Kind

        told = []
        for row in range(len(blocks[0])):
            content: dict[str, object] = {"time": int(blocks[0].time[row]) // 1000}
            for block in blocks:
                value = float(block.value[row])
                content[block.series.signal] = bool(value) if block.kind is Kind.BOOLEAN else value
            told.append(self._client.publish(blocks[0].series.machine, json.dumps(content, ensure_ascii=False), qos=1))
        try:
            for one in told:
                one.wait_for_publish(10)
        except (ValueError, RuntimeError) as error:
            raise _unreachable(self._where) from error
        if not all(one.is_published() for one in told):
            raise _unreachable(self._where)

    def close(self) -> None:
        """Close the connection."""
        self._client.disconnect()
        self._client.loop_stop()


def _unreachable(where: str) -> NotAvailable:
    return NotAvailable(
        "iot_mqtt_unreachable",
        de="Über MQTT nimmt dort niemand Werte an.",
        en="Nobody takes values over MQTT there.",
        where=where.strip(),
        remedy_de="Läuft `nordlotse iot serve`? Stimmen Adresse, Name und Passwort?",
        remedy_en="Does `nordlotse iot serve` run? Are address, name and password right?",
    )


def _through_gate(called: argparse.Namespace) -> _Gate | _Mqtt:
    from nordlotse.iot.cli import place_told

    return _Gate(place_told(called))


def _over_mqtt(called: argparse.Namespace) -> _Gate | _Mqtt:
    host, _, port = called.mqtt.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise WrongCall(
            "iot_mqtt",
            de="Die Adresse für MQTT muss HOST:PORT sein.",
            en="The address for MQTT must be HOST:PORT.",
            where=called.mqtt[:80],
        )
    return _Mqtt(host.removeprefix("[").removesuffix("]"), int(port), called.user)


def _past(live: _Live, way: _Gate | _Mqtt, now: int, days: float) -> int:
    """Send what was before now, by the minute, and return how many values it was."""
    sent = 0
    begin = now - round(days * _DAY)
    while begin < now:
        end = min(begin + 30 * _DAY, now)
        blocks = live.at(begin, end, 60 * _SECOND)
        if blocks:
            way.send(blocks)
        sent += sum(map(len, blocks))
        begin = end
    return sent


def _go_on(live: _Live, way: _Gate | _Mqtt, seconds: float | None, lang: str) -> int:
    """Send the values of each second; what nobody takes is kept for an hour and sent again."""
    begun = time.time_ns() // 1000
    end = begun + round(seconds * _SECOND) if seconds is not None else None
    done, told = begun, False
    while end is None or done < end:
        time.sleep(max(0.0, (-(-done // _SECOND) * _SECOND + 50_000) / 1e6 - time.time()))
        now = min(time.time_ns() // 1000, end) if end is not None else time.time_ns() // 1000
        blocks = live.at(max(done, now - _KEPT * _SECOND), now, _SECOND)
        try:
            if blocks:
                way.send(blocks)
        except NotAvailable as problem:
            if not told:
                sys.stderr.write(f"nordlotse: {problem.message(lang)}\n")
            told = True
            if end is not None and time.time_ns() // 1000 > end + 10 * _SECOND:
                raise
            time.sleep(1)
            continue
        done, told = now, False
        live.sent += sum(map(len, blocks))
    return live.sent


def _say(called: argparse.Namespace, simulation: Simulation) -> None:
    if called.json:
        return
    from nordlotse.iot.core.simulator import faults, signals

    names = ", ".join(signal.name for signal in signals(simulation.kind))
    german = called.lang == "de"
    where = f"MQTT {called.mqtt}" if called.mqtt else ("die laufende Aufnahme" if german else "the running ingest")
    sorts = {sort.name: sort.de if german else sort.en for sort in faults(simulation.kind)}
    told = ", ".join(sorts[name] for name in called.fault)
    sys.stderr.write(
        f"{simulation.machine}: jede Sekunde ein Wert von {names} an {where}."
        + (f" Störung: {told}." if told else "")
        + " Ende mit Strg+C.\n"
        if german
        else f"{simulation.machine}: a value of {names} each second to {where}."
        + (f" Fault: {told}." if told else "")
        + " Ctrl-C ends it.\n"
    )


def _end(called: argparse.Namespace, sent: int) -> None:
    if called.json:
        sys.stdout.write(json.dumps({"values": sent}) + "\n")
    else:
        sys.stdout.write(f"{sent} Werte gespeichert.\n" if called.lang == "de" else f"{sent} values stored.\n")
