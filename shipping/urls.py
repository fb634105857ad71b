from django.urls import URLPattern, URLResolver, path

from shipping import views

app_name = "shipping"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.list_shipments, name="list"),
    path("export.csv", views.export_shipments, name="export"),
    path("courier/<slug:code>.csv", views.courier_file, name="courier_file"),
    path("<int:pk>/", views.detail, name="detail"),
]
