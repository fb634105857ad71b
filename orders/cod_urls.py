"""Pages of this room that stand among the wallet's: mci/urls.py puts them there."""

from django.urls import URLPattern, URLResolver, path

from orders import cod_views

urlpatterns: list[URLPattern | URLResolver] = [
    path("cod/", cod_views.cod, name="cod"),
    path("cod.csv", cod_views.cod_export, name="cod_export"),
]
