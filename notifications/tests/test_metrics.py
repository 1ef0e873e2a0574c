"""What is counted of notifications."""

from __future__ import annotations

import pytest

from notifications.models import Delivery, State

NOTIFICATIONS = "todo_notifications_total"


@pytest.fixture
def unsent(remind):
    """The delivery of a mail that was not attempted yet."""
    delivery = remind().deliveries.get(channel="email")
    Delivery.objects.filter(pk=delivery.pk).update(state=State.PENDING, sent_at=None)
    return Delivery.objects.get(pk=delivery.pk)


def test_what_arrives_counts_by_channel(remind, counted, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        remind()
    for channel in ("in_app", "email"):
        assert counted(NOTIFICATIONS, channel=channel, outcome="sent") == 1


def test_each_attempt_that_fails_counts(unsent, counted, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            with pytest.raises(OSError, match="no route"), unsent.attempt():
                raise OSError("no route")
    assert counted(NOTIFICATIONS, channel="email", outcome="failed") == 2
    assert counted(NOTIFICATIONS, channel="email", outcome="sent") == 0


def test_what_nobody_wants_any_more_counts_as_skipped(unsent, counted, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        unsent.skip("Switched off meanwhile.")
    assert counted(NOTIFICATIONS, channel="email", outcome="skipped") == 1
