"""While the database is away no event is to blame: nothing is counted, and the batch comes again as it is."""

from __future__ import annotations

import dramatiq
import pytest
from django.db import OperationalError, connection

from events import consumers
from events.models import ConsumedEvent, DeadLetter

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
CLOSED_PORT = "1"  # nobody listens there


@pytest.mark.parametrize("number", [1, 3])
def test_a_batch_is_neither_split_nor_counted(recorded, table, number, monkeypatch):
    envelopes = [row.envelope for row in recorded(number)]

    def goes(events):
        outage.setitem(connection.settings_dict, "PORT", CLOSED_PORT)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as outage:
        outage.setitem(table.TABLE["inside"].__dict__, "handle", goes)
        with pytest.raises(OperationalError):
            consumers.consume("inside", envelopes)
    assert dramatiq.get_broker().queues["inside"].empty()
    assert DeadLetter.objects.count() == 0
    consumers.consume("inside", envelopes)
    assert len(table.inside) == ConsumedEvent.objects.filter(consumer="inside").count() == number
