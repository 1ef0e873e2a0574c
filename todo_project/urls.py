"""Every path of the application; which of them exist depends on the role of the process."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

handler500 = "todo_project.errors.server_error"
urlpatterns: list[URLPattern | URLResolver] = []
if settings.ROLE in {"all", "web"}:
    urlpatterns += [
        path("admin/", admin.site.urls),
        path("accounts/", include("allauth.urls")),
        path("", include("accounts.urls")),
        path("", include("events.urls")),
    ]
if settings.ROLE in {"all", "events"}:
    urlpatterns += [path("", include("events.delivery_urls"))]
