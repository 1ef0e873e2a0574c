"""What open pages ask for by themselves."""

from django.urls import path

from todo_project.live import views

app_name = "live"
urlpatterns = [
    path("live", views.stream, name="stream"),
    path("live/changes", views.ask, name="changes"),
    path("live/bell", views.bell, name="bell"),
    path("live/tasks/<uuid:pk>", views.last_change, name="task"),
]
