"""What the REST API answers about webhooks and the shop itself."""

from typing import Any

from . import order_list
from .errors import RestError, invalid_params
from .order_json import VERSION
from .rest import NAMESPACES, Call, missing, paged
from .webhooks import STATUSES


def check_page(call: Call) -> None:
    problems: dict[str, tuple[str, str]] = {}
    order_list.check_page(call.request, problems)
    if problems:
        raise invalid_params(problems)


# Webhooks.


def check_webhook(call: Call) -> None:
    if call.request.method == "POST" and not call.ids and "delivery_url" not in call.given:
        raise missing("delivery_url")
    status = call.given.get("status")
    if status is not None and status not in STATUSES:
        text = f"status is not one of {order_list.words(STATUSES)}."
        raise invalid_params({"status": ("rest_not_in_enum", text)})


def list_webhooks(call: Call) -> Any:
    status = call.request.param("status", "all")
    found = [doc for doc in call.shop.webhooks.all() if status in ("all", doc["status"])]
    return [call.shop.webhooks.present(doc, call.home) for doc in paged(call, found, "webhooks")]


def create_webhook(call: Call) -> Any:
    doc = call.shop.webhooks.create(call.given)
    call.status = 201
    call.headers.append(("Location", f"{call.home}/wp-json/wc/v3/webhooks/{doc['id']}"))
    return call.shop.webhooks.present(doc, call.home)


def get_webhook(call: Call) -> Any:
    return call.shop.webhooks.present(call.shop.webhooks.get(call.id), call.home)


def change_webhook(call: Call) -> Any:
    return call.shop.webhooks.present(call.shop.webhooks.change(call.id, call.given), call.home)


def delete_webhook(call: Call) -> Any:
    if call.request.param("force") not in ("true", "1") and call.given.get("force") is not True:
        raise RestError("woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.", 501)
    return call.shop.webhooks.present(call.shop.webhooks.delete(call.id), call.home)


# The shop itself.


def index(call: Call) -> Any:
    return {
        "name": call.shop.name,
        "description": "Negozio demo",
        "url": call.home,
        "home": call.home,
        "gmt_offset": call.shop.gmt_offset(),
        "timezone_string": str(call.shop.zone),
        "namespaces": NAMESPACES,
        "authentication": [],
        "site_logo": 0,
    }


def system_status(call: Call) -> Any:
    return {
        "environment": {
            "home_url": call.home,
            "site_url": call.home,
            "store_id": call.shop.store_id,
            "version": VERSION,
            "wp_version": "7.1",
            "wp_multisite": False,
            "wp_cron": True,
            "language": "it_IT",
            "php_version": "8.2.36",
            "default_timezone": "UTC",
        },
        "settings": {
            "api_enabled": False,
            "force_ssl": False,
            "currency": call.shop.settings["general"]["woocommerce_currency"],
            "currency_symbol": "&euro;",
            "currency_position": "right_space",
            "thousand_separator": ".",
            "decimal_separator": ",",
            "number_of_decimals": 2,
            "HPOS_enabled": True,
            "HPOS_sync_enabled": False,
        },
        "security": {"secure_connection": call.request.https, "hide_errors": True},
    }


def currency(call: Call) -> Any:
    base = f"{call.home}/wp-json/wc/v3/data/currencies"
    code = call.shop.settings["general"]["woocommerce_currency"]
    return {
        "code": code,
        "name": "Euro",
        "symbol": "&euro;",
        "_links": {
            "self": [{"href": f"{base}/{code}", "targetHints": {"allow": ["GET"]}}],
            "collection": [{"href": base}],
        },
    }


def payment_gateways(call: Call) -> Any:
    call.headers += [("X-WP-Total", str(len(call.shop.gateways))), ("X-WP-TotalPages", "1")]
    return call.shop.gateways
