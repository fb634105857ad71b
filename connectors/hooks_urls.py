"""What shops call. Outside the portal's pages: no language prefix, no session. With and without the final slash."""

from __future__ import annotations

from django.urls import path, re_path

from connectors import webhooks
from connectors.pages import wizard

app_name = "hooks"
urlpatterns = [
    re_path(
        r"^webhooks/(?P<slug>[a-z][a-z0-9_]{0,19})/(?P<key>[A-Za-z0-9_-]{1,40})/?$", webhooks.webhook, name="webhook"
    ),
    path("connect/<slug:slug>/callback/", webhooks.connect_callback, name="callback"),
    path("connect/<slug:slug>/callback", webhooks.connect_callback),
    path("connect/<slug:platform>/install/", wizard.install, name="install"),
]
