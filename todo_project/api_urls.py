"""Everything below ``/api/``."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from accounts.api import Me
from accounts.api_paths import api_path
from events.activity_api import ActivityList
from events.history_api import TaskHistory
from events.project_history_api import ProjectHistory
from events.statistics.api import StatisticsView
from events.versions_api import TaskRestoreVersion, TaskVersion

urlpatterns = [
    path("", include("tasks.api.urls")),
    path("", include("notifications.api_urls")),
    api_path("tasks/<id>/history", TaskHistory.as_view(), "api_task_history"),
    api_path(r"tasks/<id>/versions/(?P<version>[1-9][0-9]{0,9})", TaskVersion.as_view(), "api_task_version"),
    api_path("tasks/<id>/restore-version", TaskRestoreVersion.as_view(), "api_task_restore_version"),
    api_path("projects/<id>/history", ProjectHistory.as_view(), "api_project_history"),
    api_path("statistics", StatisticsView.as_view(), "api_statistics"),
    api_path("activity", ActivityList.as_view(), "api_activity"),
    api_path("me", Me.as_view(), "api_me"),
    api_path("schema", SpectacularAPIView.as_view(), "api_schema"),
]
