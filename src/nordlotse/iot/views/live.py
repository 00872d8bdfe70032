"""A hall and a machine as they are now: the page, the stream of new values, and the same for those who ask again and again."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from nordlotse.iot import lookout
from nordlotse.iot.models import Hall, Machine
from nordlotse.iot.queries import faults, live
from nordlotse.iot.views.page import hall_of, lang_of, machine_of, unlisted

#: A browser that takes nothing for so many seconds has gone; so much may wait in the kernel for a slow one, in bytes.
_SEND_SECONDS, _SEND_BYTES = 15.0, 32 * 1024
#: Whoever finds no place for a stream may try again after so many seconds, and asks for the newest values meanwhile.
_RETRY_SECONDS = 60


@require_safe
def hall(request: HttpRequest, key: str) -> HttpResponse:
    """All machines of a hall now; with a single machine its own page tells more, and this one leads there."""
    found = hall_of(request, key)
    machines = _machines(found)
    context = _context(request, found, machines, one=False)
    context["unclaimed"], context["unclaimed_more"] = live.unclaimed(found, machines)
    return unlisted(render(request, "iot/hall.html", context))


@require_safe
def machine(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One machine now: all its signals, and the faults of a simulated one."""
    found = machine_of(request, key, number)
    context = _context(request, found.hall, [found], one=True)
    context |= {"machine": found, "one": context["machines"][0], "faults": faults.of(found, lang_of(request))}
    return unlisted(render(request, "iot/machine.html", context))


@require_safe
def now(request: HttpRequest, key: str) -> HttpResponse:
    """The newest values: JSON for the page's script (`Accept: application/json`), else the part of the page that shows them."""
    found, machines = _asked(request, key)
    if "application/json" in request.headers.get("Accept", ""):
        return unlisted(HttpResponse(live.all_now(found, machines), content_type="application/json"))
    return unlisted(render(request, "iot/_now.html", _context(request, found, machines, one="m" in request.GET)))


@require_safe
def stream(request: HttpRequest, key: str) -> HttpResponseBase:
    """New values as server-sent events. Where no place is left: 503, and the page asks `jetzt/` instead."""
    found, machines = _asked(request, key)
    if request.method == "HEAD":
        return unlisted(HttpResponse(content_type="text/event-stream"))
    if not lookout.places.take():
        busy = JsonResponse({"error": "busy"}, status=503)
        busy["Retry-After"] = str(_RETRY_SECONDS)
        return unlisted(busy)
    numbers = {machine.name: machine.pk for machine in machines}
    answer = StreamingHttpResponse(
        _Streamed(live.frames(found.store, numbers, _there(request))), content_type="text/event-stream"
    )
    unlisted(answer)  # type: ignore[arg-type] # only its headers are touched
    answer["Cache-Control"] = "private, no-store"
    answer["X-Accel-Buffering"] = "no"
    return answer


class _Streamed:
    """Frames of a stream; gives its place back once, however it ends, even if nobody ever read from it."""

    def __init__(self, frames: Iterator[bytes]) -> None:
        self._frames = frames
        self._open = True
        self._begun = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if not self._begun:
            self._begun = True
            if not connection.in_atomic_block:  # a stream of ten minutes needs no database
                connection.close()
        return next(self._frames)

    def close(self) -> None:
        """End the stream. Django calls it when the answer is over or the browser has gone."""
        if self._open:
            self._open = False
            with suppress(ValueError):  # it is being read just now, in a thread that ends by itself
                self._frames.close()  # type: ignore[attr-defined] # a generator
            lookout.places.give_back()

    def __del__(self) -> None:
        self.close()


def _there(request: HttpRequest) -> Callable[[], bool]:
    """Return how to ask whether the browser still listens. The server's own socket tells, where we have it.

    A browser that reads slowly must not fill the kernel with values that are old when they arrive, nor hold a thread for ever.
    """
    connected: Any = request.META.get("gunicorn.socket")
    if not isinstance(connected, socket.socket):
        return lambda: True
    with suppress(OSError):
        connected.settimeout(_SEND_SECONDS)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BYTES)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    looking = select.poll()
    looking.register(connected, select.POLLIN)

    def there() -> bool:
        try:  # what can be read from a browser that waits for a stream is the end of its connection
            return not looking.poll(0) or connected.recv(1, socket.MSG_PEEK) != b""
        except OSError:
            return False

    return there


def _asked(request: HttpRequest, key: str) -> tuple[Hall, list[Machine]]:
    number = request.GET.get("m", "")
    if number.isascii() and number.isdigit() and len(number) < 19:
        found = machine_of(request, key, int(number))
        return found.hall, [found]
    found_hall = hall_of(request, key)
    return found_hall, _machines(found_hall)


def _machines(hall: Hall) -> list[Machine]:
    return list(hall.machines.order_by("pk"))


def _context(request: HttpRequest, hall: Hall, machines: Sequence[Machine], *, one: bool) -> dict[str, Any]:
    """Return what the part of the page with the values needs; `one`: it is a machine's own page, whose heading names it; `again`: without a script the page reloads by itself after so many seconds."""
    return {
        "hall": hall,
        "machines": live.machines_now(hall, machines, lang_of(request)),
        "only": machines[0].pk if one else None,
        "at": live.now() // 1000,
        "again": 10 if request.GET.get("alle") == "10" else 0,
        "minutes": live.MINUTES,
    }
