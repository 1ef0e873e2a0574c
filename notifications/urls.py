from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("notifications", views.notification_list, name="list"),
    path("notifications/read-all", views.mark_all_read, name="read-all"),
    path("notifications/<uuid:pk>/read", views.mark_read, name="read"),
    path("notifications/<uuid:pk>/open", views.open_notification, name="open"),
    path("notifications/unsubscribe/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("settings/notifications", views.settings, name="settings"),
]
