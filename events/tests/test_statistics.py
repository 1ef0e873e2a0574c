"""The statistics: what is counted for whom on which day, in whatever order and however often events come."""

from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import permutations

import pytest
from django.core.management import call_command

from accounts.actor import SYSTEM, Actor
from events import consumers, reconcile, relay
from events.models import ConsumedEvent, ConsumerPosition, Deed, OutboxEvent, Projection
from events.statistics import rebuild
from events.statistics.figures import Figures
from events.verify import verify
from tasks import clock as task_clock
from tasks.models import Project, Task
from todo_project.consumers import CONSUMERS

STATISTICS = "statistics"
MONDAY = date(2026, 11, 16)


@pytest.fixture(autouse=True)
def _built(db):
    """The statistics of an installation that is running."""
    build()


@pytest.fixture
def at(monkeypatch):
    """``at(16, 9)`` lets what follows happen on 16 November 2026 at nine in UTC."""

    def move(day, hour=12, minute=0):
        instant = datetime(2026, 11, day, hour, minute, tzinfo=UTC)
        monkeypatch.setattr(task_clock, "now", lambda: instant)

    move(16)
    return move


def build():
    rebuild.begin()
    while rebuild.step():
        pass


def make(project, by, title="Water the plants", **fields):
    task = Task(project=project, title=title, **fields)
    task.save(by=by)
    return task


def figures(user, first=MONDAY, last=MONDAY + timedelta(days=6)):
    return Figures(user, first, last)


def told():
    """What the statistics say, without the keys that two builds differ in."""
    columns = ("user_id", "kind", "day", "task_id", "version", "project_id", "tags", "on_time")
    return sorted(Deed.objects.shown().values_list(*columns), key=str)


def test_what_somebody_created_and_completed_is_counted_on_its_day(inbox, owner, by, at, drain):
    first, _second = make(inbox, by), make(inbox, by)
    at(17)
    first.complete(by)
    drain()
    monday, tuesday = figures(owner).days(MONDAY, MONDAY + timedelta(days=1))
    assert (monday.created, monday.completed) == (2, 0)
    assert (tuesday.created, tuesday.completed) == (0, 1)


def test_a_day_is_one_of_the_persons_own_calendar_at_that_time(inbox, owner, by, at, drain):
    owner.change(by, time_zone="Asia/Tokyo")
    at(16, 20)  # it is Tuesday in Tokyo
    make(inbox, by)
    drain()
    at(18)
    owner.change(by, time_zone="America/New_York")
    drain()
    assert figures(owner).days(MONDAY, MONDAY + timedelta(days=1))[1].created == 1
    build()
    assert figures(owner).days(MONDAY, MONDAY + timedelta(days=1))[1].created == 1


def test_it_counts_for_who_did_it_and_for_the_owner_where_it_was_the_system(
    shared, owner, member, by, at, drain
):
    task = make(shared, by)
    task.complete(Actor.of(member, "api"))
    make(shared, SYSTEM)
    drain()
    assert (figures(owner).total.created, figures(owner).total.completed) == (2, 0)
    assert (figures(member).total.created, figures(member).total.completed) == (0, 1)


def test_what_is_reopened_was_not_completed_and_counts_when_it_is_completed_again(
    inbox, owner, by, at, drain
):
    task = make(inbox, by)
    task.complete(by)
    at(17)
    task.reopen(by)
    drain()
    assert figures(owner).total.completed == 0
    at(18)
    task.complete(by)
    drain()
    assert [day.completed for day in figures(owner).days(MONDAY, MONDAY + timedelta(days=2))] == [0, 0, 1]


def test_a_task_that_a_program_adds_as_completed_counts_as_both(inbox, owner, by, at, drain):
    make(inbox, by, status="completed")
    drain()
    assert (figures(owner).total.created, figures(owner).total.completed) == (1, 1)


def test_what_had_a_due_date_is_on_time_or_late(inbox, owner, by, at, drain):
    midnight = datetime(2026, 11, 16, tzinfo=UTC)
    kept = make(inbox, by, due_date=midnight, due_all_day=True)
    late = make(inbox, by, due_date=midnight + timedelta(hours=11), due_all_day=False)
    neither = make(inbox, by)
    for task in (kept, late, neither):
        task.complete(by)
    drain()
    assert (figures(owner).total.due, figures(owner).total.on_time) == (2, 1)


def test_by_project_and_by_tag(inbox, owner, by, at, drain):
    garden = Project.objects.create(owner=owner, name="Garden")
    for project, tags in ((inbox, ["home"]), (garden, ["home", "out"]), (garden, [])):
        make(project, by, tags=tags).complete(by)
    drain()
    assert figures(owner).by_project == [(garden.pk, 2), (inbox.pk, 1)]
    assert figures(owner).by_tag == [("home", 2), ("out", 1)]


def test_a_streak_is_of_days_in_a_row_and_waits_for_today(inbox, owner, by, at, drain):
    for day in (3, 4, 5, 6, 10, 11):
        at(day)
        make(inbox, by).complete(by)
    drain()
    one = figures(owner)
    assert one.streak(date(2026, 11, 11)).days == one.streak(date(2026, 11, 12)).days == 2
    assert one.streak(date(2026, 11, 13)).days == 0
    assert (one.longest_streak.days, one.longest_streak.last) == (4, date(2026, 11, 6))


def test_nothing_is_done_yet(owner):
    one = figures(owner)
    assert (one.total.created, one.total.completed, one.by_project, one.by_tag) == (0, 0, [], [])
    assert (one.streak(MONDAY).days, one.longest_streak.days) == (0, 0)


def test_figures_of_any_length_cost_two_queries(inbox, owner, by, at, drain, django_assert_num_queries):
    for _ in range(5):
        make(inbox, by, tags=["home"]).complete(by)
    drain()
    with django_assert_num_queries(2):
        one = figures(owner, date(2020, 1, 1))
        assert (one.total.completed, one.longest_streak.days, len(one.by_project), len(one.by_tag)) == (
            5,
            1,
            1,
            1,
        )


# --- The path of an event ------------------------------------------------------------------------------


def test_the_order_of_events_and_their_repetition_make_no_difference(inbox, owner, by, at, drain):
    task = make(inbox, by)
    for act in (task.complete, task.reopen, task.complete):
        act(by)
    drain()
    expected, envelopes = told(), list(OutboxEvent.objects.values_list("envelope", flat=True))
    for order in list(permutations(envelopes))[::5]:
        Deed.objects.all().delete()
        ConsumedEvent.objects.filter(consumer=STATISTICS).delete()
        for envelope in (*order, order[0]):
            consumers.consume(STATISTICS, [envelope])
        assert told() == expected


def test_an_event_that_its_receipt_was_lost_of_counts_once(inbox, owner, by, at, drain):
    make(inbox, by)
    drain()
    ConsumedEvent.objects.filter(consumer=STATISTICS).delete()
    consumers.consume(STATISTICS, list(OutboxEvent.objects.values_list("envelope", flat=True)))
    assert figures(owner).total.created == 1


def test_a_batch_costs_the_same_however_large_it_is(inbox, by, at, django_assert_num_queries):
    for _ in range(30):
        make(inbox, by).complete(by)
    events = list(OutboxEvent.objects.filter(type__in=CONSUMERS[STATISTICS].types))
    few, many = events[:2], events[2:]
    for rows in (few, many):
        decoded = consumers._read(STATISTICS, [row.envelope for row in rows])
        with django_assert_num_queries(4):  # builds, people, their changes of zone, the rows
            CONSUMERS[STATISTICS].handle([event for event, _ in decoded])


# --- Building anew -------------------------------------------------------------------------------------


@pytest.fixture
def much(inbox, shared, owner, member, by, at, drain):
    """A history of all sorts, of which a part is only in the event log and a part only in the outbox."""
    dice = random.Random(7)
    for number in range(40):
        at(dice.randrange(1, 20), dice.randrange(24))
        actor = dice.choice([by, Actor.of(member, "web"), SYSTEM])
        task = make(dice.choice([inbox, shared]), actor, tags=dice.sample(["a", "b", "c"], 2))
        for act in (task.complete, task.reopen, task.complete)[: dice.randrange(4)]:
            act(actor)
        if number == 10:
            owner.change(by, time_zone="Asia/Tokyo")
        if number == 30:
            drain()
            OutboxEvent.objects.all().delete()
    return dice


def test_a_build_from_the_events_says_what_following_them_says(much, drain):
    build()  # before the last ones are delivered, some are in the outbox only
    beforehand = told()
    drain()
    assert told() == beforehand
    build()
    assert told() == beforehand
    assert len(beforehand) > 60


def test_what_happens_during_a_build_is_neither_lost_nor_counted_twice(
    much, inbox, by, at, drain, monkeypatch
):
    monkeypatch.setattr(rebuild, "BATCH", 12)
    drain()
    old = Projection.objects.get().pk
    rebuild.begin()
    at(19)
    steps = 0
    while rebuild.step():
        steps += 1
        task = make(inbox, by)
        if much.random() < 0.5:
            drain()
        task.complete(by)
        if much.random() < 0.5:
            drain()
    drain()
    following = told()
    assert steps > 10
    assert Projection.objects.get().pk != old
    build()
    assert told() == following


def test_while_it_is_built_the_old_one_is_shown_and_follows(inbox, owner, by, at, drain):
    make(inbox, by)
    drain()
    rebuild.begin()
    make(inbox, by)
    drain()
    assert figures(owner).total.created == 2
    while rebuild.step():
        assert figures(owner).total.created == 2
    assert figures(owner).total.created == 2


def test_nothing_of_a_build_that_was_replaced_stays(inbox, by, at, drain):
    make(inbox, by)
    drain()
    build()
    assert set(Deed.objects.values_list("projection", flat=True)) == {Projection.objects.get().pk}


def test_a_build_that_was_interrupted_goes_on_where_it_was(much, drain, monkeypatch):
    monkeypatch.setattr(rebuild, "BATCH", 10)
    drain()
    under_way = rebuild.begin()
    for _ in range(3):
        rebuild.step()
    assert rebuild.begin().pk == under_way.pk
    under_way.refresh_from_db()
    assert 0 < under_way.percent < 100
    rebuild.advance(30)
    assert Projection.objects.get().pk == under_way.pk


def test_the_command_builds_it_anew_and_says_how_far_it_is(much, drain, monkeypatch):
    monkeypatch.setattr(rebuild, "BATCH", 10)
    drain()
    expected, old, out = told(), Projection.objects.get().pk, StringIO()
    call_command("rebuild_statistics", stdout=out)
    said = out.getvalue().splitlines()
    assert re.fullmatch(r"About \d+ events to read\.", said[0])
    assert len(said) > 5
    assert said[-1] == "Done: the new statistics are shown."
    assert (told(), Projection.objects.get().pk == old) == (expected, False)


# --- A consumer that is added later --------------------------------------------------------------------


@pytest.fixture
def added_later(inbox, owner, by, at, drain):
    """An installation that ran before it had statistics: events in its outbox, none with their receipt."""
    for _ in range(3):
        make(inbox, by).complete(by)
    drain()
    for table in (Deed, Projection, ConsumerPosition):
        table.objects.all().delete()
    ConsumedEvent.objects.filter(consumer=STATISTICS).delete()


def test_a_consumer_that_was_added_is_not_handed_what_was_before_it(added_later, owner, drain):
    assert reconcile.Reconciliation(STATISTICS).round(timedelta(0)) == 0
    assert list(reconcile.missing_for(STATISTICS)) == []
    rebuild.advance(30)
    assert (figures(owner).total.created, figures(owner).total.completed) == (3, 3)


def test_it_follows_from_where_it_began(added_later, inbox, owner, by, drain, lose_queues):
    reconcile.Reconciliation(STATISTICS).round(timedelta(0))
    make(inbox, by)
    relay.publish_all()
    lose_queues()
    assert reconcile.Reconciliation(STATISTICS).round(timedelta(0)) == 1
    drain()
    rebuild.advance(30)
    assert figures(owner).total.created == 4


def test_what_was_before_it_is_nothing_that_is_missing(added_later, drain):
    reconcile.Reconciliation(STATISTICS).round(timedelta(0))
    assert verify(timedelta(0)).findings == []


def test_a_consumer_without_a_start_of_its_own_is_handed_everything(added_later):
    assert ConsumerPosition.objects.count() == 0
    reconcile.reconcile(timedelta(0))
    assert ConsumerPosition.objects.get(consumer="audit").began == 0
