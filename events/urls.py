"""Pages about events, and their schemas."""

from django.urls import path

from events import pages, version_pages, views
from events.activity_page import activity
from events.project_history import project_history
from events.statistics.pages import statistics

app_name = "events"
urlpatterns = [
    path("statistics", statistics, name="statistics"),
    path("activity", activity, name="activity"),
    path("projects/<uuid:pk>/history", project_history, name="project-history"),
    path("tasks/<uuid:pk>/history", pages.task_history, name="history"),
    path("tasks/<uuid:pk>/versions", version_pages.task_versions, name="versions"),
    path(
        "tasks/<uuid:pk>/versions/<int:version>/restore",
        version_pages.task_restore_version,
        name="restore-version",
    ),
    path("schemas/<str:name>/<int:version>", views.schema, name="schema"),
]
