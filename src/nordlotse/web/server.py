"""gunicorn's settings: thread workers, forked after the knowledge was loaded once, so that all share its memory."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import signal
import threading
import time
from typing import Any

from nordlotse.web import configuration

_log = logging.getLogger("nordlotse.web")
_settings = configuration.read()

bind = f"[{_settings.bind}]:{_settings.port}" if ":" in _settings.bind else f"{_settings.bind}:{_settings.port}"
workers = max(1, min(4, os.cpu_count() or 1))
worker_class = "gthread"
# A stream of machine values holds a thread; `iot.lookout.STREAMS` of them at most, so that four are always left for pages.
threads = 20
timeout = 60
graceful_timeout = 5
keepalive = 15
max_requests = 0
accesslog = None
errorlog = "-"
loglevel = "warning"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112 - gunicorn's own heartbeat files
limit_request_line = 4094
# Only a proxy an administrator has named may say that a request came over TLS.
forwarded_allow_ips = ",".join(_settings.trusted_proxies)
wsgi_app = "nordlotse.web.wsgi:application"
control_socket_disable = True
preload_app = True

# Exactly one, whatever the machine or the operator's shell says: the first question is embedded before the fork, and a pool
# of OpenMP threads does not survive a fork. The children would wait for it for ever.
os.environ["OMP_NUM_THREADS"] = "1"

_figures = _settings.data_dir / "metrics"
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_figures)
shutil.rmtree(_figures, ignore_errors=True)
_figures.mkdir(parents=True, exist_ok=True, mode=0o700)

#: Waits between attempts to load the knowledge, in seconds.
_AGAIN_SECONDS = (1, 2, 5, 10, 30)


def on_starting(server: Any) -> None:
    """Load the knowledge, and end with the process that started us, even if that was killed."""
    supervisor = os.environ.get("NORDLOTSE_SUPERVISOR")
    if supervisor:
        threading.Thread(target=_end_with, args=(int(supervisor),), name="end-with-parent", daemon=True).start()
    _warm()
    gc.freeze()  # what is loaded by now stays: the collector need not touch (and thereby copy) it in every worker


def _end_with(supervisor: int) -> None:
    me = os.getpid()
    while os.getppid() == supervisor:
        time.sleep(1)
    os.kill(me, signal.SIGTERM)


def post_worker_init(worker: Any) -> None:
    """Where loading failed before the fork, try again beside serving: `/health/ready` says when questions are answered.

    Streams of machine values learn from the worker when it is about to end.
    """
    from nordlotse.answers.memory import memory
    from nordlotse.iot import lookout

    lookout.ending[:] = [lambda: not worker.alive]

    if not memory.loaded:
        threading.Thread(target=warm_up, name="warm-up", daemon=True).start()


def child_exit(server: Any, worker: Any) -> None:
    """Drop the live figures of a worker that has ended."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # the library leaves it untyped


def warm_up() -> None:
    """Build the index, answer one question and read the check, so that the first visitor waits for nothing; tries again if that fails."""
    for seconds in _AGAIN_SECONDS:
        if _warm():
            return
        time.sleep(seconds)


def _warm() -> bool:
    from django.db import connection
    from django.urls import get_resolver

    from nordlotse.answers import memory, queries
    from nordlotse.readiness.queries import answering as check

    try:
        # The models load while the texts are parsed.
        loading = threading.Thread(target=memory.encoders, name="encoders", daemon=True)
        loading.start()
        queries.answer("Wo fangen wir mit der Digitalisierung an?")
        check.short()  # reads the questions and models of the check
        get_resolver().url_patterns  # noqa: B018 - imports every page
        loading.join()  # no thread of ours may run, and no lock be held, when the workers are forked
    except Exception:
        _log.exception("event=warm_up_failed")
        return False
    finally:
        connection.close()
    return True
