"""Delivers to the role ``events`` of a stack as its daprd does, over one connection that is kept."""

from __future__ import annotations

import http.client
import json
from collections.abc import Sequence
from typing import Any

from deploy.local.ports import LOOPBACK
from deploy.local.stack import Stack

PATH = "/events/task-events"


class Deliverer:
    """``port`` where it is not the stack's own role, ``token`` where it is not the right one."""

    def __init__(self, stack: Stack, *, port: int | None = None, token: str | None = None) -> None:
        self._headers = {"Content-Type": "application/cloudevents+json"}
        if shown := stack.keys["app"] if token is None else token:
            self._headers["dapr-api-token"] = shown
        self.connection = http.client.HTTPConnection(
            LOOPBACK, port or stack.ports.roles["events"].app, timeout=60
        )

    def post(self, body: str) -> tuple[int, Any]:
        """The status and the JSON of the answer."""
        self.connection.request("POST", PATH, body.encode(), self._headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def one(self, envelope: str) -> str:
        """What is said about a single event."""
        status, said = self.post(envelope)
        assert status == 200, said
        found: str = said["status"]
        return found

    def bulk(self, envelopes: Sequence[str]) -> list[str]:
        """What is said about each event of a bulk. Fails unless there is one answer for each, by its name."""
        status, said = self.post(bulk(envelopes))
        assert status == 200, said
        assert [entry["entryId"] for entry in said["statuses"]] == [
            f"e{number}" for number in range(len(envelopes))
        ]
        return [entry["status"] for entry in said["statuses"]]


def bulk(envelopes: Sequence[str]) -> str:
    entries = ",".join(
        f'{{"entryId":"e{number}","event":{envelope},"contentType":"application/cloudevents+json","metadata":null}}'
        for number, envelope in enumerate(envelopes)
    )
    return f'{{"id":"b","topic":"task-events","pubsubname":"todo-pubsub","type":"x","entries":[{entries}]}}'
