"""One stack under load for all faults. What they came to is printed at the end, and kept in ``VAR_DIR``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.faults.arena import Arena, running_arena
from tests.faults.report import Report


@pytest.fixture(scope="package")
def arena(request: pytest.FixtureRequest) -> Iterator[Arena]:
    report = Report()
    with running_arena(report) as running:
        yield running
        running.load.rest()
        report.events = running.books.value("SELECT count(*) FROM events_outboxevent")
        report.rate = report.events / running.load.worked_seconds
        report.statuses = dict(sorted(running.load.statuses.items()))
    report.write(settings.VAR_DIR)
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\n{report.markdown}")
