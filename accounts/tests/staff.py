"""The people of the admin, and what they click."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User

MAX_QUERIES = 15  # of any page of the admin


def staff(*rights: str, email: str = "sam@example.com") -> User:
    """A member of staff with rights such as "tasks.view_task", and no others."""
    user = User.objects.create_user(email, "correct horse", display_name="Sam", is_staff=True)
    for right in rights:
        app, _, codename = right.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


def superuser(email: str = "root@example.com") -> User:
    return User.objects.create_superuser(email, "correct horse", display_name="Ruth")


def window(user: User | None) -> Client:
    """A browser in which somebody is signed in; nobody with None."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def page(name: str, *args: Any) -> str:
    """The path of a page: ``page("tasks_task_change", task.pk)``."""
    return reverse(f"admin:{name}", args=args)


def list_of(model: type[Model]) -> str:
    return page(f"{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_of(row: Model) -> str:
    return page(f"{row._meta.app_label}_{row._meta.model_name}_change", row.pk)


def act(client: Client, action: str, *rows: Model, **more: Any) -> HttpResponse:
    """Choose rows in their list and an action for them."""
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows], **more}
    return client.post(list_of(type(rows[0])), data, follow=True)


def notes(answer: Any) -> list[str]:
    """The messages that a page shows above its content."""
    return [str(message) for message in answer.context["messages"]]


def found(answer: Any) -> list[Any]:
    """The rows that a list shows."""
    return list(answer.context["cl"].result_list)


def form_of(answer: Any) -> dict[str, Any]:
    """What a browser would send back from a page's form if nothing was changed in it."""
    form = answer.context["adminform"].form
    fields = {name: form[name] for name in form.fields}
    data = {field.html_name: field.field.prepare_value(field.value()) for field in fields.values()}
    for inline in answer.context["inline_admin_formsets"]:
        data |= {field.html_name: field.value() for field in inline.formset.management_form}
        for row in inline.formset.forms:
            data |= {field.html_name: field.value() for field in row}
    return {name: value for name, value in data.items() if value is not None and value is not False}
