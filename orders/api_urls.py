from django.urls import URLPattern, URLResolver, path

from orders.api import cases, imports, orders, reads

urlpatterns: list[URLPattern | URLResolver] = [
    path("orders", orders.Orders.as_view(), name="orders"),
    path("orders/validate", orders.Validate.as_view(), name="order_validate"),
    path("orders/<int:pk>", orders.OneOrder.as_view(), name="order"),
    path("orders/<int:pk>/events", reads.Events.as_view(), name="order_events"),
    path("orders/<int:pk>/price", reads.PriceOf.as_view(), name="order_price"),
    path("orders/<int:pk>/send", orders.Send.as_view(), name="order_send"),
    path("orders/<int:pk>/cancel", orders.Cancel.as_view(), name="order_cancel"),
    path("orders/<int:pk>/cases", cases.OpenCase.as_view(), name="case_open"),
    path("cases", cases.Cases.as_view(), name="cases"),
    path("cases/<int:pk>", cases.OneCase.as_view(), name="case"),
    path("imports", imports.Imports.as_view(), name="imports"),
    path("imports/<int:pk>", imports.OneImport.as_view(), name="import"),
    path("imports/<int:pk>/rows", imports.ImportRows.as_view(), name="import_rows"),
    path("imports/<int:pk>/start", imports.StartImport.as_view(), name="import_start"),
    path("prices/quote", orders.Quote.as_view(), name="quote"),
    path("methods", reads.Methods.as_view(), name="methods"),
]
