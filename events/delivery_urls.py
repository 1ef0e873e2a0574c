"""The paths that daprd calls. They answer with and without a final slash: a redirect is retried for ever."""

from django.urls import re_path

from events import views
from events.topics import BY_AGGREGATE

TOPICS = "|".join(sorted(BY_AGGREGATE.values()))

urlpatterns = [
    re_path(r"^dapr/subscribe/?$", views.subscribe),
    re_path(rf"^events/(?:{TOPICS})/?$", views.deliver),
]
