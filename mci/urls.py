"""Every address. A page's address has no language in it: the language is the reader's (or the cookie's)."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from accounts import api_urls as accounts_api
from accounts import sign_in_urls
from catalog import api_urls as catalog_api
from connectors import api_urls as connectors_api
from mci.pages import api_docs, dashboard, search
from mci.web import errors
from mci.web.media import media
from orders import api_urls as orders_api
from orders import cod_urls
from shipping import api_urls as shipping_api
from wallet import api_urls as wallet_api
from wallet import urls as wallet_urls

# The page of the cash on delivery joins money and parcels: it is made in orders, and is found with the wallet.
money: list[URLPattern | URLResolver] = [*wallet_urls.urlpatterns, *cod_urls.urlpatterns]
# What resellers' programs call: each room's own, under one address and one name.
api: list[URLPattern | URLResolver] = [
    *accounts_api.urlpatterns,
    *catalog_api.urlpatterns,
    *orders_api.urlpatterns,
    *shipping_api.urlpatterns,
    *wallet_api.urlpatterns,
    *connectors_api.urlpatterns,
    path("openapi.json", api_docs.openapi, name="openapi"),
]
roof: list[URLPattern | URLResolver] = [
    path("", dashboard.dashboard, name="dashboard"),
    path("search/", search.search_page, name="search"),
    path("api/", api_docs.api_docs, name="api_docs"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("connectors.hooks_urls")),  # what shops call
    path("api/v1/", include((api, "api"))),
    path("", include((roof, "mci"))),
    path("", include("connectors.urls")),  # inbox/…, shops/…
    path("", include("accounts.urls")),  # settings/…, staff/dropshippers/…
    path("catalog/", include("catalog.urls")),
    path("orders/", include("orders.urls")),
    path("shipments/", include("shipping.urls")),
    path("wallet/", include((money, "wallet"))),
    path("account/", include("accounts.door_urls")),
    *sign_in_urls.urlpatterns,  # the second step, what asks again, and no other door to the administration
    path("admin/", admin.site.urls),
    re_path(r"^media/(?P<path>.*)$", media),  # product pictures
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
