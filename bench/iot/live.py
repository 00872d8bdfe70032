"""From a publication to the newest value on the screen: 15 listeners of the stream and a page in a real browser, 16 viewers in all.

    python -m bench.iot.live [--seconds 30]

A whole Nordlotse runs as an operator runs it. A machine sends 20 signals ten times a second over MQTT, quality of service 1. Of one of them every
value is another one: the time from just before it is published until it stands in the page's text (a MutationObserver looks) and until it has come
out of each stream. Then nothing is sent, and what the web workers use of a core while 16 viewers wait is measured.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import sync_playwright
from tests.web.installation import Installation, free_port

from bench.iot.ground import folder, option, quantiles, target

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
VIEWERS, SIGNALS, PER_SECOND = 16, 20, 10
_SEED = """
import django; django.setup()
from nordlotse.iot.models import Hall, Machine
hall = Hall.objects.create(store="local", name="Halle")
print(hall.pk, Machine.objects.create(hall=hall, name="m", title="Maschine").pk)
"""
#: Notes when which figure stood in the page.
_WATCH = """() => {
  window.seen = [];
  const figure = document.querySelector('[data-value$="/n"] [data-figure]');
  new MutationObserver(() => window.seen.push([figure.textContent, Date.now()])).observe(figure, {childList: true, characterData: true, subtree: true});
}"""


class Listener(threading.Thread):
    """One listener of the stream: when which value came."""

    def __init__(self, port: int, path: str) -> None:
        super().__init__(daemon=True)
        self.came: dict[int, float] = {}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._connection.request("GET", path)
        self._answer = self._connection.getresponse()
        if self._answer.status != 200:
            raise SystemExit(f"no stream: {self._answer.status}")

    def run(self) -> None:
        """Read until the connection is closed."""
        while line := self._answer.readline():
            if line.startswith(b"data: "):
                now = time.time()
                for _, signal, _, value, _ in json.loads(line[6:]).get("values", []):
                    if signal == "n":
                        self.came.setdefault(int(value), now)


class Publisher:
    """Sends all signals ten times a second; knows when each value of `n` was handed to the client library."""

    def __init__(self, port: int) -> None:
        self.sent: dict[int, float] = {}
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def send(self, count: int) -> None:
        """Send so many rounds; each value of `n` is a whole number below a thousand."""
        begin = time.monotonic()
        for k in range(count):
            for other in range(SIGNALS - 1):
                self._client.publish(f"m/s{other:02d}", json.dumps({"value": k + other / 10}), qos=1)
            self.sent[100 + k] = time.time()
            self._client.publish("m/n", json.dumps({"value": 100 + k}), qos=1)
            time.sleep(max(0.0, begin + (k + 1) / PER_SECOND - time.monotonic()))


def workers(installation: Installation) -> list[int]:
    """Return the process ids of the web workers."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
                parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
            except OSError:
                continue
    assert installation.process is not None
    web = [pid for pid, parent in parents.items() if parent == installation.process.pid and _is_web(pid)]
    return [pid for pid, parent in parents.items() if parent in web]


def _is_web(pid: int) -> bool:
    try:
        return b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def busy(pids: list[int]) -> float:
    """Return the processor seconds processes have used."""
    ticks = 0
    for pid in pids:
        rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(rest[11]) + int(rest[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def ready(installation: Installation, mqtt_port: int) -> None:
    """Wait until pages and listener answer."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if installation.ask("GET", "/health/ready")[0] == 200:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", mqtt_port)) == 0:
                    return
        time.sleep(0.3)
    raise SystemExit("Nordlotse did not come up")


def tell(name: str, took: list[float]) -> None:
    """Print median, 95th and 99th percentile in ms beside the target."""
    ordered = sorted(took)
    p95 = ordered[int(0.95 * len(ordered))]
    middle, p99 = quantiles(took)
    print(
        f"{name}: {len(took)} values, median {1000 * middle:.0f} ms, p99 {1000 * p99:.0f} ms, most {1000 * ordered[-1]:.0f} ms"
    )
    target(f"{name}, p95", 1000 * p95, 150, " ms")


def main() -> None:
    """Measure and print."""
    seconds = option("seconds", 30, "how long values are sent")
    rounds = min(int(seconds * PER_SECOND), 899)
    port = free_port()
    with folder("live") as place:
        installation = Installation(
            place / "data",
            NORDLOTSE_IOT_MQTT=f"127.0.0.1:{port}",
            NORDLOTSE_IOT_AUTH="open",
            NORDLOTSE_RATE_LIMIT="off",
        )
        installation.start()
        try:
            ready(installation, port)
            measure(installation, port, rounds)
        finally:
            if installation.process is not None:
                installation.process.terminate()
                installation.process.wait(30)


def measure(installation: Installation, port: int, rounds: int) -> None:
    """Open the viewers, send, and tell."""
    path = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        raise SystemExit("no Chromium: nothing can be measured")
    environment = {**installation.environment, "DJANGO_SETTINGS_MODULE": "nordlotse.web.settings"}
    seeded = subprocess.run([sys.executable, "-c", _SEED], check=True, capture_output=True, text=True, env=environment)
    key, machine = seeded.stdout.split()[-2:]
    publisher = Publisher(port)
    publisher.send(5)
    time.sleep(1)
    listeners = [Listener(installation.port, f"/maschinen/{key}/strom/?m={machine}") for _ in range(VIEWERS - 1)]
    for listener in listeners:
        listener.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=_ARGUMENTS)
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{installation.port}/maschinen/{key}/m/{machine}/")
        page.wait_for_selector('[data-live][data-state="live"]')
        page.evaluate(_WATCH)
        publisher.sent.clear()
        for listener in listeners:
            listener.came.clear()
        pids = workers(installation)
        before, begin = busy(pids), time.monotonic()
        publisher.send(rounds)
        used = (busy(pids) - before) / (time.monotonic() - begin)
        time.sleep(2)
        seen = {int(said): at / 1000 for said, at in page.evaluate("() => window.seen") if said.isdigit()}
        before, begin = busy(pids), time.monotonic()
        time.sleep(10)
        idle = (busy(pids) - before) / (time.monotonic() - begin)
        browser.close()
    on_screen = [seen[value] - at for value, at in publisher.sent.items() if value in seen]
    streamed = [one.came[value] - at for one in listeners for value, at in publisher.sent.items() if value in one.came]
    print(f"{VIEWERS} viewers, {SIGNALS} signals at {PER_SECOND}/s; values of `n` sent: {len(publisher.sent)}")
    tell("publish → text of the page", on_screen)
    tell(f"publish → {len(listeners)} streams", streamed)
    print(
        f"web workers: {100 * used:.0f} % of a core while {SIGNALS * PER_SECOND} values/s go to {VIEWERS} viewers, "
        f"{100 * idle:.1f} % while nothing comes"
    )


if __name__ == "__main__":
    main()
