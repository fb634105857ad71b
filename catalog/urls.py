from django.urls import path

from catalog import views

app_name = "catalog"
urlpatterns = [
    path("", views.list_products, name="list"),
    path("<slug:slug>/", views.product, name="product"),
    path("<slug:slug>/images.zip", views.product_images, name="images"),
]
