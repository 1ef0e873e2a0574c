"""Pages about events."""

from django.urls import path

from events import pages

app_name = "events"
urlpatterns = [
    path("tasks/<uuid:pk>/history", pages.task_history, name="history"),
]
