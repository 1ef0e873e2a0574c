"""The paths below ``/api/`` that are about notifications."""

from accounts.api_paths import api_path
from notifications.api import NotificationList, NotificationRead, NotificationReadAll

urlpatterns = [
    api_path("notifications", NotificationList.as_view(), "api_notifications"),
    api_path("notifications/read-all", NotificationReadAll.as_view(), "api_notifications_read_all"),
    api_path("notifications/<id>/read", NotificationRead.as_view(), "api_notification_read"),
]
