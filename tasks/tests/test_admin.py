"""The admin's tasks: found by id, title and owner; every change told with the staff member's name and "admin"."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models.signals import pre_save
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import User
from accounts.tests.staff import (
    MAX_QUERIES,
    act,
    form_of,
    found,
    list_of,
    notes,
    page,
    page_of,
    staff,
    superuser,
    window,
)
from tasks.models import Attachment, Membership, Project, RecurringTask, Reminder, Role, Task
from tasks.signals import tasks_changed
from tasks.tests.factories import ProjectFactory, TaskFactory, UserFactory
from tasks.tests.files import upload

pytestmark = pytest.mark.django_db
VERBS = ("view", "add", "change", "delete")
RIGHTS = [
    *(f"tasks.{verb}_{model}" for verb in VERBS for model in ("task", "project", "membership")),
    *("tasks.view_recurringtask", "tasks.change_recurringtask", "tasks.view_reminder", "accounts.view_user"),
]


@pytest.fixture
def sam():
    return staff(*RIGHTS)


@pytest.fixture
def desk(sam):
    return window(sam)


@pytest.fixture
def via_admin(sam):
    return Actor(str(sam.pk), "Sam", "admin")


@pytest.fixture
def task(inbox, by):
    task = Task(
        project=inbox, title="Pay rent", tags=["bills"], reminders=[{"id": "a", "minutes_before": 30}]
    )
    task.due_date = timezone.now() + timedelta(days=2)
    task.save(by=by)
    return task


@pytest.fixture
def changes():
    """What is told of tasks from here on: (kind, title, actor)."""
    seen = []

    def note(changes, **_):
        seen.extend((change.kind, change.task.title, change.actor) for change in changes)

    tasks_changed.connect(note)
    yield seen
    tasks_changed.disconnect(note)


def edit(client, row, **fields):
    """Open a row's page, change fields, press Save."""
    data = {**form_of(client.get(page_of(row))), **fields}
    return client.post(page_of(row), {name: value for name, value in data.items() if value is not None})


def errors_of(answer):
    return answer.context["adminform"].form.errors


class TestWhoGetsIn:
    @pytest.mark.parametrize("model", [Task, Project, RecurringTask, Reminder])
    def test_only_staff_with_the_right(self, model, owner):
        assert window(None).get(list_of(model)).status_code == 302
        assert window(owner).get(list_of(model), follow=True).status_code == 403
        assert window(staff()).get(list_of(model)).status_code == 403
        assert window(staff(*RIGHTS, email="s@example.com")).get(list_of(model)).status_code == 200

    def test_who_may_only_look_changes_nothing(self, task, changes):
        client = window(staff("tasks.view_task"))
        answer = client.get(page_of(task))
        assert "Pay rent" in answer.content.decode()
        assert "30 min before" in answer.content.decode()
        assert client.post(page_of(task), {"title": "X"}).status_code == 403
        assert client.post(page("tasks_task_delete", task.pk), {"post": "yes"}).status_code == 403
        act(client, "delete_selected", task, post="yes")
        assert changes == []


class TestFinding:
    @pytest.mark.parametrize("words", ["PAY", "rent pay", "olga@example.com", "olga"])
    def test_by_title_and_owner(self, desk, task, outsider, words):
        TaskFactory(project=Project.objects.inbox_of(outsider), title="Water")
        assert found(desk.get(list_of(Task), {"q": words})) == [task]

    def test_by_title_beyond_ascii(self, desk, inbox):
        task = TaskFactory(project=inbox, title="Äpfel kaufen")
        assert found(desk.get(list_of(Task), {"q": "äpfel"})) == [task]

    def test_by_the_id_of_task_owner_and_project(self, desk, task, outsider):
        TaskFactory(project=Project.objects.inbox_of(outsider))
        for key in (task.pk, task.owner_id, task.project_id):
            assert found(desk.get(list_of(Task), {"q": str(key)})) == [task]

    def test_an_id_that_nothing_has(self, desk, task):
        assert found(desk.get(list_of(Task), {"q": "00000000-0000-0000-0000-000000000000"})) == []

    @pytest.mark.parametrize(
        ("asked", "titles"),
        [
            ({"where": "trash"}, {"Trashed"}),
            ({"where": "lists"}, {"Late", "Soon", "Weekly"}),
            ({"due": "overdue"}, {"Late"}),
            ({"due": "soon"}, {"Soon"}),
            ({"recurring": "yes"}, {"Weekly"}),
            ({"where": "nonsense"}, {"Late", "Soon", "Weekly", "Trashed"}),
        ],
    )
    def test_by_filters(self, desk, inbox, by, asked, titles):
        now = timezone.now()
        TaskFactory(project=inbox, title="Late", due_date=now - timedelta(hours=1))
        TaskFactory(project=inbox, title="Soon", due_date=now + timedelta(hours=1))
        TaskFactory(project=inbox, title="Trashed").trash(by)
        series(inbox, by, title="Weekly")
        assert {task.title for task in found(desk.get(list_of(Task), asked))} == titles

    def test_a_page_leads_to_events_and_deliveries(self, task):
        answer = window(superuser()).get(page_of(task)).content.decode()
        for name in ("events_taskeventlog", "notifications_delivery", "tasks_reminder"):
            assert f'href="{page(name + "_changelist")}?q={task.pk}"' in answer


def series(project, by, **fields):
    made = RecurringTask(
        **{"project": project, "title": "Water", "rrule": "FREQ=WEEKLY", "time_zone": "UTC"} | fields,
        start_date=timezone.now().date() + timedelta(days=7),
    )
    made.begin(by)
    return made


class TestSaving:
    def test_a_change_is_told_with_the_staff_members_name(self, desk, via_admin, task, changes):
        answer = edit(desk, task, title="Pay the rent", priority="3", tags="bills home, bank")
        assert answer.status_code == 302
        assert changes == [("updated", "Pay the rent", via_admin)]
        task.refresh_from_db()
        assert (task.version, task.priority, task.tags) == (2, 3, ["bills", "home", "bank"])

    def test_completing_is_told_as_that(self, desk, via_admin, task, changes):
        edit(desk, task, status="completed")
        assert changes == [("completed", "Pay rent", via_admin)]
        task.refresh_from_db()
        assert task.completed_at is not None

    def test_saving_without_a_change_tells_nothing(self, desk, task, changes):
        before = Task.objects.values().get(pk=task.pk)
        assert edit(desk, task).status_code == 302
        assert changes == []
        assert Task.objects.values().get(pk=task.pk) == before

    def test_a_new_task_belongs_to_the_projects_owner(self, desk, via_admin, inbox, owner, changes):
        data = {"title": "Call", "status": "pending", "priority": "1", "project": str(inbox.pk)}
        assert desk.post(page("tasks_task_add"), data).status_code == 302
        assert changes == [("created", "Call", via_admin)]
        assert Task.objects.get().owner == owner

    def test_a_change_since_the_page_was_opened_is_not_overwritten(self, desk, by, task):
        opened = form_of(desk.get(page_of(task)))
        task.change(by, title="Pay half the rent")
        answer = desk.post(page_of(task), opened | {"title": "Pay the rent"})
        assert errors_of(answer)["__all__"] == [
            "This task was changed elsewhere in the meantime. Load it again and repeat your change."
        ]
        task.refresh_from_db()
        assert task.title == "Pay half the rent"

    def test_a_change_in_the_very_moment_is_told_in_a_message(self, desk, task):
        def be_quicker(instance, **_):
            with connection.cursor() as cursor:
                cursor.execute("UPDATE tasks_task SET version = version + 1")

        opened = form_of(desk.get(page_of(task)))
        pre_save.connect(be_quicker, sender=Task)
        try:
            answers = [
                desk.post(page_of(task), opened | {"title": "Pay the rent"}, follow=True),
                desk.post(page("tasks_task_delete", task.pk), {"post": "yes"}, follow=True),
                act(desk, "delete_selected", task, post="yes"),
            ]
        finally:
            pre_save.disconnect(be_quicker, sender=Task)
        for answer in answers:
            assert answer.status_code == 200
            assert notes(answer)[0].startswith("This task was changed elsewhere in the meantime.")
        task.refresh_from_db()
        assert (task.title, task.deleted_at, task.version) == ("Pay rent", None, 1)
        assert not LogEntry.objects.exists()

    @pytest.mark.parametrize(
        ("wrong", "field", "words"),
        [
            ({"title": ""}, "title", "required"),
            ({"tags": "x" * 51}, "__all__", "A tag is one word"),
            ({"reminders": "soon"}, "reminders", "needs a date, a time and an offset"),
            ({"reminders": "9" * 30}, "reminders", "needs a date, a time and an offset"),
            ({"reminders": "999999999"}, "reminders", "whole number of minutes"),
            ({"due_on": "", "due_time": "10:00"}, "due_on", "Give a date, too"),
            ({"due_on": "2026-13-01"}, "due_on", "Enter a valid date"),
            ({"project": "00000000-0000-0000-0000-000000000000"}, "project", "not one of the available"),
            ({"project": "nonsense"}, "project", "not a valid UUID"),
            ({"project": None}, "project", "required"),
            ({"read_version": None}, "__all__", "changed elsewhere"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, desk, task, changes, wrong, field, words):
        answer = edit(desk, task, **wrong)
        assert answer.status_code == 200
        assert words in errors_of(answer)[field][0]
        assert changes == []

    def test_a_task_cannot_be_its_own_subtask(self, desk, task, by):
        child = TaskFactory(project=task.project, parent=task)
        assert "own subtask" in errors_of(edit(desk, task, parent=str(child.pk)))["parent"][0]

    def test_no_task_moves_to_a_project_that_was_deleted(self, desk, task, owner, by):
        gone = ProjectFactory(owner=owner)
        gone.trash(by)
        assert errors_of(edit(desk, task, project=str(gone.pk)))["project"] == ["This project was deleted."]


class TestDueDate:
    """Staff write it as the owner's calendar and clock show it, wherever they are themselves."""

    @pytest.fixture
    def tokyo(self, owner, sam, by):
        owner.change(by, time_zone="Asia/Tokyo")
        sam.change(by, time_zone="America/New_York")

    def test_a_time_is_on_the_owners_clock(self, tokyo, desk, task):
        edit(desk, task, due_on="2026-12-01", due_time="09:30")
        task.refresh_from_db()
        assert (task.due_date, task.due_all_day) == (datetime(2026, 12, 1, 0, 30, tzinfo=UTC), False)
        shown = form_of(desk.get(page_of(task)))
        assert (shown["due_on"], shown["due_time"]) == (date(2026, 12, 1), time(9, 30))

    def test_a_date_alone_stays_that_date(self, tokyo, desk, task, changes):
        edit(desk, task, due_on="2026-12-01", due_time="")
        task.refresh_from_db()
        assert (task.due_date, task.due_all_day) == (datetime(2026, 12, 1, tzinfo=UTC), True)
        edit(desk, task)
        edit(desk, task, title="Same day")
        task.refresh_from_db()
        assert (task.due_date, task.version) == (datetime(2026, 12, 1, tzinfo=UTC), 3)

    def test_none_at_all(self, desk, task):
        edit(desk, task, due_on="", due_time="")
        task.refresh_from_db()
        assert (task.due_date, task.due_all_day, task.deadline_at) == (None, False, None)


class TestReminders:
    def test_one_that_stays_keeps_its_identity(self, desk, task):
        edit(desk, task, reminders="30\n2026-12-01T09:00:00+09:00\n")
        task.refresh_from_db()
        assert task.reminders[0] == {"id": "a", "minutes_before": 30}
        assert task.reminders[1]["at"] == "2026-12-01T00:00:00+00:00"
        assert form_of(desk.get(page_of(task)))["reminders"] == "30\n2026-12-01T00:00:00+00:00"

    def test_their_pages_are_read_only_and_found_by_the_task(self, desk, task):
        reminder = Reminder.objects.get()
        for words in (str(task.pk), str(reminder.pk), "rent", "olga@"):
            assert found(desk.get(list_of(Reminder), {"q": words})) == [reminder]
        assert desk.get(page_of(reminder)).status_code == 200
        assert window(superuser()).post(page_of(reminder), {"wish": "b"}).status_code == 403
        assert window(superuser("r2@example.com")).get(page("tasks_reminder_add")).status_code == 403


class TestAttachments:
    def test_their_pages_are_read_only_and_found_by_name_task_and_person(
        self, task, owner, django_assert_max_num_queries
    ):
        desk = window(superuser())
        kept = [
            Attachment.objects.attach(task, upload(name), owner, Actor.of(owner, "web"))
            for name in ("lease.txt", "notes.txt", "plan.txt")
        ]
        assert found(desk.get(list_of(Attachment), {"q": "lease"})) == kept[:1]
        with django_assert_max_num_queries(MAX_QUERIES):
            assert found(desk.get(list_of(Attachment), {"q": "rent"})) == kept[::-1]
        assert kept[0].sha256 in desk.get(page_of(kept[0])).content.decode()
        assert desk.post(page_of(kept[0]), {"name": "b"}).status_code == 403
        assert desk.get(page("tasks_attachment_add")).status_code == 403


class TestTrash:
    def test_deleting_moves_to_the_trash_with_all_below(self, desk, via_admin, task, changes):
        TaskFactory(project=task.project, parent=task, title="Ask the bank")
        changes.clear()
        asked = desk.get(page("tasks_task_delete", task.pk)).content.decode()
        assert "Move the task “Pay rent” to the trash?" in asked
        desk.post(page("tasks_task_delete", task.pk), {"post": "yes"})
        assert changes == [("deleted", "Pay rent", via_admin), ("deleted", "Ask the bank", via_admin)]
        assert Task.objects.in_trash().count() == 2

    def test_deleting_several_and_restoring_them(self, desk, via_admin, task, changes):
        child = TaskFactory(project=task.project, parent=task, title="Ask the bank")
        changes.clear()
        asked = act(desk, "delete_selected", task, child)
        assert "Move 2 tasks to the trash?" in asked.content.decode()
        act(desk, "delete_selected", task, child, post="yes")
        answer = act(desk, "restore", task, child)
        assert notes(answer)[-1] == "Restored: Pay rent, Ask the bank."
        assert [(kind, actor) for kind, _, actor in changes] == [
            *[("deleted", via_admin)] * 2,
            *[("restored", via_admin)] * 2,
        ]
        assert Task.objects.alive().count() == 2

    def test_the_page_of_one_in_the_trash_only_restores(self, desk, task, by):
        assert ("restore", "Restore") not in desk.get(page_of(task)).context["acts"]
        task.trash(by)
        answer = desk.get(page_of(task))
        assert answer.context["acts"] == [("restore", "Restore")]
        assert "Save" not in answer.content.decode()
        assert desk.post(page_of(task), {"title": "X"}).status_code == 403
        answer = act(desk, "restore", task, _from_page=task.pk)
        assert answer.redirect_chain == [(page_of(task), 302)]
        task.refresh_from_db()
        assert task.deleted_at is None


class TestProjects:
    def test_members_are_added_and_changed(self, desk, shared, member, outsider):
        opened = form_of(desk.get(page_of(shared)))
        assert opened["memberships-INITIAL_FORMS"] == 1
        opened |= {
            "memberships-0-role": Role.VIEWER,
            "memberships-2-TOTAL_FORMS": 1,
            "memberships-2-0-user": str(outsider.pk),
            "memberships-2-0-role": Role.EDITOR,
        }
        assert desk.post(page_of(shared), opened).status_code == 302
        roles = dict(shared.memberships.values_list("user__display_name", "role"))
        assert roles == {"Olga": "owner", "Milo": "viewer", "Otto": "editor"}

    @pytest.mark.parametrize("role", ["editor", "viewer"])
    def test_nobody_is_a_member_twice(self, desk, shared, owner, member, role):
        for person in (owner, member):
            opened = form_of(desk.get(page_of(shared)))
            opened |= {
                "memberships-2-TOTAL_FORMS": 1,
                "memberships-2-0-user": str(person.pk),
                "memberships-2-0-role": role,
            }
            answer = desk.post(page_of(shared), opened)
            assert f"{person} is a member already." in answer.content.decode()
        assert dict(shared.memberships.values_list("user", "role")) == {
            owner.pk: "owner",
            member.pk: "editor",
        }

    def test_a_member_is_removed(self, desk, shared, owner):
        desk.post(page_of(shared), form_of(desk.get(page_of(shared))) | {"memberships-0-DELETE": "on"})
        assert [membership.user for membership in shared.memberships.all()] == [owner]

    def test_other_owners_are_among_the_members(self, desk, shared, owner, member):
        desk.post(page_of(shared), form_of(desk.get(page_of(shared))) | {"memberships-0-role": "owner"})
        assert set(shared.memberships.values_list("role", flat=True)) == {"owner"}
        opened = form_of(desk.get(page_of(shared)))
        assert (opened["memberships-INITIAL_FORMS"], opened["memberships-0-role"]) == (1, "owner")
        desk.post(page_of(shared), opened | {"memberships-0-role": "viewer"})
        roles = dict(shared.memberships.values_list("user", "role"))
        assert roles == {owner.pk: "owner", member.pk: "viewer"}

    def test_a_new_project_has_its_owner(self, desk, owner):
        desk.post(page("tasks_project_add"), {"name": "Garden", "colour": "green", "owner": str(owner.pk)})
        garden = Project.objects.get(name="Garden")
        assert garden.memberships.get().user == owner

    def test_deleting_one_takes_its_tasks_to_the_trash(self, desk, via_admin, shared, changes):
        TaskFactory(project=shared, title="Draw")
        changes.clear()
        desk.post(page("tasks_project_delete", shared.pk), {"post": "yes"})
        assert changes == [("deleted", "Draw", via_admin)]
        shared.refresh_from_db()
        assert shared.deleted_at is not None
        assert desk.post(page_of(shared), {"name": "X"}).status_code == 403

    def test_nobody_loses_their_inbox(self, desk, inbox, shared):
        assert desk.get(page("tasks_project_delete", inbox.pk)).status_code == 403
        answer = act(desk, "delete_selected", inbox, shared, post="yes")
        assert "Inbox of olga@example.com" in answer.content.decode()
        assert not Project.objects.exclude(deleted_at=None).exists()
        act(desk, "delete_selected", shared, post="yes")
        shared.refresh_from_db()
        assert shared.deleted_at is not None

    def test_they_are_found_by_name_owner_and_id(self, desk, shared, outsider):
        for words in ("web", str(shared.pk)):
            assert found(desk.get(list_of(Project), {"q": words})) == [shared]
        assert len(found(desk.get(list_of(Project), {"q": "olga@"}))) == 2


class TestRecurring:
    def test_the_rule_in_words_and_its_next_dates(self, desk, inbox, by):
        water = series(inbox, by, rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=FR")
        answer = desk.get(page_of(water)).content.decode()
        assert "Every 2 weeks on Friday" in answer
        assert answer.count("Fri ") == 10
        assert "Every 2 weeks on Friday" in desk.get(list_of(RecurringTask)).content.decode()

    def test_pausing_and_resuming_are_noted(self, sam, desk, inbox, by):
        water = series(inbox, by)
        assert desk.get(page_of(water)).context["acts"] == [("pause", "Pause")]
        assert notes(act(desk, "pause", water)) == ["Paused: Water."]
        water.refresh_from_db()
        assert not water.is_active
        assert desk.get(page_of(water)).context["acts"] == [("resume", "Resume")]
        assert notes(act(desk, "resume", water)) == ["Resumed: Water."]
        water.refresh_from_db()
        assert water.is_active
        entries = LogEntry.objects.filter(user=sam, object_id=str(water.pk)).order_by("id")
        assert [entry.get_change_message() for entry in entries] == ["Paused.", "Resumed."]

    def test_one_that_ended_stays_ended(self, desk, inbox, by):
        water = series(inbox, by)
        water.end(by)
        assert desk.get(page_of(water)).context["acts"] == []
        act(desk, "resume", water)
        water.refresh_from_db()
        assert not water.is_active

    def test_looking_is_not_pausing(self, inbox, by):
        water, client = series(inbox, by), window(staff("tasks.view_recurringtask"))
        act(client, "pause", water)
        water.refresh_from_db()
        assert water.is_active
        assert client.post(page_of(water), {"title": "X"}).status_code == 403


class TestQueries:
    @pytest.fixture
    def plenty(self):
        now, guest = timezone.now(), UserFactory()
        for n in range(50):
            project = ProjectFactory(name=f"P {n}")
            by = Actor.of(project.owner, "web")
            series(project, by, reminders=[{"id": "a", "minutes_before": 5}])
            TaskFactory(
                project=project,
                due_date=now + timedelta(days=1),
                reminders=[{"minutes_before": 9, "id": "x"}],
            )
            Membership.objects.create(project=project, user=guest, role=Role.EDITOR)

    @pytest.mark.parametrize("model", [Task, Project, RecurringTask, Reminder])
    def test_a_list_of_fifty(self, plenty, desk, model, django_assert_max_num_queries):
        with django_assert_max_num_queries(MAX_QUERIES):
            assert len(found(desk.get(list_of(model)))) == 50
        with django_assert_max_num_queries(MAX_QUERIES):
            assert desk.get(list_of(model), {"q": "example"}).status_code == 200

    @pytest.mark.parametrize("model", [Task, Project, RecurringTask, Reminder])
    def test_a_page(self, plenty, desk, model, django_assert_max_num_queries):
        for row in model.objects.order_by("pk")[:3]:
            with django_assert_max_num_queries(MAX_QUERIES):
                assert desk.get(page_of(row)).status_code == 200

    def test_a_project_of_fifty_members(self, plenty, desk, shared, django_assert_max_num_queries):
        for user in User.objects.exclude(memberships__project=shared)[:50]:
            Membership.objects.create(project=shared, user=user, role=Role.VIEWER)
        with django_assert_max_num_queries(MAX_QUERIES):
            answer = desk.get(page_of(shared))
        assert len(answer.context["inline_admin_formsets"][0].formset.forms) > 50
