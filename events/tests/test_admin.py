"""The admin's events: found and read, never changed; dead letters requeued, or discarded with a reason."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from accounts.models import User
from accounts.tests.staff import (
    MAX_QUERIES,
    act,
    found,
    list_of,
    notes,
    page,
    page_of,
    staff,
    superuser,
    window,
)
from events import relay
from events.models import (
    ConsumerPosition,
    DeadLetter,
    OutboxEvent,
    RelayCursor,
    TaskEventLog,
    UserEventLog,
)
from events.models.dead_letter import DELIVERY, State
from tasks.models import Project, Task

pytestmark = pytest.mark.django_db
MODELS = [TaskEventLog, UserEventLog, OutboxEvent, ConsumerPosition, RelayCursor, DeadLetter]
LOOK = [f"events.view_{model._meta.model_name}" for model in MODELS]
BROKEN = '{"type": "task.created", "specversion": "0.3"}'


@pytest.fixture
def sam():
    return staff(*LOOK, "events.change_deadletter")


@pytest.fixture
def desk(sam):
    return window(sam)


@pytest.fixture
def history(recorded, drain):
    """The log of a task with two events."""
    [first, _] = recorded(2)
    drain()
    return TaskEventLog.objects.filter(task_id=first.key).order_by("version")


@pytest.fixture
def letter(recorded):
    """A dead letter of the audit consumer, for an event that it could handle by now."""
    [row] = recorded(1)
    return DeadLetter.objects.create(
        consumer="audit",
        event_id=row.event_id,
        type=row.type,
        envelope=row.envelope,
        error="ValueError: no room",
        attempts=9,
        state=State.DEAD,
    )


@pytest.fixture
def unreadable():
    return DeadLetter.objects.keep_unreadable(DELIVERY, BROKEN, "Not a CloudEvent")


def rows_of(model, letter):
    """A row of each model; the letter brings an event with it."""
    relay.publish_all()
    ConsumerPosition.objects.get_or_create(consumer="audit")
    return model.objects.order_by("pk").first()


class TestReadOnly:
    @pytest.mark.parametrize("model", MODELS)
    def test_only_staff_with_the_right_look(self, model, owner):
        assert window(None).get(list_of(model)).status_code == 302
        assert window(owner).get(list_of(model), follow=True).status_code == 403
        assert window(staff()).get(list_of(model)).status_code == 403

    @pytest.mark.parametrize("model", MODELS)
    def test_nobody_adds_changes_or_deletes(self, model, letter, history):
        row, client = rows_of(model, letter), window(superuser())
        before = model.objects.values().get(pk=row.pk)
        name = f"events_{model._meta.model_name}"
        assert client.get(page_of(row)).status_code == 200
        assert client.post(page_of(row), {"type": "x"}).status_code == 403
        assert client.post(page(f"{name}_add"), {}).status_code == 403
        assert client.post(page(f"{name}_delete", row.pk), {"post": "yes"}).status_code == 403
        act(client, "delete_selected", row, post="yes")
        assert model.objects.values().get(pk=row.pk) == before


class TestHistory:
    def test_found_by_task_event_owner_and_address(self, desk, history, outsider, drain):
        Task(project=Project.objects.inbox_of(outsider), title="Water").save()
        drain()
        for words in (history[0].task_id, history[0].user_id, "OLGA@example"):
            assert found(desk.get(list_of(TaskEventLog), {"q": words})) == list(history.reverse())
        assert found(desk.get(list_of(TaskEventLog), {"q": history[0].event_id})) == [history[0]]
        assert found(desk.get(list_of(TaskEventLog), {"q": "nobody"})) == []

    def test_narrowed_by_type_and_door(self, desk, history):
        assert found(desk.get(list_of(TaskEventLog), {"type": "task.updated"})) == [history[1]]
        assert len(found(desk.get(list_of(TaskEventLog), {"via": "web"}))) == 2
        assert found(desk.get(list_of(TaskEventLog), {"via": "api"})) == []

    def test_a_page_tells_what_changed_and_by_whom(self, desk, history):
        answer = desk.get(page_of(history[1])).content.decode()
        assert "title: &quot;Title 1&quot; → &quot;Title 2&quot;" in answer
        assert "Olga" in answer
        assert page("tasks_task_change", history[0].task_id) in answer
        assert page("accounts_user_change", history[0].user_id) in answer
        assert "&quot;specversion&quot;: &quot;1.0&quot;" in answer

    def test_the_events_of_an_account(self, desk, owner, drain):
        drain()
        [entry] = found(desk.get(list_of(UserEventLog), {"q": "olga@"}))
        assert entry.type == "user.registered"
        assert found(desk.get(list_of(UserEventLog), {"q": str(owner.pk)})) == [entry]
        assert page("accounts_user_change", owner.pk) in desk.get(page_of(entry)).content.decode()


class TestOutbox:
    def test_an_events_page_says_how_far_it_came(self, desk, recorded, drain):
        [row] = recorded(1)
        assert "icon-no" in desk.get(page_of(row)).content.decode()
        drain()
        answer = desk.get(page_of(row)).content.decode()
        assert "icon-yes" in answer
        assert "audit, 20" in answer

    def test_found_by_event_and_by_task(self, desk, recorded):
        first, second = recorded(2)
        assert found(desk.get(list_of(OutboxEvent), {"q": str(first.event_id)})) == [first]
        assert found(desk.get(list_of(OutboxEvent), {"q": str(first.key)})) == [second, first]

    def test_positions_say_how_far_they_are_behind(self, desk, recorded):
        relay.publish_all()
        recorded(3)
        [cursor] = found(desk.get(list_of(RelayCursor)))
        assert cursor.ids_behind == 3


class TestDeadLetters:
    def test_found_and_narrowed(self, desk, letter, unreadable):
        for asked in (
            {"q": str(letter.event_id)},
            {"q": "room"},
            {"consumer": "audit"},
            {"type": "task.created", "consumer": "audit"},
        ):
            assert found(desk.get(list_of(DeadLetter), asked)) == [letter]
        assert found(desk.get(list_of(DeadLetter), {"consumer": DELIVERY})) == [unreadable]
        assert len(found(desk.get(list_of(DeadLetter), {"state": "dead"}))) == 2
        assert found(desk.get(list_of(DeadLetter), {"state": "resolved"})) == []

    def test_a_page_shows_the_error_the_envelope_and_the_event(self, desk, letter):
        answer = desk.get(page_of(letter)).content.decode()
        assert "ValueError: no room" in answer
        assert "&quot;type&quot;: &quot;task.created&quot;" in answer
        assert (
            page("events_outboxevent_change", OutboxEvent.objects.get(event_id=letter.event_id).pk) in answer
        )
        assert "Requeue</button>" in answer

    def test_what_is_no_json_is_shown_as_it_is(self, desk):
        letter = DeadLetter.objects.keep_unreadable(DELIVERY, "<script>alert(1)", "Not a CloudEvent")
        assert "&lt;script&gt;alert(1)" in desk.get(page_of(letter)).content.decode()

    def test_requeueing_one_from_its_page(self, sam, desk, letter, drain):
        answer = act(desk, "requeue", letter, _from_page=letter.pk)
        assert answer.redirect_chain == [(page_of(letter), 302)]
        assert notes(answer) == ["Requeued: task.created for audit."]
        letter.refresh_from_db()
        assert (letter.state, letter.resolved_by) == (State.REQUEUED, sam)
        drain()
        letter.refresh_from_db()
        assert letter.state == State.RESOLVED
        assert TaskEventLog.objects.filter(event_id=letter.event_id).count() == 1
        assert LogEntry.objects.get(object_id=str(letter.pk)).user == sam

    def test_requeueing_many_says_what_cannot_be(self, desk, letter, unreadable):
        messages = notes(act(desk, "requeue", letter, unreadable))
        assert messages[0] == "Requeued: task.created for audit."
        assert messages[1].startswith("Not requeued: task.created for delivery (Not a CloudEvent")
        unreadable.refresh_from_db()
        assert unreadable.state == State.DEAD

    def test_what_was_handled_is_not_requeued(self, desk, letter, drain):
        drain()
        letter.refresh_from_db()
        assert letter.state == State.RESOLVED
        assert desk.get(page_of(letter)).context["acts"] == []
        assert notes(act(desk, "requeue", letter)) == [
            "Not requeued: task.created for audit (It was handled already.)."
        ]
        assert "Nothing to discard" in act(desk, "discard", letter).content.decode()

    def test_discarding_asks_for_a_reason_first(self, desk, letter):
        answer = act(desk, "discard", letter)
        assert "These events will have no effect at their consumer." in answer.content.decode()
        letter.refresh_from_db()
        assert letter.state == State.DEAD

    @pytest.mark.parametrize(
        ("reason", "words"), [("", "required"), ("  ", "required"), ("x" * 501, "at most 500")]
    )
    def test_discarding_needs_a_reason(self, desk, letter, reason, words):
        answer = act(desk, "discard", letter, reason=reason)
        assert words in answer.content.decode()
        letter.refresh_from_db()
        assert letter.state == State.DEAD
        assert not LogEntry.objects.exists()

    def test_discarding_many_with_a_reason(self, sam, desk, letter, unreadable):
        answer = act(desk, "discard", letter, unreadable, reason="From a test. ")
        assert notes(answer)[0].startswith("Discarded: ")
        for each in (letter, unreadable):
            each.refresh_from_db()
            assert (each.state, each.reason, each.resolved_by) == (State.DISCARDED, "From a test.", sam)
        messages = [entry.get_change_message() for entry in LogEntry.objects.all()]
        assert messages == ["Discarded: From a test."] * 2

    def test_discarding_one_leads_back_to_its_page(self, desk, letter):
        asked = act(desk, "discard", letter, _from_page=letter.pk).content.decode()
        assert f'name="_from_page" value="{letter.pk}"' in asked
        answer = act(desk, "discard", letter, _from_page=letter.pk, reason="Old")
        assert answer.redirect_chain == [(page_of(letter), 302)]
        assert answer.context["acts"] == [("requeue", "Requeue")]

    def test_a_discarded_one_can_be_requeued(self, desk, letter, drain):
        letter.discard(None, "By mistake")
        act(desk, "requeue", letter)
        drain()
        letter.refresh_from_db()
        assert letter.state == State.RESOLVED

    @pytest.mark.parametrize("action", ["requeue", "discard"])
    def test_looking_is_not_acting(self, letter, action):
        client = window(staff(*LOOK))
        assert client.get(page_of(letter)).context["acts"] == []
        act(client, action, letter, reason="Because")
        letter.refresh_from_db()
        assert letter.state == State.DEAD


class TestQueries:
    @pytest.fixture
    def plenty(self, inbox, by, drain):
        for n in range(50):
            User.objects.create_user(f"p{n}@example.com")
            Task(project=inbox, title=f"Task {n}").save(by=by)
        for row in OutboxEvent.objects.filter(type="task.created")[:50]:
            letter = DeadLetter.objects.note_failure("audit", row.event_id, row.type, row.envelope, "No room")
            letter.discard(User.objects.first(), "Full")
        drain()
        ConsumerPosition.objects.get_or_create(consumer="audit")

    @pytest.mark.parametrize("model", MODELS)
    def test_a_list_of_fifty_and_a_page(self, plenty, desk, model, django_assert_max_num_queries):
        with django_assert_max_num_queries(MAX_QUERIES):
            rows = found(desk.get(list_of(model)))
        assert len(rows) == min(50, model.objects.count())
        with django_assert_max_num_queries(MAX_QUERIES):
            assert desk.get(page_of(rows[0])).status_code == 200
