from django.urls import URLPattern, URLResolver, path

from orders.api import orders, reads

urlpatterns: list[URLPattern | URLResolver] = [
    path("orders", orders.Orders.as_view(), name="orders"),
    path("orders/validate", orders.Validate.as_view(), name="order_validate"),
    path("orders/<int:pk>", orders.OneOrder.as_view(), name="order"),
    path("orders/<int:pk>/events", reads.Events.as_view(), name="order_events"),
    path("orders/<int:pk>/price", reads.PriceOf.as_view(), name="order_price"),
    path("orders/<int:pk>/send", orders.Send.as_view(), name="order_send"),
    path("orders/<int:pk>/cancel", orders.Cancel.as_view(), name="order_cancel"),
    path("prices/quote", orders.Quote.as_view(), name="quote"),
    path("methods", reads.Methods.as_view(), name="methods"),
]
