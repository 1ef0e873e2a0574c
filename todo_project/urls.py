"""Every path of the application; which of them exist depends on the role of the process."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from accounts.api_paths import api_path
from todo_project import health

handler500 = "todo_project.errors.server_error"
urlpatterns: list[URLPattern | URLResolver] = [
    api_path("health", health.healthy, "health"),
    api_path("health/live", health.live, "health-live"),
    api_path("health/ready", health.ready, "health-ready"),
]
if settings.ROLE in {"all", "web"}:
    urlpatterns += [
        path("admin/", admin.site.urls),
        path("accounts/", include("allauth.urls")),
        path("api/", include("todo_project.api_urls")),
        path("", include("todo_project.api_docs")),
        path("", include("accounts.urls")),
        path("", include("tasks.urls")),
        path("", include("events.urls")),
        path("", include("notifications.urls")),
    ]
if settings.ROLE in {"all", "events"}:
    urlpatterns += [path("", include("events.delivery_urls"))]
