"""Who may do what, through which door: one table of every route, tried by every role.

A route that is not in the table fails a test: add it with the role that it takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.actor import Actor
from accounts.models import User
from tasks.models import Attachment, Comment, Invitation, Membership, Project, RecurringTask, Role, Task
from tasks.pages.snoozing import SNOOZES

ROLES = ("anonymous", "outsider", "viewer", "editor", "owner")  # each may do what those before it may
SEE, EDIT, OWN = "viewer", "editor", "owner"  # the least role that an action takes
AUTHOR = "author"  # the editor wrote the comment; nobody else may touch it

# What is about one task, series or project: the role for each method.
PAGES: dict[str, dict[str, str]] = {
    "tasks:task": {"get": SEE},
    "tasks:task-panel": {"get": SEE},
    "tasks:task-parts": {"get": SEE},
    "tasks:row": {"get": SEE},
    "events:history": {"get": SEE},
    "events:versions": {"get": SEE},
    "events:restore-version": {"post": EDIT},
    "tasks:check": {"post": EDIT},
    "tasks:mentions": {"get": SEE},
    "tasks:comment": {"get": SEE},
    "tasks:comment-add": {"post": SEE},
    "tasks:comment-edit": {"get": AUTHOR, "post": AUTHOR},
    "tasks:comment-delete": {"post": AUTHOR},
    "tasks:attachment": {"get": SEE},
    "tasks:attachment-add": {"post": EDIT},
    "tasks:attachment-remove": {"post": EDIT},
    "tasks:property": {"get": SEE, "post": EDIT},
    "tasks:property-edit": {"get": EDIT},
    "tasks:repeat-preview": {"get": SEE},
    **{
        key: {"post": EDIT}
        for key in (
            "tasks:complete",
            "tasks:delete",
            "tasks:restore",
            "tasks:task-duplicate",
            "tasks:subtask-add",
            "tasks:tag-remove",
            "tasks:reminder-remove",
            "tasks:reminder-snooze",
            "tasks:repeat-skip",
            "tasks:repeat-stop",
            "tasks:recurring-skip",
            "tasks:recurring-pause",
            "tasks:recurring-resume",
            "tasks:recurring-end",
        )
    },
    "tasks:place": {"post": EDIT},
    "tasks:row-edit": {"get": EDIT, "post": EDIT},
    "tasks:recurring-detail": {"get": SEE, "post": EDIT},
    "tasks:project": {"get": SEE},
    "tasks:project-edit": {"get": OWN, "post": OWN},
    "tasks:project-delete": {"get": OWN, "post": OWN},
    "events:project-history": {"get": SEE},
    "tasks:project-sharing": {"get": SEE, "post": OWN},
    "tasks:member-role": {"post": OWN},
    "tasks:member-hand-over": {"post": OWN},
    "tasks:member-remove": {"post": OWN},
    "tasks:invitation-revoke": {"post": OWN},
}
API: dict[str, dict[str, str]] = {
    "api_task": {"get": SEE, "put": EDIT, "patch": EDIT, "delete": EDIT},
    "api_task_complete": {"post": EDIT},
    "api_task_restore": {"post": EDIT},
    "api_task_history": {"get": SEE},
    "api_task_version": {"get": SEE},
    "api_task_restore_version": {"post": EDIT},
    "api_comments": {"get": SEE, "post": SEE},
    "api_comment": {"patch": AUTHOR, "delete": AUTHOR},
    "api_attachments": {"get": SEE, "post": EDIT},
    "api_attachment": {"get": SEE, "delete": EDIT},
    "api_attachment_content": {"get": SEE},
    "api_recurring_task": {"get": SEE, "put": EDIT, "patch": EDIT, "delete": EDIT},
    "api_recurring_task_preview": {"get": SEE},
    "api_recurring_task_skip": {"post": EDIT},
    "api_project": {"get": SEE, "put": OWN, "patch": OWN, "delete": OWN},
    "api_project_history": {"get": SEE},
    "api_members": {"get": SEE},
    "api_member": {"patch": OWN, "delete": OWN},
    "api_member_hand_over": {"post": OWN},
    "api_invitations": {"get": OWN, "post": OWN},
    "api_invitation": {"delete": OWN},
}
# What everybody has of their own, or what shows only what one sees: it takes signing in.
PERSONAL = {
    *(
        f"tasks:{name}"
        for name in ("today", "inbox", "upcoming", "completed", "all", "palette", "sample-project")
    ),
    *(
        f"tasks:{name}"
        for name in ("filters", "filter-change", "filter-delete", "filter-place", "bulk", "bulk-undo")
    ),
    *(
        f"tasks:{name}"
        for name in ("quick-add", "quick-add-preview", "quick-add-lines", "quick-add-lines-add")
    ),
    *(
        f"tasks:{name}"
        for name in ("trash", "empty-trash", "recurring", "recurring-new", "recurring-preview")
    ),
    *("tasks:job", "tasks:job-undo", "api_jobs", "api_job", "api_job_undo"),
    *("tasks:projects", "events:activity", "events:statistics"),
    *("api_tasks", "api_tasks_bulk", "api_tasks_bulk_undo", "api_filters", "api_filter"),
    *(
        "api_recurring_tasks",
        "api_projects",
        "api_invitation_accept",
        "api_activity",
        "api_statistics",
        "api_me",
    ),
    *("api_notifications", "api_notifications_read_all", "api_notification_read"),
}
PUBLIC = {"tasks:home", "tasks:invitation", "events:schema", "api_schema", "api_root"}
DOORS = ("tasks", "events")
# The people by role, what the arguments of routes stand for, and what each kind of route is about.
World = tuple[dict[str, User], dict[str, Any], dict[str, Any]]


def routes(resolver: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of these doors and of the API, by its full name."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, pattern.namespace or space)
        elif space in DOORS:
            yield f"{space}:{pattern.name}", pattern
        elif str(pattern.name).startswith("api_"):
            yield str(pattern.name), pattern


ROUTES = dict(routes())


@pytest.fixture
def world(shared: Project, owner: User, member: User, outsider: User) -> World:
    """A shared project with one of everything, and what each argument of a route stands for."""
    viewer = User.objects.create_user("vera@example.com", display_name="Vera")
    guest = User.objects.create_user("gus@example.com", display_name="Gus")
    for person, role in ((viewer, Role.VIEWER), (guest, Role.VIEWER)):
        Membership.objects.create(project=shared, user=person, role=role)
    by = Actor.of(owner, "web")
    rule = {"rrule": "FREQ=DAILY", "start_date": "2026-01-01", "time_zone": "UTC"}
    series = RecurringTask(project=shared, title="Again", **rule)
    series.begin(by)
    task = Task(
        project=shared, title="Launch", tags=["x"], reminders=[{"id": "a", "at": "2030-01-01T00:00:00+00:00"}]
    )
    task.save(by=by)
    comment = Comment.objects.write(task, "Hello", member, Actor.of(member, "web"))
    notes = SimpleUploadedFile("notes.txt", b"Notes")
    attachment = Attachment.objects.attach(task, notes, member, Actor.of(member, "web"))
    invitation, _secret = Invitation.objects.invite(shared, "new@example.com", Role.VIEWER, owner)
    people = {"outsider": outsider, "viewer": viewer, "editor": member, "owner": owner}
    words = {
        "user": guest.pk,
        "comment": comment.pk,
        "invitation": invitation.pk,
        "attachment": attachment.pk,
        "version": 1,
    }
    subjects = {
        "tasks/": task.pk,
        "recurring": series.pk,
        "projects": shared.pk,
        "attachments": attachment.pk,
    }
    return people, words | {"length": next(iter(SNOOZES)), "name": "title", "number": 0}, subjects


BODIES = {
    "tasks:member-role": {"role": "editor"},
    "tasks:reminder-snooze": {"reminder": "a"},
    "tasks:recurring-detail": {},
    "api_task_restore_version": {"version": 1},
}


FOR_HTMX = {"tasks:row", "tasks:row-edit"}  # anything else they only lead to the page of the task


def address(name: str, words: dict[str, Any], subjects: dict[str, Any]) -> str:
    converters = ROUTES[name].pattern.converters if not name.startswith("api_") else {}
    groups = converters or ROUTES[name].pattern.regex.groupindex
    route = str(ROUTES[name].pattern).lstrip("^")
    subject = next(pk for start, pk in subjects.items() if route.startswith(start))
    return reverse(name, kwargs={key: words.get(key, subject) for key in groups})


def verdict(role: str, door: str, response: Any) -> str:
    """What an answer means: "done" for whatever was not refused, even if the fields were wrong."""
    if role == "anonymous" and door == "htmx":
        return "sent away" if response.status_code == 403 else f"let in: {response.status_code}"
    if role == "anonymous":
        away = (
            response.status_code == 401
            if door == "api"
            else "/accounts/login/" in response.get("Location", "")
        )
        return "sent away" if away else f"let in: {response.status_code}"
    if role == "outsider" and response.status_code == 403:
        return "told that it exists"
    return "refused" if response.status_code in {403, 404} else "done"


def expected(role: str, least: str) -> str:
    if role == "anonymous":
        return "sent away"
    if least == AUTHOR:
        return "done" if role == "editor" else "refused"
    return "done" if ROLES.index(role) >= ROLES.index(least) else "refused"


def tried(name: str, method: str, world: World, door: str) -> dict[str, str]:
    """What becomes of an action for each role, each from the same start."""
    people, words, subjects = world
    door = "htmx" if name in FOR_HTMX else door
    headers = {"HX-Request": "true"} if door == "htmx" else {}
    found = {}
    for role in ROLES:
        client = Client()
        with transaction.atomic():
            if role in people:
                client.force_login(people[role])
            send, path = getattr(client, method), address(name, words, subjects)
            content = {"content_type": "application/json"} if door == "api" and method != "get" else {}
            found[role] = verdict(role, door, send(path, BODIES.get(name, {}), headers=headers, **content))
            transaction.set_rollback(True)
    return found


ACTIONS = [
    (name, method, least, door)
    for door, table in (("page", PAGES), ("api", API))
    for name, methods in table.items()
    for method, least in methods.items()
]


@pytest.mark.parametrize(("name", "method", "least", "door"), ACTIONS, ids=lambda value: str(value))
def test_each_role_may_do_what_the_table_says(
    world: World, name: str, method: str, least: str, door: str
) -> None:
    assert tried(name, method, world, door) == {role: expected(role, least) for role in ROLES}


def test_every_route_is_in_the_table() -> None:
    known = {*PAGES, *API, *PERSONAL, *PUBLIC}
    assert set(ROUTES) - known == set(), "say in the table who may use it"
    assert known - set(ROUTES) == set()


def test_every_method_of_the_api_is_in_the_table() -> None:
    for name, methods in API.items():
        view = cast(Any, ROUTES[name].callback).view_class
        assert {
            method for method in ("get", "post", "put", "patch", "delete") if hasattr(view, method)
        } == set(methods)


@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_whoever_is_not_signed_in_gets_nothing(client: Client, db: None, name: str) -> None:
    pattern = ROUTES[name].pattern
    groups = pattern.regex.groupindex if name.startswith("api_") else pattern.converters
    path = reverse(name, kwargs=dict.fromkeys(groups, "01890000-0000-7000-8000-000000000000"))
    for send in (client.get, client.post):
        response = send(path)
        if response.status_code != 405:
            assert verdict("anonymous", "api" if name.startswith("api_") else "page", response) == "sent away"


def test_somebody_elses_own_does_not_exist(client: Client, outsider: User, owner: User) -> None:
    inbox = Project.objects.inbox_of(owner)
    client.force_login(outsider)
    assert client.get(reverse("tasks:project", args=[inbox.pk])).status_code == 404
