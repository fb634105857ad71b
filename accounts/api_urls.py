from django.urls import URLPattern, URLResolver, path

from accounts.api import own

urlpatterns: list[URLPattern | URLResolver] = [
    path("me", own.Me.as_view(), name="me"),
    path("requests", own.Requests.as_view(), name="requests"),
]
