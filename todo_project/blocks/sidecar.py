"""The one client of this process's daprd, by the Dapr SDK."""

from __future__ import annotations

import os
import threading
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Final

from django.conf import settings

if TYPE_CHECKING:
    from dapr.clients import DaprClient

LOCALHOST: Final = "127.0.0.1"
CALL_SECONDS: Final = 2  # a call through daprd takes a few milliseconds; no request waits longer than this
HEALTH_SECONDS: Final = 1.0


class Unavailable(Exception):
    """daprd, or what is behind it, does not answer now. The text says which."""


class Sidecar:
    """Holds the client: made at the first call of a process, for a channel does not survive a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._client: DaprClient | None = None
        self._pid = 0

    def client(self) -> DaprClient:
        """The client. Raises Unavailable while daprd does not answer."""
        with self._lock:
            if self._client is None or self._pid != os.getpid():
                self._client, self._pid = _connect(), os.getpid()
            return self._client

    def forget(self) -> None:
        """Connect again at the next call: a channel that lost its daprd waits up to two minutes before it tries."""
        with self._lock:
            self._client = None


SIDECAR: Final = Sidecar()


def _connect() -> DaprClient:
    """A new client. Asks first, within a second: the SDK itself would wait for daprd, and print."""
    require_answer()
    from dapr.clients import DaprClient
    from dapr.conf import settings as of_sdk

    of_sdk.DAPR_HTTP_PORT = settings.DAPR_HTTP_PORT
    of_sdk.DAPR_API_TOKEN = settings.DAPR_API_TOKEN or None
    of_sdk.DAPR_API_TIMEOUT_SECONDS = CALL_SECONDS
    of_sdk.DAPR_HEALTH_TIMEOUT = 0
    try:
        return DaprClient(f"{LOCALHOST}:{settings.DAPR_GRPC_PORT}", http_timeout_seconds=CALL_SECONDS)
    except TimeoutError as error:
        raise Unavailable("daprd went away.") from error


def require_answer() -> None:
    """Raises Unavailable unless daprd is ready for calls, within a second."""
    url = f"http://{LOCALHOST}:{settings.DAPR_HTTP_PORT}/v1.0/healthz/outbound"
    request = urllib.request.Request(url, headers={"dapr-api-token": settings.DAPR_API_TOKEN})
    try:
        urllib.request.urlopen(request, timeout=HEALTH_SECONDS).close()  # noqa: S310  # the scheme is fixed
    except (OSError, urllib.error.URLError) as error:
        raise Unavailable(f"daprd does not answer on port {settings.DAPR_HTTP_PORT}: {error}") from error
