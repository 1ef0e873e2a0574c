"""The paths below ``/api/`` that are about tasks."""

from accounts.api_paths import api_path
from tasks.api.projects import ProjectDetail, ProjectList
from tasks.api.recurring import SeriesDetail, SeriesList, SeriesPreview, SeriesSkip
from tasks.api.tasks import TaskComplete, TaskDetail, TaskList, TaskRestore

urlpatterns = [
    api_path("tasks", TaskList.as_view(), "api_tasks"),
    api_path("tasks/<id>", TaskDetail.as_view(), "api_task"),
    api_path("tasks/<id>/complete", TaskComplete.as_view(), "api_task_complete"),
    api_path("tasks/<id>/restore", TaskRestore.as_view(), "api_task_restore"),
    api_path("recurring-tasks", SeriesList.as_view(), "api_recurring_tasks"),
    api_path("recurring-tasks/<id>", SeriesDetail.as_view(), "api_recurring_task"),
    api_path("recurring-tasks/<id>/preview", SeriesPreview.as_view(), "api_recurring_task_preview"),
    api_path("recurring-tasks/<id>/skip", SeriesSkip.as_view(), "api_recurring_task_skip"),
    api_path("projects", ProjectList.as_view(), "api_projects"),
    api_path("projects/<id>", ProjectDetail.as_view(), "api_project"),
]
