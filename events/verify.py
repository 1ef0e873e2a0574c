"""Proof that nothing was lost or doubled: what was recorded, logged, received and done is compared, all of it.

Every check is a query over a range of rows, so its cost grows with the rows and its memory does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.conf import settings
from django.db.models import (
    Count,
    Exists,
    Expression,
    F,
    JSONField,
    Max,
    Min,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Replace

from events import consumers
from events.audit import AUDIT
from events.findings import Finding, Kind, Report
from events.models import (
    ConsumedEvent,
    ConsumerPosition,
    DeadLetter,
    OutboxEvent,
    ProjectEventLog,
    TaskEventLog,
    UserEventLog,
)
from events.models.dead_letter import DELIVERY, State
from events.outbox import reader, retention
from events.types import PROJECT_EVENTS, TASK_EVENTS, USER_EVENTS, TaskRecurringTriggered
from tasks.models import Reminder, Task

SETTLE_SECONDS = 3.0  # for what is being published at this moment, where nothing counts as too young
CHUNK = 20_000  # rows looked at in one query
RECURRENCE = "recurrence"
REMINDER_DUE = "task.reminder.due"

Progress = Callable[[str, int, int], None]


def patience() -> timedelta:
    """The age from which an event is missed: reconciliation has had its turn by then."""
    return timedelta(seconds=2 * settings.RECONCILE_AFTER_SECONDS)


def verify(age: timedelta | None = None, progress: Progress = lambda *_: None) -> Report:
    """Compare everything. ``age``: how old an event must be to be missed, by default ``patience()``."""
    patient = patience() if age is None else age
    reader().keep_up(0.0 if patient else SETTLE_SECONDS)
    newest = reader().horizon(patient)
    report = Report(
        tasks=Task.objects.count(), events=OutboxEvent.objects.count(), entries=TaskEventLog.objects.count()
    )
    for first, last in _ranges(OutboxEvent, newest, "events", progress):
        rows = OutboxEvent.objects.filter(id__gt=first, id__lte=last)
        report.add(_not_logged(rows))
        for consumer in consumers.registry():
            report.add(_not_received(rows, consumer))
        report.add(_received_twice(rows))
    for first, last in _ranges(TaskEventLog, None, "log entries", progress):
        entries = TaskEventLog.objects.filter(id__gt=first, id__lte=last)
        report.add(_log_without_outbox(entries))
        report.add(_logged_twice(entries))
    report.add(_tasks_without_events(progress))
    report.add(_gaps_of_removed_tasks())
    report.add(_reminders())
    report.add(_successors())
    report.on_their_way = _on_their_way(newest)
    report.in_letters = DeadLetter.objects.filter(state__in=(State.DEAD, State.DISCARDED)).count()
    return report


def _ranges(
    model: type[Model], newest: int | None, what: str, progress: Progress
) -> Iterator[tuple[int, int]]:
    """Ranges of ids (after the first, up to the last) that together cover a table."""
    found = model._default_manager.aggregate(first=Min("pk"), last=Max("pk"))
    last: int = (found["last"] or 0) if newest is None else newest
    for first in range((found["first"] or 1) - 1, last, CHUNK):
        yield first, min(first + CHUNK, last)
        progress(what, min(first + CHUNK, last), last)


# --- Each event: in the log, and with the receipt of every consumer -------------------------------------


def _receipts(consumer: str) -> QuerySet[ConsumedEvent]:
    return ConsumedEvent.objects.filter(consumer=consumer, event_id=OuterRef("event_id"))


def _letters(consumer: str, *states: State) -> Exists:
    """Whether a letter in one of these states speaks for an event of the outbox."""
    return Exists(
        DeadLetter.objects.filter(
            event_id=OuterRef("event_id"), consumer__in=(consumer, DELIVERY), state__in=states
        )
    )


def _not_logged(rows: QuerySet[OutboxEvent]) -> Iterator[Finding]:
    """A dead letter explains why an event is not in the log, but only a person's decision excuses it."""
    entries = TaskEventLog.objects.filter(task_id=OuterRef("key"), version=OuterRef("sequence"))
    of_tasks = Q(type__in=TASK_EVENTS) & ~Exists(entries)
    of_projects = Q(type__in=PROJECT_EVENTS) & ~_logged(ProjectEventLog)
    of_users = Q(type__in=USER_EVENTS) & ~_logged(UserEventLog)
    missing = rows.filter(of_tasks | of_projects | of_users)
    missing = missing.exclude(_letters(AUDIT, State.RETRYING, State.REQUEUED, State.DISCARDED))
    return _of_rows(Kind.NOT_LOGGED, missing, AUDIT)


def _logged(log: type[Model]) -> Exists:
    """Whether a log has an event of the outbox."""
    return Exists(log._default_manager.filter(event_id=OuterRef("event_id")))


def _not_received(rows: QuerySet[OutboxEvent], consumer: str) -> Iterator[Finding]:
    wanted = rows.filter(~Exists(_receipts(consumer)), type__in=consumers.registry()[consumer].types)
    began = ConsumerPosition.objects.filter(consumer=consumer).values("began")
    wanted = wanted.filter(id__gt=Coalesce(Subquery(began), 0))
    missing = wanted.exclude(_letters(consumer, State.RETRYING, State.REQUEUED, State.DEAD, State.DISCARDED))
    if consumer == AUDIT:  # what is not even in the log is named as that
        missing = missing.filter(_logged(TaskEventLog) | _logged(ProjectEventLog) | _logged(UserEventLog))
    return _of_rows(Kind.NOT_RECEIVED, missing, consumer)


def _received_twice(rows: QuerySet[OutboxEvent]) -> Iterator[Finding]:
    receipts = ConsumedEvent.objects.filter(event_id__in=rows.values("event_id")).order_by()
    counted = receipts.values("consumer", "event_id").annotate(n=Count("handled_at")).filter(n__gt=1)
    for consumer, event_id in counted.values_list("consumer", "event_id"):
        yield from _of_rows(Kind.RECEIVED_TWICE, rows.filter(event_id=event_id), consumer)


def _of_rows(kind: Kind, rows: QuerySet[OutboxEvent], consumer: str = "") -> Iterator[Finding]:
    for row in rows.order_by("id").only("key", "sequence", "event_id", "type"):
        about = row.type.partition(".")[0]
        yield Finding(kind, row.key, row.sequence, row.event_id, consumer, about)


def _on_their_way(newest: int) -> int:
    """How many events some consumer has yet to handle and has still time for."""
    letters = DeadLetter.objects.under_way().count()
    waiting = [
        Q(~Exists(_receipts(name)), type__in=consumer.types)
        for name, consumer in consumers.registry().items()
    ]
    return OutboxEvent.objects.filter(reduce(or_, waiting), id__gt=newest).count() + letters


# --- Each task: versions 1 to its own, once each --------------------------------------------------------


def _tasks_without_events(progress: Progress) -> Iterator[Finding]:
    """Tasks whose versions are not just those of the outbox; what the log still has is named elsewhere."""
    told = OutboxEvent.objects.filter(key=OuterRef("pk")).order_by().values("key")
    counted = Task.objects.order_by("pk").annotate(
        told=Coalesce(Subquery(told.annotate(n=Count("pk")).values("n")), 0),
        last=Coalesce(Subquery(told.annotate(n=Max("sequence")).values("n")), 0),
    )
    total, done, after = Task.objects.count(), 0, None
    while keys := list(_page(after).values_list("pk", flat=True)):
        page = counted.filter(pk__gte=keys[0], pk__lte=keys[-1])
        odd = page.exclude(told=F("version"), last=F("version"), version__gt=0)
        found = list(odd.values_list("pk", "version", "last"))
        logged = _wholly_logged([key for key, _, _ in found])
        for key, version, last in found:
            if logged.get(key) != version or last > version:
                yield from _versions_of(key, version)
        after, done = keys[-1], done + len(keys)
        progress("tasks", done, total)


def _wholly_logged(keys: list[UUID]) -> dict[UUID, int]:
    """The last version of those of some tasks whose log has no gap: the outbox may have let go of the older ones."""
    entries = TaskEventLog.objects.filter(task_id__in=keys).order_by().values_list("task_id")
    counted = entries.annotate(n=Count("version", distinct=True), last=Max("version"))
    return {key: last for key, n, last in counted if n == last}


def _page(after: UUID | None) -> QuerySet[Task]:
    tasks = Task.objects.order_by("pk")
    return (tasks if after is None else tasks.filter(pk__gt=after))[:CHUNK]


def _versions_of(key: UUID, version: int) -> Iterator[Finding]:
    """Look closely at one task; ``version`` is that of its row, read before its events."""
    recorded = set(OutboxEvent.objects.filter(key=key).values_list("sequence", flat=True))
    logged = set(TaskEventLog.objects.filter(task_id=key).values_list("version", flat=True))
    if not recorded and not logged:
        yield Finding(Kind.UNTOLD, key, version or None)
        return
    for lost in sorted(set(range(1, version + 1)) - recorded - logged):
        yield Finding(Kind.LOST, key, lost)
    now = Task.objects.filter(pk=key).values_list("version", flat=True).first() or version
    for beyond in sorted(number for number in recorded if number is not None and number > now):
        yield Finding(Kind.BEYOND, key, beyond)


def _gaps_of_removed_tasks() -> Iterator[Finding]:
    """Of a task whose row is gone, the outbox alone says how many versions there were."""
    rows = OutboxEvent.objects.filter(
        ~Exists(Task.objects.filter(pk=OuterRef("key"))), sequence__isnull=False
    )
    told = rows.order_by().values("key").annotate(told=Count("pk"), last=Max("sequence"))
    for key, last in told.filter(told__lt=F("last")).values_list("key", "last"):
        yield from _versions_of(key, last)


def _log_without_outbox(entries: QuerySet[TaskEventLog]) -> Iterator[Finding]:
    """Log entries that the outbox does not know, or knows as another event, or that no task has come to.

    What is older than the outbox keeps is known to the log alone.
    """
    recorded = OutboxEvent.objects.filter(key=OuterRef("task_id"), sequence=OuterRef("version"))
    passed = Task.objects.filter(pk=OuterRef("task_id"), version__lt=OuterRef("version"))
    same = Exists(recorded.filter(event_id=OuterRef("event_id")))
    odd = entries.filter(~same).annotate(recorded=Exists(recorded), is_beyond=Exists(passed))
    odd = odd.exclude(recorded=False, is_beyond=False, occurred_at__lt=retention.kept_since())
    for entry in odd.only("task_id", "version", "event_id").order_by("id"):
        kind = Kind.DIFFERENT if entry.recorded else Kind.BEYOND if entry.is_beyond else Kind.NOT_IN_OUTBOX
        yield Finding(kind, entry.task_id, entry.version, entry.event_id)


def _logged_twice(entries: QuerySet[TaskEventLog]) -> Iterator[Finding]:
    """Entries that came after another one of the same version."""
    earlier = TaskEventLog.objects.filter(
        task_id=OuterRef("task_id"), version=OuterRef("version"), id__lt=OuterRef("id")
    )
    for entry in entries.filter(Exists(earlier)).order_by("id").only("task_id", "version", "event_id"):
        yield Finding(Kind.LOGGED_TWICE, entry.task_id, entry.version, entry.event_id)


# --- Reminders and occurrences --------------------------------------------------------------------------


def _hex(expression: Expression) -> Expression:
    """An id as 32 hexadecimal digits, however the database keeps it."""
    return Replace(expression, Value("-"), Value(""), output_field=TextField())


def _reminders() -> Iterator[Finding]:
    """A reminder that fired has exactly one event; one that has an event fired."""
    data = KeyTransform("data", Cast("envelope", JSONField()))
    events = OutboxEvent.objects.filter(type=REMINDER_DUE).annotate(
        reminder=_hex(KeyTextTransform("reminder_id", data))
    )
    entries = TaskEventLog.objects.filter(type=REMINDER_DUE).annotate(
        reminder=_hex(KeyTextTransform("reminder_id", "data"))
    )
    own_id = _hex(Cast(OuterRef("pk"), TextField()))
    told = events.filter(key=OuterRef("task_id"), reminder=own_id)
    logged = entries.filter(task_id=OuterRef("task_id"), reminder=own_id)
    fired = Reminder.objects.filter(fired_at__isnull=False)
    for reminder in fired.filter(~Exists(told), ~Exists(logged)):
        yield Finding(Kind.REMINDER_UNTOLD, reminder.task_id)
    for reminder in Reminder.objects.filter(Exists(told), fired_at=None):
        yield Finding(Kind.REMINDER_NOT_FIRED, reminder.task_id)
    twice = events.values("key", "reminder").annotate(n=Count("pk"), last=Max("sequence")).filter(n__gt=1)
    for key, version in twice.order_by().values_list("key", "last"):
        yield Finding(Kind.REMINDER_TOLD_TWICE, key, version)


def _successors() -> Iterator[Finding]:
    """The last occurrence of an active series, when it is completed and its completion was handled."""
    later = Task.objects.filter(
        recurring_task=OuterRef("recurring_task"), occurrence_at__gt=OuterRef("occurrence_at")
    )
    last = Task.objects.completed().filter(
        ~Exists(later),
        recurring_task__is_active=True,
        recurring_task__deleted_at=None,
        recurring_task__project__deleted_at=None,
    )
    for task in last.select_related("recurring_task").order_by("pk"):
        series = task.recurring_task
        if series is not None and series.lacks_successor_of(task) and not _had_successor(task):
            yield from _unfollowed(task)


def _had_successor(task: Task) -> bool:
    """Whether a later occurrence was made that somebody has deleted for good since."""
    triggered = TaskEventLog.objects.filter(
        user_id=task.owner_id,
        occurred_at__gte=task.created_at,
        type=TaskRecurringTriggered.TYPE,
        data__recurring_task_id=str(task.recurring_task_id),
    )
    made = triggered.values_list("data__occurrence_at", flat=True)
    return any(datetime.fromisoformat(at) > task.occurrence_at for at in made if task.occurrence_at)


def _unfollowed(task: Task) -> Iterator[Finding]:
    completions = OutboxEvent.objects.filter(key=task.pk, type="task.completed").order_by("-sequence")
    completion = completions.first()
    if completion is None:
        return
    receipt = ConsumedEvent.objects.filter(consumer=RECURRENCE, event_id=completion.event_id)
    if receipt.exists():  # without one it is on its way, or named as not received
        yield Finding(Kind.NO_SUCCESSOR, task.pk, completion.sequence, completion.event_id, RECURRENCE)
