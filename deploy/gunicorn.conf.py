"""How gunicorn serves the roles web and events.

Source: https://docs.gunicorn.org/en/stable/settings.html
"""

import os
from typing import Any

from todo_project import metrics_server

ROLE = os.environ.get("ROLE", "web")
# Deliveries come in batches over a few connections of one daprd; requests of people and programs over many.
PROCESSES = {"web": 2, "events": 1}
THREADS = {"web": 2, "events": 4}

bind = f"{os.environ.get('ROLE_HOST') or '127.0.0.1'}:{os.environ.get('ROLE_PORT') or 8000}"
workers = int(os.environ.get("WEB_CONCURRENCY") or PROCESSES.get(ROLE, 1))
threads = THREADS.get(ROLE, 2)
# gthread keeps connections open between requests and sets TCP_NODELAY on them: without that, an answer waits 40 ms
# for daprd's acknowledgement.
worker_class = "gthread"
keepalive = 75  # seconds; longer than the idle time of a load balancer
worker_connections = 2000
backlog = 2048
timeout = 60  # seconds that a request may take
graceful_timeout = 20  # seconds for what is under way when it is asked to end
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
control_socket_disable = True  # several servers share a home folder
accesslog = None


# The workers count in one folder, and the master shows the sums on a port of its own.
METRICS_PORT = int(os.environ.get("METRICS_PORT") or 0)
if METRICS_PORT:
    metrics_server.share()


def when_ready(server: Any) -> None:
    """Raises OSError when the metrics' port is taken; then nothing is served at all."""
    if METRICS_PORT:
        metrics_server.start(os.environ.get("ROLE_HOST") or "127.0.0.1", METRICS_PORT)


def post_fork(server: Any, worker: Any) -> None:
    metrics_server.leave()


def child_exit(server: Any, worker: Any) -> None:
    metrics_server.forget(worker.pid)


def on_exit(server: Any) -> None:
    metrics_server.end()


def post_worker_init(worker: Any) -> None:
    """Load all views before the first request, which would wait half a second for them."""
    from django.urls import reverse

    reverse("health")
