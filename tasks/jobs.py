"""Changes of very many tasks, done by a worker in portions: nothing of them is lost when it dies, or done twice.

The row of a job says what is to do and how far it is. A message only says that somebody should go on: one that is
lost is sent again with a tick of the scheduler, and one that comes twice lets the next portion be done earlier.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Final
from uuid import UUID

import dramatiq
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, InterfaceError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.actor import Actor
from accounts.models import User
from tasks import many
from tasks.many import Done
from tasks.models import Batch, Job
from tasks.models.job import NAMED
from tasks.wishes import Wish

log = logging.getLogger(__name__)
QUEUE: Final = "jobs"
MOST: Final = 10_000  # tasks of one job
PORTION: Final = 50  # tasks of one transaction, which holds up other writers on SQLite
SILENCE: Final = timedelta(seconds=10)  # after this nobody is at it any more
ATTEMPTS: Final = 5  # of a portion that fails as a whole


def begin(user: User, by: Actor, wish: Wish, tasks: Sequence[UUID]) -> Job:
    """Let tasks be changed. Raises ValidationError while another job of this person is running."""
    return _begin(
        user, by, change=wish.name, value=wish.value, items=[str(key) for key in tasks], total=len(tasks)
    )


def begin_undo(job: Job, by: Actor) -> Job:
    """Let a job be taken back, the last portion first. Raises ValidationError where that cannot be (any more)."""
    if not job.can_be_taken_back:
        raise ValidationError(_("This was taken back already, or it is too long ago."))
    batches = job.batches[::-1]
    return _begin(job.user, by, takes_back=job, items=batches, total=len(batches))


def _begin(user: User, by: Actor, **fields: object) -> Job:
    try:
        with transaction.atomic():
            job = Job.objects.begin(user, via=by.via, **fields)
    except IntegrityError:
        raise ValidationError(_("Wait until what you began before is done.")) from None
    _go_on_after_commit(job)
    return job


# --- The worker -----------------------------------------------------------------------------------------


@cache
def actor() -> dramatiq.Actor:
    """The Dramatiq actor. A failure is counted in the job, not by Dramatiq."""
    declare = dramatiq.actor(actor_name="go_on_with_job", queue_name=QUEUE, max_retries=None)
    return declare(go_on)


def take_up(now: datetime) -> int:
    """Send those on their way again that nobody has been at for a while. Returns how many."""
    silent = list(Job.objects.silent_since(now - SILENCE).values_list("pk", flat=True))
    if silent:
        Job.objects.filter(pk__in=silent).update(heard_at=now)
    for pk in silent:
        actor().send(str(pk))
    return len(silent)


def go_on(key: str) -> None:
    """Do the next portion of a job, and see that the one after it is done."""
    pk = UUID(key)
    try:
        with transaction.atomic():
            job = Job.objects.take(pk)
            if job is None:
                return
            with override(job.user.locale):
                _next_portion(job)
            job.save()
            if job.is_running:
                _go_on_after_commit(job)
    except Exception as error:
        if isinstance(error, (DatabaseError, InterfaceError)) and not connection.is_usable():
            raise  # the database is away: the portion is not to blame
        _note_failure(pk, error)
        raise


def _go_on_after_commit(job: Job) -> None:
    """A queue that is away keeps nobody from beginning: the message comes later then."""
    transaction.on_commit(partial(actor().send, str(job.pk)), robust=True)


def _next_portion(job: Job) -> None:
    if job.takes_back_id is not None:
        [batch] = job.items[job.done : job.done + 1]
        _note(job, _taken_back(UUID(batch), job))
        job.step(1)
        return
    portion = [UUID(key) for key in job.items[job.done : job.done + PORTION]]
    try:
        change = Wish(job.change, job.value).change(job.user)
    except ValidationError as error:
        job.stop(" ".join(error.messages))
        return
    _note(job, many.change_many(dict.fromkeys(portion), change, job.user, job.actor))
    job.step(len(portion))


def _taken_back(batch: UUID, job: Job) -> Done:
    try:
        return many.undo(batch, job.user, job.actor)
    except Batch.DoesNotExist:
        return Done((), None)


def _note(job: Job, done: Done) -> None:
    """What became of a portion. A task that is gone meanwhile is nobody's concern any more."""
    failed = [each for each in done.failed if each.result != "missing"]
    job.changed += len(done.changed)
    job.failed += len(failed)
    room = NAMED - len(job.failures)
    job.failures += [{"title": each.title, "detail": each.detail} for each in failed[:room]]
    if done.batch is not None:
        job.batches.append(str(done.batch.pk))


def _note_failure(pk: UUID, error: Exception) -> None:
    """A portion that fails again and again ends the job, which says so."""
    with transaction.atomic():
        job = Job.objects.take(pk)
        if job is None:
            return
        log.error("The job %s failed: %r", pk, error)
        job.attempts += 1
        if job.attempts >= ATTEMPTS:
            with override(job.user.locale):
                job.stop(_("Something went wrong. What was done so far stays as it is."))
        job.save(update_fields=["attempts", "state", "error", "ended_at"])
