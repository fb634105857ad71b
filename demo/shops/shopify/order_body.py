"""An order and a fulfilment as webhooks have them. No transactions: those are in GraphQL only."""

from decimal import Decimal
from typing import TYPE_CHECKING

from . import refund_body
from .gids import Doc, cents, gid, local, two_places
from .line_body import line, money, pair, tax
from .order_sums import financial_status, shipping_status, sums, vat_in

if TYPE_CHECKING:
    from .shop import Shop


def _address(shop: "Shop", address: Doc | None) -> Doc | None:
    if address is None:
        return None
    names = [address["first_name"], address["last_name"]]
    full = {
        "first_name": address["first_name"],
        "address1": address["address1"],
        "phone": address["phone"],
        "city": address["city"],
        "zip": address["zip"],
        "province": address["province"],
        "country": address["country"],
        "last_name": address["last_name"],
        "address2": address["address2"],
        "company": address["company"],
        "latitude": None,
        "longitude": None,
        "name": " ".join(name for name in names if name),
        "country_code": address["country_code"],
        "province_code": address["province_code"],
    }
    if shop.protected_data < 2:  # who the customer is, is not told
        kept = ("province", "country", "country_code", "province_code")
        full = {key: value if key in kept else None for key, value in full.items()}
    return full


def _shipping(order: Doc, doc: Doc) -> Doc:
    return {
        "id": doc["id"],
        "carrier_identifier": None,
        "code": doc["code"],
        "current_discounted_price_set": money(order, doc["price"]),
        **pair("discounted_price", order, cents(doc["price"])),
        "is_removed": False,
        "phone": None,
        **pair("price", order, cents(doc["price"])),
        "requested_fulfillment_service_id": None,
        "source": doc["source"],
        "title": doc["title"],
        "tax_lines": [tax(order, vat_in(cents(doc["price"])))],
        "discount_allocations": [],
    }


def order(shop: "Shop", doc: Doc) -> Doc:
    of, zone, zero = sums(doc), shop.zone, Decimal("0.00")
    known = shop.protected_data >= 2
    email, phone = (doc["email"], doc["phone"]) if known else (None, None)
    sent = shipping_status(doc, shop.fulfilment.of_order(doc["id"]))
    state = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial", "RESTOCKED": "restocked"}.get(sent)
    discounted = Decimal(of.discounts)
    status_url = f"{shop.public_url}/{shop.id}/orders/{doc['token']}/authenticate?key={doc['token'][:12]}&locale=it"
    return {
        "id": doc["id"],
        "admin_graphql_api_id": gid("Order", doc["id"]),
        "app_id": 580111,
        "browser_ip": None,
        "buyer_accepts_marketing": False,
        "cancel_reason": doc["cancel_reason"].lower() if doc["cancel_reason"] else None,
        "cancelled_at": local(doc["cancelled_at"], zone),
        "cart_token": None,
        "checkout_token": None,
        "client_details": None,
        "closed_at": local(doc["closed_at"], zone),
        "confirmation_number": doc["confirmation"],
        "confirmed": True,
        "contact_email": email,
        "created_at": local(doc["created_at"], zone),
        "currency": doc["currency"],
        "current_shipping_price_set": money(doc, of.shipping),
        **pair("current_subtotal_price", doc, of.current_subtotal),
        "current_total_additional_fees_set": None,
        **pair("current_total_discounts", doc, of.discounts),
        "current_total_duties_set": None,
        **pair("current_total_price", doc, of.current_total),
        **pair("current_total_tax", doc, of.current_tax),
        "customer_locale": doc["locale"],
        "device_id": None,
        "discount_codes": [],
        "duties_included": False,
        "email": email or "",
        "estimated_taxes": False,
        "financial_status": financial_status(doc, of).lower(),
        "fulfillment_status": state,
        "landing_site": None,
        "landing_site_ref": None,
        "location_id": None,
        "merchant_business_entity_id": "MTU0ODM4MDAwOQ",
        "merchant_of_record_app_id": None,
        "name": doc["name"],
        "note": doc["note"],
        "note_attributes": [{"name": each["key"], "value": each["value"]} for each in doc["attributes"]],
        "number": doc["number"],
        "order_number": 1000 + doc["number"],
        "order_status_url": status_url,
        "original_total_additional_fees_set": None,
        "original_total_duties_set": None,
        "payment_gateway_names": doc["gateways"],
        "phone": phone,
        "po_number": None,
        "presentment_currency": doc["presentment"][0],
        "processed_at": local(doc["processed_at"], zone),
        "reference": None,
        "referring_site": None,
        "source_identifier": doc.get("identifier"),
        "source_name": doc["source"],
        "source_url": None,
        **pair("subtotal_price", doc, of.subtotal),
        "tags": ", ".join(doc["tags"]),
        "tax_exempt": False,
        "tax_lines": [tax(doc, of.tax)] if of.tax else [],
        "taxes_included": True,
        "test": doc["test"],
        "token": doc["token"],
        "total_cash_rounding_payment_adjustment_set": money(doc, zero),
        "total_cash_rounding_refund_adjustment_set": money(doc, zero),
        **pair("total_discounts", doc, of.discounts),
        **pair("total_line_items_price", doc, of.lines),
        "total_outstanding": two_places(of.outstanding),
        **pair("total_price", doc, of.total),
        "total_shipping_price_set": money(doc, of.shipping),
        **pair("total_tax", doc, of.tax),
        "total_tip_received": "0.00",
        "total_weight": sum(each["grams"] * each["quantity"] for each in doc["lines"]),
        "updated_at": local(doc["updated_at"], zone),
        "user_id": None,
        "billing_address": _address(shop, doc["billing_address"]),
        "customer": _customer(shop, doc),
        "discount_applications": [_application(of.discounts)] if discounted else [],
        "fulfillments": [fulfillment(shop, doc, each) for each in shop.fulfilment.sent(doc["id"])],
        "line_items": [line(shop, doc, each) for each in doc["lines"]],
        "payment_terms": None,
        "refunds": [refund_body.refund(shop, doc, each) for each in doc["refunds"]],
        "shipping_address": _address(shop, doc["shipping_address"]),
        "shipping_lines": [_shipping(doc, each) for each in doc["shipping_lines"]],
        "returns": [],
        "line_item_groups": [
            {"id": each["id"], "title": each["title"], "quantity": each["quantity"], "variant_sku": each["sku"]}
            for each in doc.get("groups", ())
        ],
    }


def _application(amount: Decimal) -> Doc:
    return {
        "target_type": "line_item",
        "type": "manual",
        "value": two_places(amount),
        "value_type": "fixed_amount",
        "allocation_method": "across",
        "target_selection": "all",
        "title": "Sconto",
        "description": "Sconto",
    }


def _customer(shop: "Shop", doc: Doc) -> Doc:
    address = doc["billing_address"] or {}
    known = shop.protected_data >= 2
    return {
        "id": doc["customer"],
        "created_at": local(doc["created_at"], shop.zone),
        "updated_at": local(doc["created_at"], shop.zone),
        "first_name": address.get("first_name") if known else None,
        "last_name": address.get("last_name") if known else None,
        "state": "disabled",
        "note": None,
        "verified_email": True,
        "multipass_identifier": None,
        "tax_exempt": False,
        "email": doc["email"] if known else None,
        "phone": doc["phone"] if known else None,
        "currency": doc["currency"],
        "tax_exemptions": [],
        "admin_graphql_api_id": gid("Customer", doc["customer"]),
        "default_address": _default_address(shop, doc),
    }


def _default_address(shop: "Shop", doc: Doc) -> Doc | None:
    address = _address(shop, doc["billing_address"])
    if address is None:
        return None
    kept = {key: value for key, value in address.items() if key not in ("latitude", "longitude")}
    more = {
        "id": doc["customer"] + 1,
        "customer_id": doc["customer"],
        "country_name": address["country"],
        "default": True,
    }
    return {**kept, **more}


def fulfillment(shop: "Shop", order_doc: Doc, doc: Doc) -> Doc:
    by_id = {each["id"]: each for each in order_doc["lines"]}
    numbers = [each["number"] for each in doc["tracking"] if each["number"]]
    urls = [each["url"] for each in doc["tracking"] if each["url"]]
    return {
        "id": doc["id"],
        "admin_graphql_api_id": gid("Fulfillment", doc["id"]),
        "created_at": local(doc["created_at"], shop.zone),
        "location_id": doc["location"],
        "name": doc["name"].replace("-F", "."),
        "order_id": order_doc["id"],
        "origin_address": {},
        "receipt": {},
        "service": "manual",
        "shipment_status": None if doc["shown"] == "FULFILLED" else doc["shown"].lower(),
        "status": doc["status"].lower(),
        "tracking_company": doc["tracking"][0]["company"] if doc["tracking"] else None,
        "tracking_number": numbers[0] if numbers else None,
        "tracking_numbers": numbers,
        "tracking_url": urls[0] if urls else None,
        "tracking_urls": urls,
        "updated_at": local(doc["updated_at"], shop.zone),
        "line_items": [
            {**line(shop, order_doc, by_id[part["line"]]), "quantity": part["quantity"]} for part in doc["lines"]
        ],
    }
