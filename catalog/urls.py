from django.urls import path

from catalog.pages import products

app_name = "catalog"
urlpatterns = [
    path("", products.list_products, name="list"),
    path("<slug:slug>/", products.product, name="product"),
    path("<slug:slug>/images.zip", products.product_images, name="images"),
]
