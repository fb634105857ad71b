"""The routes of the REST API that the fake has."""

from . import rest_orders, rest_products, rest_shop
from .rest import Route

_CREATE = ("woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources.")
_EDIT = ("woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource.")
_DELETE = ("woocommerce_rest_cannot_delete", "Sorry, you are not allowed to delete this resource.")
_VIEW = ("woocommerce_rest_cannot_view", "Sorry, you cannot view this resource.")
_WRITE = "POST PUT PATCH"
ORDER = r"/wc/v3/orders/(\d+)"
PRODUCT = r"/wc/v3/products/(\d+)"

ROUTES = [
    Route("GET", r"/", rest_shop.index, public=True),
    Route("GET", r"/wc/v3/orders", rest_orders.list_orders, check=rest_orders.check_list),
    Route("POST", r"/wc/v3/orders", rest_orders.create_order, _CREATE, rest_orders.check_order),
    Route(_WRITE, r"/wc/v3/orders/batch", rest_orders.batch_orders, _EDIT),
    Route("GET", ORDER, rest_orders.get_order, _VIEW),
    Route(_WRITE, ORDER, rest_orders.change_order, _EDIT, rest_orders.check_order),
    Route("DELETE", ORDER, rest_orders.delete_order, _DELETE),
    Route("GET", rf"{ORDER}/notes", rest_orders.list_notes),
    Route("POST", rf"{ORDER}/notes", rest_orders.create_note, _CREATE, rest_orders.check_note),
    Route("GET", rf"{ORDER}/refunds", rest_orders.list_refunds, _VIEW),
    Route("POST", rf"{ORDER}/refunds", rest_orders.create_refund, _CREATE),
    Route("GET", r"/wc/v3/reports/orders/totals", rest_orders.order_totals),
    Route("GET", r"/wc/v3/products", rest_products.list_products, check=rest_shop.check_page),
    Route("POST", r"/wc/v3/products", rest_products.create_product, _CREATE),
    Route(_WRITE, r"/wc/v3/products/batch", rest_products.batch_products, _EDIT),
    Route("GET", r"/wc/v3/products/categories", rest_products.list_categories, check=rest_shop.check_page),
    Route(_WRITE, r"/wc/v3/products/categories/batch", rest_products.batch_categories, _EDIT),
    Route("GET", PRODUCT, rest_products.get_product, _VIEW),
    Route(_WRITE, PRODUCT, rest_products.change_product, _EDIT),
    Route("GET", rf"{PRODUCT}/variations", rest_products.list_variations, check=rest_shop.check_page),
    Route(_WRITE, rf"{PRODUCT}/variations/batch", rest_products.batch_variations, _EDIT),
    Route("GET", r"/wc/v3/settings/[a-z]+/[a-z_]+", rest_products.setting, _VIEW),
    Route("GET", r"/wc/v3/settings/[a-z]+", rest_products.settings_of, _VIEW),
    Route("GET", r"/wc/v3/taxes", rest_products.taxes, _VIEW),
    Route("GET", r"/wc/v3/webhooks", rest_shop.list_webhooks, check=rest_shop.check_page),
    Route("POST", r"/wc/v3/webhooks", rest_shop.create_webhook, _CREATE, rest_shop.check_webhook),
    Route("GET", r"/wc/v3/webhooks/(\d+)", rest_shop.get_webhook, _VIEW),
    Route(_WRITE, r"/wc/v3/webhooks/(\d+)", rest_shop.change_webhook, _EDIT, rest_shop.check_webhook),
    Route("DELETE", r"/wc/v3/webhooks/(\d+)", rest_shop.delete_webhook, _DELETE),
    Route("GET", r"/wc/v3/system_status", rest_shop.system_status),
    Route("GET", r"/wc/v3/data/currencies/current", rest_shop.currency),
    Route("GET", r"/wc/v3/payment_gateways", rest_shop.payment_gateways),
]
