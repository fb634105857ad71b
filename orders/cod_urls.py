"""Pages of this room that stand among the wallet's: mci/urls.py puts them there."""

from django.urls import URLPattern, URLResolver, path

from orders.pages import cod

urlpatterns: list[URLPattern | URLResolver] = [
    path("cod/", cod.cod, name="cod"),
    path("cod.csv", cod.cod_export, name="cod_export"),
]
