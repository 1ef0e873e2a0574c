from notifications.models.delivery import Delivery, State, Underway
from notifications.models.notification import Notification, unread_count
from notifications.models.preference import Preference

__all__ = ["Delivery", "Notification", "Preference", "State", "Underway", "unread_count"]
