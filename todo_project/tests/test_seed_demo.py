"""``manage.py seed_demo``: a month that looks lived in, recorded like any other."""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import groupby

import pytest
from django.contrib.auth import authenticate
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from events.models import ConsumedEvent, DeadLetter, OutboxEvent, TaskEventLog, UserEventLog
from notifications.models import Delivery, Notification
from tasks import clock, scheduler
from tasks.models import Priority, Project, RecurringTask, Reminder, Task

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough sentence"


def seed(*arguments, stdin=""):
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(stdin))
        call_command("seed_demo", *arguments, stdout=said)
    return said.getvalue()


def census():
    """How many rows of each kind there are."""
    models = (User, Project, Task, Reminder, OutboxEvent, ConsumedEvent, TaskEventLog, Notification, Delivery)
    return {model.__name__: model.objects.count() for model in models}


def histories():
    entries = TaskEventLog.objects.order_by("task_id", "version")
    return [list(entries) for _, entries in groupby(entries, key=lambda entry: entry.task_id)]


@pytest.fixture(scope="class")
def month(django_db_setup, django_db_blocker):
    """Told once for all tests of a class, in a transaction around theirs."""
    with django_db_blocker.unblock(), transaction.atomic():
        seed("--time-zone", "Pacific/Auckland")
        yield
        transaction.set_rollback(True)


class TestTheMonth:
    @pytest.fixture
    def demo(self, month, db):
        return User.objects.get(email="demo@example.com")

    def test_nothing_is_missing(self, demo):
        said = io.StringIO()
        call_command("verify_events", stdout=said)
        assert "Nothing is missing." in said.getvalue()
        assert " 0 events are on their way, 0 are dead letters." in said.getvalue()
        for history in histories():
            assert [entry.version for entry in history] == list(range(1, len(history) + 1))

    def test_history_is_in_the_past_and_in_order(self, demo):
        start, now = timezone.now() - timedelta(days=32), timezone.now()
        for history in histories():
            times = [entry.occurred_at for entry in history]
            assert times == sorted(times)
            assert start < times[0]
            assert times[-1] <= now
        assert not Task.objects.filter(created_at__gt=F("updated_at")).exists()
        assert (
            UserEventLog.objects.get().occurred_at < TaskEventLog.objects.earliest("occurred_at").occurred_at
        )

    def test_it_came_through_different_doors(self, demo):
        doors = Counter(TaskEventLog.objects.values_list("via", flat=True))
        assert set(doors) == {"web", "api", "system"}
        assert min(doors.values()) > 10

    def test_every_kind_of_change_is_in_it(self, demo):
        kinds = set(TaskEventLog.objects.values_list("type", flat=True))
        assert kinds == {
            *(
                f"task.{kind}"
                for kind in ("created", "updated", "completed", "reopened", "deleted", "restored")
            ),
            *("task.due_soon", "task.overdue", "task.reminder.due", "task.recurring.triggered"),
        }

    def test_projects_priorities_tags_and_subtasks(self, demo):
        names = set(Project.objects.filter(owner=demo).values_list("name", flat=True))
        assert names == {"Inbox", "Website", "Home", "Errands", "Lisbon trip"}
        assert set(Task.objects.values_list("priority", flat=True)) == set(Priority.values)
        assert Task.objects.exclude(tags=[]).count() > 5
        assert Task.objects.filter(parent__isnull=False).count() > 5
        assert Task.objects.filter(status="in_progress").exists()

    def test_due_dates_lie_around_today_on_the_accounts_calendar(self, demo):
        open_tasks = Task.objects.alive().open()
        midnight = datetime.combine(demo.today(), datetime.min.time(), UTC)
        assert open_tasks.get(title="Call the landlord about the window").due_date == midnight
        dentist = open_tasks.get(title="Dentist").due_date.astimezone(demo.zone)
        assert (dentist.date(), dentist.hour) == (demo.today() + timedelta(days=6), 9)
        assert open_tasks.overdue(timezone.now()).count() >= 2
        assert open_tasks.due_after_today_of(demo, timezone.now()).count() > 10

    def test_tasks_were_completed_all_through_it(self, demo):
        days = set(Task.objects.completed().values_list("completed_at__date", flat=True))
        assert len(days) > 20

    def test_series_went_on_by_calendar_and_by_completion(self, demo):
        now = timezone.now()
        assert RecurringTask.objects.count() == 4
        for series in RecurringTask.objects.all():
            occurrences = series.occurrences.order_by("occurrence_at")
            assert occurrences.count() >= 2
            assert [task.is_completed for task in occurrences][:-1].count(False) == 0
            assert occurrences.last().deadline_at > now - timedelta(days=1)

    def test_reminders_fired_and_to_come(self, demo):
        fired = Reminder.objects.exclude(fired_at=None)
        assert fired.count() > 3
        assert not fired.exclude(fired_at=F("fire_at")).exists()
        assert Reminder.objects.filter(fired_at=None, fire_at__gt=timezone.now()).count() > 3

    def test_old_notifications_were_read_and_new_ones_wait(self, demo):
        told = Notification.objects.filter(user=demo)
        assert told.unread().exists()
        assert told.already_read().exists()
        assert not told.filter(created_at__gt=timezone.now()).exists()
        assert "late" not in " ".join(told.values_list("body", flat=True))

    def test_no_mail_is_sent_now_or_later(self, demo, drain):
        scheduler.tick(timezone.now() + timedelta(days=10))
        drain()
        assert set(Delivery.objects.values_list("channel", flat=True)) == {"in_app"}
        assert mail.outbox == []

    def test_carried_again_its_events_have_no_second_effect(self, demo, drain):
        before = census()
        assert drain() > 0
        assert census() == before
        assert not DeadLetter.objects.exists()

    def test_a_second_time_nothing_is_changed(self, demo):
        before, password = census(), demo.password
        assert seed() == "The demo is in the account demo@example.com already. Nothing was changed.\n"
        demo.refresh_from_db()
        assert (census(), demo.password) == (before, password)

    def test_time_goes_on_as_ever(self, demo):
        assert timezone.now() - clock.now() < timedelta(seconds=1)


class TestTheWayIn:
    def test_a_made_up_password_is_printed_and_opens_the_account(self, settings):
        settings.FIRST_ACCOUNT_IS_STAFF = True
        said = seed("--days", "14")
        password = re.search(r"password +(\S+)", said)[1]
        user = authenticate(None, email="demo@example.com", password=password)
        assert user is not None
        assert user.is_staff
        assert "/admin/" in said

    def test_a_given_password_is_not_printed(self, owner, settings):
        settings.FIRST_ACCOUNT_IS_STAFF = True
        said = seed("--email", "Ana@example.com", "--password-stdin", "--days", "14", stdin=PASSWORD + "\n")
        assert PASSWORD not in said
        user = authenticate(None, email="ana@example.com", password=PASSWORD)
        assert user is not None
        assert not user.is_staff

    def test_an_account_that_exists_is_filled_and_keeps_its_password(self, owner):
        Task(project=Project.objects.inbox_of(owner), title="My own").save()
        said = seed("--email", owner.email, "--days", "14")
        assert "the one that it had" in said
        assert authenticate(None, email=owner.email, password="correct horse") == owner
        assert Task.objects.filter(title="My own", version=1).exists()

    def test_others_are_left_alone(self, outsider):
        theirs = Task(project=Project.objects.inbox_of(outsider), title="Late")
        theirs.due_date = timezone.now() - timedelta(days=1)
        theirs.save()
        seed("--days", "14")
        theirs.refresh_from_db()
        assert (theirs.version, theirs.overdue_told) == (1, False)
        assert not ConsumedEvent.objects.filter(
            event_id__in=OutboxEvent.objects.filter(key=theirs.pk).values("event_id")
        ).exists()


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        (["--days", "3"], "", "--days is a number from 14 to 180"),
        (["--days", "999"], "", "--days is a number from 14 to 180"),
        (["--time-zone", "Mars/Olympus"], "", "not a time zone"),
        (["--email", "nobody"], "", "valid email"),
        (["--password-stdin"], "12345\n", "too short"),
    ],
)
def test_what_cannot_be_leaves_nothing_behind(arguments, stdin, words):
    with pytest.raises(CommandError, match=words):
        seed(*arguments, stdin=stdin)
    assert not User.objects.exists()
    assert not OutboxEvent.objects.exists()
