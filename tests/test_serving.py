"""`manage.py serve` as an operator meets it."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.installation import Installation, installation
from tests.waiting import wait_until

LOGGED = "SELECT count(*) FROM events_taskeventlog"


def test_it_ends_cleanly_and_another_takes_over(tmp_path: Path) -> None:
    with installation(tmp_path / "var") as first:
        token = first.token("olga@example.com", "tasks:write")
        second = Installation(first.folder)
        first.start()
        second.start()
        try:
            # Whichever of the two is asked, the one that carries events carries them.
            assert second.request("POST", "/api/tasks", {"title": "One"}, token)[0] == 201
            wait_until(lambda: first.rows(LOGGED) == [(1,)])
            assert first.server is not None
            first.server.send_signal(signal.SIGINT)
            assert first.server.wait(timeout=30) == 0
            assert "Stopped." in (first.folder / "serve.log").read_text()
            assert second.request("POST", "/api/tasks", {"title": "Two"}, token)[0] == 201
            wait_until(lambda: second.rows(LOGGED) == [(2,)])
        finally:
            second.kill()


def test_it_says_what_has_to_be_done_first(tmp_path: Path) -> None:
    place = Installation(tmp_path)
    refused = place.manage("serve", "--port", str(place.port), ok=False)
    assert refused.returncode == 1
    assert "manage.py migrate" in refused.stderr
    place.manage("migrate", "--verbosity", "0")
    refused = place.manage("serve", "--port", str(place.port), ok=False)
    assert refused.returncode == 1
    assert "manage.py collectstatic" in refused.stderr
