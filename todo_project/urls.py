"""Every path of the application.

Every role can make links to all of them (a worker writes mails); which of them a process answers depends on its role.
"""

from collections.abc import Sequence

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern

from accounts.api_paths import api_path
from todo_project import health, installable, role_state, ticks
from todo_project.api_root import ApiRoot

Paths = Sequence[URLPattern | URLResolver]


class ServedBy(RoutePattern):
    """Paths that only some roles answer; to the others they are unknown."""

    def __init__(self, roles: set[str]) -> None:
        super().__init__("", is_endpoint=False)
        self._roles = roles

    def match(self, path: str) -> tuple[str, tuple, dict[str, int | str]] | None:
        return super().match(path) if settings.ROLE in self._roles else None


def served_by(role: str, paths: Paths) -> URLResolver:
    """These paths, answered by a role, and by the process that has them all."""
    return URLResolver(ServedBy({"all", role}), list(paths))


handler500 = "todo_project.errors.server_error"
urlpatterns: Paths = [
    api_path("health", health.healthy, "health"),
    api_path("health/live", health.live, "health-live"),
    api_path("health/ready", health.ready, "health-ready"),
    api_path("state", role_state.show, "state"),
    served_by(
        "web",
        [
            path("admin/", admin.site.urls),
            path("accounts/", include("allauth.urls")),
            api_path("api", ApiRoot.as_view(), "api_root"),
            path("api/", include("todo_project.api_urls")),
            path("", include("todo_project.api_docs")),
            path("manifest.webmanifest", installable.manifest, name="manifest"),
            path("service-worker.js", installable.service_worker, name="service-worker"),
            path("offline", installable.offline, name="offline"),
            path("", include("accounts.urls")),
            path("", include("tasks.urls")),
            path("", include("events.urls")),
            path("", include("notifications.urls")),
            path("", include("todo_project.live.urls")),
        ],
    ),
    served_by("events", [path("", include("events.delivery_urls"))]),
    served_by("scheduler", [api_path("todo-tick", ticks.on_tick, "todo-tick")]),
]
