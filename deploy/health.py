"""Asks the role in this container how it is. Exit status: 0 well, 1 not.

    python deploy/health.py [live | ready | daprd] …

``live`` (the default): the process answers. ``ready``: it can do its work. ``daprd``: so can its sidecar. Uses the
standard library alone, because it starts every few seconds.
"""

from __future__ import annotations

import http.client
import os
import sys
from typing import NoReturn

SECONDS = 5.0  # that an answer may take: a role itself waits one for Redis and one for daprd
WELL = range(200, 300)


def main() -> NoReturn:
    asked = sys.argv[1:] or ["live"]
    if unknown := set(asked) - set(CHECKS):
        sys.exit(f"health: there is no {', '.join(sorted(unknown))}, only {', '.join(CHECKS)}")
    sys.exit("\n".join(problem for name in asked if (problem := _problem(*CHECKS[name]))) or None)


def _problem(variable: str, default: int, path: str) -> str:
    """Why the answer on a port is no good; empty where it is."""
    port = int(os.environ.get(variable) or default)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read(2000).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return f"health: port {port} does not answer {path}: {error}"
    finally:
        connection.close()
    return "" if answer.status in WELL else f"health: {path} on port {port} says {answer.status}: {body}"


CHECKS = {
    "live": ("ROLE_PORT", 8000, "/health/live"),
    "ready": ("ROLE_PORT", 8000, "/health/ready"),
    "daprd": ("DAPR_HTTP_PORT", 3500, "/v1.0/healthz"),
}

if __name__ == "__main__":
    main()
