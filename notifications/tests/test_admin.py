"""The admin's notifications: what people were told, whether it arrived, and another try where it did not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.utils import timezone

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
from events.models import DeadLetter
from events.models.dead_letter import State as LetterState
from notifications.kinds import Channel, Kind
from notifications.models import Delivery, Notification, Preference, State
from tasks import scheduler
from tasks.models import Project, Task

pytestmark = pytest.mark.django_db
MODELS = [Notification, Delivery, Preference]
LOOK = [f"notifications.view_{model._meta.model_name}" for model in MODELS]


@pytest.fixture
def sam():
    return staff(*LOOK, "notifications.change_delivery")


@pytest.fixture
def desk(sam):
    return window(sam)


@pytest.fixture
def no_server(settings):
    """Mail goes to a port on which nobody listens; ``no_server()`` brings the server back."""
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    def back():
        settings.EMAIL_BACKEND = working

    return back


def remind(project, drain, title="Call Ana"):
    """A reminder that fires, with everything that comes of it."""
    now = timezone.now()
    wish = {"id": "a", "at": (now + timedelta(minutes=1)).isoformat()}
    task = Task(project=project, title=title, reminders=[wish])
    task.save()
    scheduler.fire_reminders(now + timedelta(minutes=2))
    drain()
    return task


@pytest.fixture
def failed(inbox, drain, no_server):
    """The delivery of a mail that no server took."""
    remind(inbox, drain)
    return Delivery.objects.get(channel=Channel.EMAIL)


class TestReadOnly:
    @pytest.mark.parametrize("model", MODELS)
    def test_only_staff_with_the_right_look(self, model, owner):
        assert window(None).get(list_of(model)).status_code == 302
        assert window(owner).get(list_of(model), follow=True).status_code == 403
        assert window(staff()).get(list_of(model)).status_code == 403

    @pytest.mark.parametrize("model", MODELS)
    def test_nobody_adds_changes_or_deletes(self, model, inbox, owner, drain):
        remind(inbox, drain)
        Preference.objects.choose(owner.pk, {(Kind.OVERDUE, Channel.EMAIL): True})
        row, client = model.objects.first(), window(superuser())
        before = model.objects.values().get(pk=row.pk)
        name = f"notifications_{model._meta.model_name}"
        assert client.get(page_of(row)).status_code == 200
        assert client.post(page_of(row), {"state": "sent"}).status_code == 403
        assert client.post(page(f"{name}_add"), {}).status_code == 403
        assert client.post(page(f"{name}_delete", row.pk), {"post": "yes"}).status_code == 403
        act(client, "delete_selected", row, post="yes")
        assert model.objects.values().get(pk=row.pk) == before


class TestFinding:
    def test_by_task_account_and_words(self, desk, inbox, outsider, drain):
        task = remind(inbox, drain)
        remind(Project.objects.inbox_of(outsider), drain, "Water")
        notification = Notification.objects.get(task_id=task.pk)
        for words in (task.pk, task.owner_id, notification.pk, notification.source_event_id, "ana", "olga@"):
            assert found(desk.get(list_of(Notification), {"q": words})) == [notification]
            deliveries = found(desk.get(list_of(Delivery), {"q": words}))
            assert {each.notification_id for each in deliveries} == {notification.pk}
            assert len(deliveries) == 2

    def test_by_state_and_channel(self, desk, failed):
        assert found(desk.get(list_of(Delivery), {"state": "failed"})) == [failed]
        assert len(found(desk.get(list_of(Delivery), {"channel": "in_app"}))) == 1

    def test_a_notifications_page_leads_to_its_task_and_deliveries(self, desk, failed):
        answer = desk.get(page_of(failed.notification)).content.decode()
        assert page("tasks_task_change", failed.notification.task_id) in answer
        assert page_of(failed) in answer

    def test_what_somebody_chose(self, desk, owner):
        Preference.objects.choose(owner.pk, {(Kind.OVERDUE, Channel.EMAIL): True})
        [choice] = found(desk.get(list_of(Preference), {"q": str(owner.pk)}))
        assert choice.enabled


class TestTryingAgain:
    def test_a_failed_mail_is_sent_after_all(self, sam, desk, failed, no_server, drain):
        answer = desk.get(page_of(failed))
        assert answer.context["acts"] == [("try_again", "Try again")]
        assert "Connection refused" in answer.content.decode()
        no_server()
        answer = act(desk, "try_again", failed, _from_page=failed.pk)
        assert answer.redirect_chain == [(page_of(failed), 302)]
        assert notes(answer) == ["Tried again: “Reminder: Call Ana” by Email."]
        drain()
        failed.refresh_from_db()
        assert (failed.state, failed.attempts, len(mail.outbox)) == (State.SENT, 2, 1)
        assert DeadLetter.objects.get().state == LetterState.RESOLVED
        assert LogEntry.objects.get(object_id=str(failed.pk)).user == sam

    def test_one_that_was_given_up_is_sent_after_all(self, desk, failed, no_server, drain):
        DeadLetter.objects.update(state=LetterState.DEAD, retry_at=None)
        no_server()
        act(desk, "try_again", failed)
        drain()
        failed.refresh_from_db()
        assert failed.state == State.SENT

    def test_one_that_fails_again_says_so(self, desk, failed, drain):
        act(desk, "try_again", failed)
        drain()
        failed.refresh_from_db()
        assert (failed.state, failed.attempts) == (State.FAILED, 2)
        assert mail.outbox == []

    def test_what_arrived_is_never_sent_twice(self, desk, inbox, drain):
        remind(inbox, drain)
        sent = Delivery.objects.get(channel=Channel.EMAIL)
        assert desk.get(page_of(sent)).context["acts"] == []
        assert notes(act(desk, "try_again", sent)) == [
            "Left as they are: “Reminder: Call Ana” by Email (only what failed can be tried again)."
        ]
        drain()
        assert len(mail.outbox) == 1

    def test_one_that_nobody_gave_up_is_left_to_those_who_carry_it(self, desk, failed):
        DeadLetter.objects.update(state=LetterState.RESOLVED)
        assert "it is being tried again already" in notes(act(desk, "try_again", failed))[0]

    def test_looking_is_not_trying(self, failed, drain, no_server):
        no_server()
        act(window(staff(*LOOK)), "try_again", failed)
        drain()
        assert mail.outbox == []


class TestQueries:
    @pytest.fixture
    def plenty(self):
        for n in range(50):
            user = User.objects.create_user(f"p{n}@example.com")
            told = Notification.objects.create(
                user=user, kind=Kind.REMINDER, title=f"Task {n}", source_event_id=user.pk, task_id=user.pk
            )
            Delivery.by(Channel.IN_APP, told).save(force_insert=True)
            Preference.objects.choose(user.pk, {(Kind.OVERDUE, Channel.EMAIL): True})

    @pytest.mark.parametrize("model", MODELS)
    def test_a_list_of_fifty_and_a_page(self, plenty, desk, model, django_assert_max_num_queries):
        with django_assert_max_num_queries(MAX_QUERIES):
            rows = found(desk.get(list_of(model)))
        assert len(rows) == 50
        with django_assert_max_num_queries(MAX_QUERIES):
            assert desk.get(page_of(rows[0])).status_code == 200
