"""Many rows with one statement."""

from __future__ import annotations

import pytest
from django.db import DataError, transaction
from uuid_utils.compat import uuid7

from events import arrays
from events.models import OutboxEvent
from notifications.models import Notification


def event(**fields):
    return OutboxEvent(**{"event_id": uuid7(), "type": "a", "key": uuid7(), "envelope": "{}", **fields})


def test_rows_are_inserted_in_their_order_with_one_statement(db, django_assert_num_queries):
    texts = ["", "it's", 'a "b" \\ {c,d}', "äöü\n", "NULL"]
    rows = [event(envelope=text, sequence=n or None) for n, text in enumerate(texts * 20)]
    with django_assert_num_queries(1):
        arrays.insert(rows)
    stored = OutboxEvent.objects.order_by("id")
    columns = ("event_id", "type", "key", "sequence", "envelope", "created_at")
    assert list(stored.values_list(*columns)) == [tuple(getattr(row, c) for c in columns) for row in rows]
    assert not any(row._state.adding for row in rows)


def test_nothing_is_no_statement(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        arrays.insert([])


def test_columns_without_any_value_stay_empty(owner):
    rows = [Notification(user=owner, kind="reminder", title="A", source_event_id=uuid7()) for _ in range(3)]
    arrays.insert(rows)
    assert list(Notification.objects.values_list("task_id", "read_at", "detail")) == [(None, None, "")] * 3


@pytest.mark.postgresql
def test_what_is_too_long_for_its_column_is_refused_and_not_cut(db):
    with pytest.raises(DataError), transaction.atomic():
        arrays.insert([event(), event(type="x" * 65)])
    assert not OutboxEvent.objects.exists()
