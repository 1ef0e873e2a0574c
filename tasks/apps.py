from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = "Tasks"

    def ready(self) -> None:
        from tasks import checks, metrics, new_accounts, saved  # noqa: F401  (they connect their receivers)
