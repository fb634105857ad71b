from django.urls import URLPattern, URLResolver, path

from catalog import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("products", api.Products.as_view(), name="products"),
    path("products/<slug:slug>", api.OneProduct.as_view(), name="product"),
    path("variants", api.Variants.as_view(), name="variants"),
    path("stock", api.StockLevels.as_view(), name="stock"),
]
