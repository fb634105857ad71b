from django.urls import URLPattern, URLResolver, path

from shipping.pages import paper_style, shipments

app_name = "shipping"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", shipments.list_shipments, name="list"),
    path("export.csv", shipments.export_shipments, name="export"),
    path("courier/<slug:code>.csv", shipments.courier_file, name="courier_file"),
    path("papers/", paper_style.paper_style, name="paper_style"),
    path("papers/sample.pdf", paper_style.paper_sample, name="paper_sample"),
    path("<int:pk>/", shipments.detail, name="detail"),
]
