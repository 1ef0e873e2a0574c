"""Settings that are secrets, from a Dapr secret store. Read before there are settings, so by plain HTTP.

Source: https://docs.dapr.io/reference/api/secrets_api/
"""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import MutableMapping
from typing import Final

from django.core.exceptions import ImproperlyConfigured

SECRETS: Final = (
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "APP_API_TOKEN",
    "ATTACHMENTS_ACCESS_KEY",
    "ATTACHMENTS_SECRET_KEY",
)
WAIT_SECONDS: Final = 20.0  # for daprd, which starts beside this process
PAUSE_SECONDS: Final = 0.2
CALL_SECONDS: Final = 5.0


def read_secrets(
    store: str,
    name: str,
    environment: MutableMapping[str, str] = os.environ,
    wait: float = WAIT_SECONDS,
) -> None:
    """Put those of SECRETS that the environment lacks into it. Raises ImproperlyConfigured with what to do."""
    missing = [key for key in SECRETS if key not in environment and f"{key}_FILE" not in environment]
    if not missing:
        return
    port = environment.get("DAPR_HTTP_PORT", "3500")
    url = f"http://127.0.0.1:{port}/v1.0/secrets/{urllib.parse.quote(store)}/{urllib.parse.quote(name)}"
    found = _fetch(url, environment.get("DAPR_API_TOKEN", ""), f"the secret {name!r} of {store!r}", wait)
    environment.update({key: found[key] for key in missing if key in found})


def _fetch(url: str, token: str, what: str, wait: float) -> dict[str, str]:
    """The secret's values, as soon as daprd answers."""
    deadline = time.monotonic() + wait
    while True:
        try:
            request = urllib.request.Request(url, headers={"dapr-api-token": token})  # noqa: S310
            with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:  # noqa: S310
                content: dict[str, str] = json.loads(answer.read() or b"{}")
                return content
        except urllib.error.HTTPError as error:
            raise ImproperlyConfigured(
                f"SECRET_STORE: daprd refuses {what} ({error.code}: {_reason(error)}). Check the component's name "
                "and scopes, SECRET_NAME and DAPR_API_TOKEN."
            ) from error
        except OSError as error:
            if time.monotonic() > deadline:
                raise ImproperlyConfigured(
                    f"SECRET_STORE: daprd did not answer within {wait:.0f} s when asked for {what} ({error}). "
                    "Start it, set DAPR_HTTP_PORT, or give the secrets in the environment and leave SECRET_STORE empty."
                ) from error
            time.sleep(PAUSE_SECONDS)


def _reason(error: urllib.error.HTTPError) -> str:
    return error.read(500).decode(errors="replace").strip() or str(error.reason)
