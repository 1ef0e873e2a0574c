"""Events carry the trace of the request that caused them, and pass it on to what follows from them."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from django.utils import timezone

from events import tracing
from events.models import OutboxEvent
from tasks.models import RecurringTask, Task
from todo_project.middleware import TraceMiddleware

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def envelopes(**wanted):
    return [json.loads(row.envelope) for row in OutboxEvent.objects.filter(**wanted).order_by("id")]


def traces(**wanted):
    return {envelope["traceparent"] for envelope in envelopes(**wanted)}


def ask(rf, act, **headers):
    """Let a request with these headers do something."""

    def view(request):
        act()
        return HttpResponse()

    return TraceMiddleware(view)(rf.get("/", headers=headers))


def two_changes(inbox, by):
    def act():
        task = Task(project=inbox, title="Pay rent")
        task.save(by=by)
        task.complete(by)

    return act


def test_the_events_of_a_request_continue_its_callers_trace(inbox, by, rf):
    ask(rf, two_changes(inbox, by), traceparent=CALLER)
    assert traces(type__startswith="task.") == {CALLER}
    assert {envelope["traceid"] for envelope in envelopes(type__startswith="task.")} == {CALLER.split("-")[1]}


@pytest.mark.parametrize(
    "given", [None, "", "nonsense", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", CALLER + "\n"]
)
def test_without_a_usable_trace_the_request_starts_one(inbox, by, rf, given):
    ask(rf, two_changes(inbox, by), **({} if given is None else {"traceparent": given}))
    (trace,) = traces(type__startswith="task.")
    assert tracing.TRACEPARENT.fullmatch(trace)
    assert trace != CALLER


def test_two_requests_have_two_traces(inbox, by, rf):
    for _ in range(2):
        ask(rf, two_changes(inbox, by))
    assert len(traces(type__startswith="task.")) == 2


def test_a_real_request_goes_through_it(client, owner):
    client.post(
        "/accounts/login/",
        {"login": owner.email, "password": "correct horse"},
        headers={"traceparent": CALLER},
    )
    assert traces(type="user.login", key=owner.pk) == {CALLER}


def test_what_follows_from_each_event_of_a_batch_continues_its_own_trace(inbox, by, rf, drain):
    today = timezone.now().date()
    firsts = [
        RecurringTask(
            project=inbox, title=title, rrule="FREQ=WEEKLY", start_date=today, time_zone="UTC"
        ).begin(by)
        for title in ("Water", "Mow")
    ]
    callers = [CALLER.replace("4bf9", "aaaa"), CALLER.replace("4bf9", "bbbb")]
    for task, caller in zip(firsts, callers, strict=True):
        ask(rf, lambda task=task: task.complete(by), traceparent=caller)
    drain()
    for task, caller in zip(firsts, callers, strict=True):
        following = Task.objects.exclude(pk=task.pk).get(recurring_task=task.recurring_task_id)
        assert traces(key=following.pk) == {caller}
