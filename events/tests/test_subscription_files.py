"""The declared subscriptions say what ``GET /dapr/subscribe`` says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import LazySettings
from django.test import Client

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "dapr"
FILES = {"by-aggregate": "subscriptions.yaml", "by-type": "subscriptions-by-type.yaml"}


def declared(layout: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / FILES[layout]).read_text()))


@pytest.mark.parametrize("layout", FILES)
def test_they_are_what_the_application_answers(layout: str, settings: LazySettings, client: Client):
    settings.EVENT_TOPIC_LAYOUT = layout
    settings.APP_API_TOKEN = ""
    answered = json.loads(client.get("/dapr/subscribe").content)
    assert answered
    assert [document["spec"] for document in declared(layout)] == answered


@pytest.mark.parametrize("layout", FILES)
def test_only_the_role_that_takes_deliveries_subscribes(layout: str):
    for document in declared(layout):
        assert document["apiVersion"] == "dapr.io/v2alpha1"
        assert document["kind"] == "Subscription"
        assert document["metadata"]["name"] == document["spec"]["topic"]
        assert document["scopes"] == ["events"]
