"""The paths of the settings; email address, password and sessions are allauth's."""

from django.urls import path
from django.views.generic import RedirectView

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("settings", RedirectView.as_view(pattern_name="accounts:settings-profile"), name="settings"),
    path("settings/profile", views.profile, name="settings-profile"),
    path("settings/time", views.time_and_language, name="settings-time"),
    path("settings/shortcuts", views.shortcuts, name="settings-shortcuts"),
    path("settings/tokens", views.api_tokens, name="settings-tokens"),
    path("settings/tokens/<uuid:pk>/revoke", views.revoke_api_token, name="revoke-token"),
]
