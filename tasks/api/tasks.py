"""``/api/tasks``: list, create, read, change, complete, delete and restore."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.api_schemas import answers
from accounts.strictness import NoInput, StrictView
from tasks.api.documents import SERIES_OF_TASK, TASK_COLUMNS, task_document, task_row
from tasks.api.etags import check_match, etag, is_unchanged
from tasks.api.pagination import Page
from tasks.api.parameters import documented
from tasks.api.schemas import ID, IF_MATCH, IF_NONE_MATCH, TaskDocument, page_of
from tasks.api.task_input import TaskInput
from tasks.api.task_list import TASK_PARAMETERS, filtered, matching, order_of, read_question
from tasks.api.written_list import written_list
from tasks.filtering import Reader
from tasks.models import Task
from tasks.models.task_queryset import TaskQuerySet
from tasks.one_statement import one_statement


class TaskView(StrictView):
    """What the views of tasks share."""

    scope = "tasks"

    @property
    def actor(self) -> Actor:
        return Actor.of(self.user, "api")

    def current(self, request: Request, id: str, among: TaskQuerySet) -> Task:
        """A task read under its lock, at the version that the request asks for.

        Raises NotFound; PermissionDenied for somebody who may see it and not change it; PreconditionFailed.
        """
        try:
            task = among.get_current(id)
        except Task.DoesNotExist:
            if Task.objects.visible_to(self.user).filter(pk=id).exists():
                raise PermissionDenied("You may see this task, but not change it.") from None
            raise NotFound("There is no such task.") from None
        check_match(request, task.version)
        return task

    def editable(self, request: Request, id: str) -> Task:
        return self.current(request, id, Task.objects.editable_by(self.user))

    def answer(self, task: Task, code: int = status.HTTP_200_OK, **headers: str) -> Response:
        return Response(task_document(task_row(task)), code, headers={"ETag": etag(task.version), **headers})


class TaskList(TaskView):
    """Your tasks, in all projects that you are a member of."""

    parameters = TASK_PARAMETERS

    @extend_schema(
        operation_id="list_tasks",
        parameters=documented(TASK_PARAMETERS),
        responses=answers(200, page_of(TaskDocument)),
    )
    def get(self, request: Request) -> Response:
        """List your tasks. Filters narrow each other; of several values of one filter any will do."""
        query, now = request.META["QUERY_STRING"], timezone.now()
        # A filter depends on whose it is and on the day, so its statement is not worth keeping.
        if connection.vendor == "postgresql" and "filter" not in request.query_params:
            return Response(written_list(query, self.user.zone).answer(self.user.pk, now))
        values = read_question(query, self.user.zone)
        tasks = filtered(Task.objects.visible_to(self.user), values, now)
        if "filter" in values:
            tasks = matching(tasks, values["filter"], Reader(self.user, now))
        rows = tasks.values(*TASK_COLUMNS, *SERIES_OF_TASK)
        return Response(Page.of(values).answer(rows, order_of(values), lambda row: task_document(row, now)))

    @extend_schema(operation_id="create_task", request=TaskInput, responses=answers(201, TaskDocument))
    def post(self, request: Request) -> Response:
        """Add a task. With `status` completed it is added and completed; with `recurrence_rule` it begins a series."""
        with one_statement():
            given = TaskInput(data=request.data, context={"user": self.user})
            given.is_valid(raise_exception=True)
            task = given.create_task(self.actor)
        return self.answer(task, status.HTTP_201_CREATED, Location=f"/api/tasks/{task.pk}")


class TaskDetail(TaskView):
    """One task."""

    @extend_schema(
        operation_id="read_task",
        parameters=[ID, IF_NONE_MATCH],
        responses={**answers(200, TaskDocument, 404), 304: None},
    )
    def get(self, request: Request, id: str) -> Response:
        """Read a task. Its `ETag` is for `If-Match` when you change it."""
        tasks = Task.objects.visible_to(self.user).filter(pk=id)
        row = tasks.values(*TASK_COLUMNS, *SERIES_OF_TASK).first()
        if row is None:
            raise NotFound("There is no such task.")
        headers = {"ETag": etag(row["version"])}
        if is_unchanged(request, row["version"]):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
        return Response(task_document(row), headers=headers)

    @extend_schema(
        operation_id="replace_task",
        parameters=[ID, IF_MATCH],
        request=TaskInput,
        responses=answers(200, TaskDocument, 404, 409, 412),
    )
    def put(self, request: Request, id: str) -> Response:
        """Replace what a task says. A field that is missing gets its default; project and position stay."""
        return self._change(request, id, partial=False)

    @extend_schema(
        operation_id="change_task",
        parameters=[ID, IF_MATCH],
        request=TaskInput,
        responses=answers(200, TaskDocument, 404, 409, 412),
    )
    def patch(self, request: Request, id: str) -> Response:
        """Change the fields that are given, and nothing else."""
        return self._change(request, id, partial=True)

    def _change(self, request: Request, id: str, partial: bool) -> Response:
        with transaction.atomic():
            task = self.editable(request, id)
            context = {"user": self.user, "current": lambda: task_document(task_row(task))}
            given = TaskInput(task, data=request.data, partial=partial, context=context)
            given.is_valid(raise_exception=True)
            given.change_task(task, self.actor)
        return self.answer(task)

    @extend_schema(
        operation_id="delete_task",
        parameters=[ID, IF_MATCH],
        request=None,
        responses=answers(204, None, 404, 412),
    )
    def delete(self, request: Request, id: str) -> Response:
        """Move a task and its subtasks to the trash, from where it can be restored for 30 days.

        In place of the open occurrence of a series that counts from completion, the next one is made.
        """
        with transaction.atomic():
            self.editable(request, id).trash(self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TaskComplete(TaskView):
    """Complete a task, or reopen a completed one."""

    @extend_schema(
        operation_id="complete_task",
        parameters=[ID, IF_MATCH],
        request=None,
        responses=answers(200, TaskDocument, 404, 412),
    )
    def post(self, request: Request, id: str) -> Response:
        """Toggle: an open task is completed, a completed one is open again.

        The next occurrence of a recurring task follows a moment later.
        """
        NoInput(data=request.data).is_valid(raise_exception=True)
        with transaction.atomic():
            task = self.editable(request, id)
            task.toggle(self.actor)
        return self.answer(task)


class TaskRestore(TaskView):
    """Take a task out of the trash."""

    @extend_schema(
        operation_id="restore_task",
        parameters=[ID, IF_MATCH],
        request=None,
        responses=answers(200, TaskDocument, 404, 412),
    )
    def post(self, request: Request, id: str) -> Response:
        """Restore a task with the subtasks that went with it. One that is not in the trash stays as it is."""
        NoInput(data=request.data).is_valid(raise_exception=True)
        with transaction.atomic():
            task = self.current(request, id, Task.objects.writable_by(self.user))
            task.restore(self.actor)
        return self.answer(task)
