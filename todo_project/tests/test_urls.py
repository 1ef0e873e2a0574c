"""Which role answers what."""

import pytest
from django.urls import reverse

from todo_project.settings import ROLES

PLACES = {
    "/health": ROLES,
    "/health/live": ROLES,
    "/state": ROLES,
    "/today": ("all", "web"),
    "/admin/": ("all", "web"),
    "/api/tasks": ("all", "web"),
    "/docs": ("all", "web"),
    "/accounts/login/": ("all", "web"),
    "/schemas/task.created/1": ("all", "web"),
    "/dapr/subscribe": ("all", "events"),
    "/events/task-events": ("all", "events"),
    "/todo-tick": ("all", "scheduler"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", PLACES)
def test_a_role_answers_its_own_paths_and_no_others(client, settings, role, path):
    settings.ROLE = role
    is_there = client.get(path).status_code != 404
    assert is_there == (role in PLACES[path])


@pytest.mark.parametrize("role", ROLES)
def test_every_role_can_make_links_to_the_pages(settings, role):
    settings.ROLE = role
    assert reverse("notifications:settings") == "/settings/notifications"
    assert reverse("account_login") == "/accounts/login/"
    assert reverse("admin:index") == "/admin/"
