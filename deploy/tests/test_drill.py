"""The whole way back from a lost disk, in short: `make bench-restore` does it with 100,000 tasks."""

from __future__ import annotations

import pytest

from bench.restore.__main__ import as_markdown
from bench.restore.drill import Drill
from tests.real_stack import new_stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]


def test_after_the_loss_of_the_disk_everything_until_the_backup_is_there_and_has_its_effect():
    with new_stack() as stack:
        stack.up()
        drill = Drill(stack, tasks=500, work_seconds=1.0)
        drill.run()
        assert drill.figures["lost_tasks"] > 0, "people worked after the backup"
        assert drill.figures["lost_tasks"] < drill.figures["acknowledged_tasks"]
        assert drill.figures["events"] >= 500
        assert "| restore.sh |" in as_markdown(drill)
