from django.urls import URLPattern, URLResolver, path

from wallet import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("wallet", api.Wallet.as_view(), name="wallet"),
    path("wallet/movements", api.Movements.as_view(), name="movements"),
]
