"""Settings of ``web`` that can change while it runs: from a Dapr configuration store, or from a file.

Source: https://docs.dapr.io/reference/api/configuration_api/
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.conf import settings
from grpc import RpcError, StatusCode

from todo_project.blocks.sidecar import SIDECAR, Unavailable
from todo_project.process_thread import ProcessThread

log = logging.getLogger(__name__)
STORE: Final = "todo-configuration"
FILE: Final = "configuration.json"  # in VAR_DIR, for the embedded default
EVERY_SECONDS: Final = 5.0
LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError("it has to be a number of requests a minute, 0 for no limit")
    return int(text)


def _level(text: str) -> str:
    if text not in LEVELS:
        raise ValueError(f"it has to be one of {', '.join(LEVELS)}")
    return text


CHANGEABLE: Final[Mapping[str, Callable[[str], Any]]] = {"API_RATE_LIMIT": _limit, "LOG_LEVEL": _level}


def read() -> dict[str, str]:
    """What is said now. Raises Unavailable while the store is away, ValueError for a file that cannot be read."""
    return _from_store() if settings.EVENT_TRANSPORT == "dapr" else _from_file()


def _from_store() -> dict[str, str]:
    try:
        found = SIDECAR.client().get_configuration(STORE, keys=list(CHANGEABLE))
    except RpcError as error:  # the SDK lets this call's errors through as they come
        if error.code() is StatusCode.UNAVAILABLE:
            SIDECAR.forget()
        raise Unavailable(f"{STORE}: {error.details()}") from error
    return {name: item.value for name, item in found.items.items()}


def _from_file() -> dict[str, str]:
    path = settings.VAR_DIR / FILE
    if not path.exists():
        return {}
    said = json.loads(path.read_text())
    if not isinstance(said, dict):
        raise ValueError(f'{path} has to be an object such as {{"API_RATE_LIMIT": "1200"}}')
    return {name: str(value) for name, value in said.items() if name in CHANGEABLE}


class Current:
    """What is in force in this process. What nobody has changed is as the environment says."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._refused: dict[str, str] = {}

    @property
    def api_rate_limit(self) -> int:
        """Requests a minute."""
        limit: int = self._values.get("API_RATE_LIMIT", settings.API_RATE_LIMIT)
        return limit

    def take(self, said: Mapping[str, str]) -> None:
        """Put in force what is said. Of a value that means nothing the one before stays, and the log says so once."""
        before, self._values = self._values, {}
        for name, text in said.items():
            self._take(name, text, before)
        changed = sorted(name for name in CHANGEABLE if before.get(name) != self._values.get(name))
        if "LOG_LEVEL" in changed:
            logging.getLogger().setLevel(self._values.get("LOG_LEVEL", settings.LOG_LEVEL))
        if changed:
            log.warning("Changed while running: %s", ", ".join(changed))

    def _take(self, name: str, text: str, before: Mapping[str, Any]) -> None:
        try:
            self._values[name] = CHANGEABLE[name](text)
            self._refused.pop(name, None)
        except ValueError as error:
            if name in before:
                self._values[name] = before[name]
            if self._refused.get(name) != text:
                log.error("%s=%r is not taken: %s.", name, text, error)
            self._refused[name] = text


class Following(ProcessThread):
    """Asks again and again."""

    name = "configuration"

    def __init__(self, current: Current) -> None:
        super().__init__()
        self._current = current
        self._silent = False

    def run(self) -> None:
        while True:
            self.look()
            time.sleep(EVERY_SECONDS)

    def look(self) -> None:
        """Ask once. While there is no answer, what was in force stays, and the log says so once."""
        try:
            self._current.take(read())
            self._silent = False
        except (Unavailable, OSError, ValueError) as error:
            if not self._silent:
                log.warning("Settings that can change could not be read and stay as they are: %s", error)
            self._silent = True


CURRENT: Final = Current()
FOLLOWING: Final = Following(CURRENT)
