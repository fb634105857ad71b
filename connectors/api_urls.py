from django.urls import URLPattern, URLResolver, path

from connectors import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("shops", api.Shops.as_view(), name="shops"),
    path("shops/<int:pk>", api.OneShop.as_view(), name="shop"),
    path("inbox/<slug:platform>", api.Inbox.as_view(), name="inbox"),
]
