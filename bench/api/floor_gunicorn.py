"""Gunicorn's settings for the floor: those of the product without what they do for Django."""

import runpy
from pathlib import Path

DEPLOYED = runpy.run_path(str(Path(__file__).resolve().parents[2] / "deploy" / "gunicorn.conf.py"))
worker_class, threads, keepalive = (DEPLOYED[name] for name in ("worker_class", "threads", "keepalive"))
worker_connections, backlog, worker_tmp_dir = (
    DEPLOYED[name] for name in ("worker_connections", "backlog", "worker_tmp_dir")
)
control_socket_disable = True
