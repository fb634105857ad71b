from django.urls import URLPattern, URLResolver, path

from shipping.pages import shipments

app_name = "shipping"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", shipments.list_shipments, name="list"),
    path("export.csv", shipments.export_shipments, name="export"),
    path("courier/<slug:code>.csv", shipments.courier_file, name="courier_file"),
    path("<int:pk>/", shipments.detail, name="detail"),
]
