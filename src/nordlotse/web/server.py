"""gunicorn's settings: thread workers, knowledge loaded in each worker before it serves."""

from __future__ import annotations

import os
import threading
from typing import Any

from nordlotse.web import configuration

_settings = configuration.read()

bind = f"{_settings.bind}:{_settings.port}"
workers = max(1, min(4, os.cpu_count() or 1))
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 5
keepalive = 15
max_requests = 0
accesslog = None
errorlog = "-"
loglevel = "warning"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112 - gunicorn's own heartbeat files
limit_request_line = 4094
forwarded_allow_ips = ",".join(_settings.trusted_proxies) or "127.0.0.1"
wsgi_app = "nordlotse.web.wsgi:application"
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Load the knowledge beside serving: `/health/ready` says when questions are answered."""
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()


def warm_up() -> None:
    """Build the index and answer one question, so that the first visitor waits for nothing."""
    from django.db import connection

    from nordlotse.answers import queries

    try:
        queries.answer("Wo fangen wir mit der Digitalisierung an?")
    finally:
        connection.close()
