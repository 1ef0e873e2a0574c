"""When most tests of tasks take place."""

from datetime import UTC, datetime

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)  # Friday, 11:30 in Berlin
