"""Settings that change while web runs: the same on the embedded default and on Redis behind daprd."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis

from todo_project import rate_limits
from todo_project.blocks import configuration
from todo_project.blocks.configuration import Current, Following
from todo_project.blocks.sidecar import Unavailable

Say = Callable[..., None]


@pytest.fixture(autouse=True)
def _files_of_its_own(settings: Any, tmp_path: Any) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def current() -> Iterator[Current]:
    """Not that of the process, which a thread may follow."""
    made = Current()
    yield made
    made.take({})


@pytest.fixture
def say(transport: str, request: pytest.FixtureRequest, settings: Any) -> Iterator[Say]:
    """``say(API_RATE_LIMIT="5")``: what an operator sets, and nothing else."""
    if transport == "embedded":
        yield lambda **values: (settings.VAR_DIR / configuration.FILE).write_text(json.dumps(values))
        return
    redis = Redis(port=request.getfixturevalue("blocks").redis.port)

    def set_in_redis(**values: str) -> None:
        redis.delete(*configuration.CHANGEABLE)
        if values:
            redis.mset(values)

    yield set_in_redis
    set_in_redis()


def test_what_nobody_changed_is_as_the_environment_says(say: Say, current: Current, settings: Any):
    settings.API_RATE_LIMIT = 77
    say()
    Following(current).look()
    assert current.api_rate_limit == 77


def test_a_change_is_in_force_after_the_next_look_and_goes_when_it_is_taken_back(
    say: Say, current: Current, settings: Any
):
    settings.API_RATE_LIMIT = 77
    say(API_RATE_LIMIT="5", LOG_LEVEL="ERROR")
    following = Following(current)
    following.look()
    assert current.api_rate_limit == 5
    assert logging.getLogger().level == logging.ERROR
    say()
    following.look()
    assert current.api_rate_limit == 77
    assert logging.getLogger().level == logging.getLevelName(settings.LOG_LEVEL)


def test_a_value_that_means_nothing_leaves_the_one_before_and_is_named_once(
    say: Say, current: Current, caplog: pytest.LogCaptureFixture
):
    following = Following(current)
    say(API_RATE_LIMIT="5")
    following.look()
    say(API_RATE_LIMIT="many")
    following.look()
    following.look()
    assert current.api_rate_limit == 5
    assert caplog.text.count("API_RATE_LIMIT='many' is not taken") == 1


def test_while_nobody_answers_everything_stays(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    current = Current()
    current.take({"API_RATE_LIMIT": "5"})
    following = Following(current)

    def away() -> dict[str, str]:
        raise Unavailable("daprd went away")

    monkeypatch.setattr(configuration, "read", away)
    following.look()
    following.look()
    assert current.api_rate_limit == 5
    assert caplog.text.count("daprd went away") == 1


def test_a_store_that_dapr_does_not_know_is_named_and_everything_stays(
    blocks: Any, current: Current, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    current.take({"API_RATE_LIMIT": "5"})
    monkeypatch.setattr(configuration, "STORE", "nobody-has-set-it-up")
    Following(current).look()
    assert "nobody-has-set-it-up" in caplog.text
    assert current.api_rate_limit == 5


def test_a_file_that_is_no_object_is_named(settings: Any, current: Current, caplog: pytest.LogCaptureFixture):
    (settings.VAR_DIR / configuration.FILE).write_text("[1]")
    Following(current).look()
    assert "has to be an object" in caplog.text


def test_the_limit_of_the_api_follows(
    settings: Any, client: Any, db: None, current: Current, monkeypatch: pytest.MonkeyPatch
):
    settings.API_RATE_LIMIT = 600
    monkeypatch.setattr(rate_limits, "CURRENT", current)
    monkeypatch.setattr(rate_limits.COUNTERS, "tallies", {})
    current.take({"API_RATE_LIMIT": "2"})
    assert [client.get("/api/tasks").status_code for _ in range(3)] == [401, 401, 429]
