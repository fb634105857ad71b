from django.urls import URLPattern, URLResolver, path

from shipping import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("shipments", api.Shipments.as_view(), name="shipments"),
    path("shipments/<int:pk>", api.OneShipment.as_view(), name="shipment"),
    path("shipments/<int:pk>/tracking", api.Tracking.as_view(), name="tracking"),
]
