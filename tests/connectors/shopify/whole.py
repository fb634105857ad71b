"""One order of Shopify in which nothing is alike by chance, as the API gives it and as a message tells of it."""

from __future__ import annotations

from typing import Any


def money(amount: str, currency: str = "CHF") -> dict[str, Any]:
    """What the shop reckons in is never what is read."""
    return {
        "shopMoney": {"amount": "777.77", "currencyCode": "EUR"},
        "presentmentMoney": {"amount": amount, "currencyCode": currency},
    }


def bag(amount: str) -> dict[str, Any]:
    return {"shop_money": {"amount": "777.77"}, "presentment_money": {"amount": amount}}


def nodes(*rows: Any) -> dict[str, Any]:
    return {"nodes": [*rows], "pageInfo": {"hasNextPage": False, "endCursor": None}}


def api(**fields: Any) -> dict[str, Any]:
    """Partly sent, partly refunded, a deposit paid by card and the rest at the door, with taxes on top."""
    engraved = {
        "id": "gid://shopify/LineItem/501",
        "name": "Tazza – blu",
        "sku": "TAZ-1",
        "quantity": 8,
        "currentQuantity": 7,
        "unfulfilledQuantity": 6,
        "nonFulfillableQuantity": 0,
        "requiresShipping": True,
        "isGiftCard": False,
        "product": {"id": "gid://shopify/Product/61"},
        "variant": {"id": "gid://shopify/ProductVariant/62"},
        "discountedUnitPriceAfterAllDiscountsSet": money("10.25"),
        "taxLines": [{"priceSet": money("12.04")}, {"priceSet": money("6.00")}],
        "customAttributes": [{"key": "Incisione", "value": "Anna"}, {"key": "_theme", "value": "x"}],
        "lineItemGroup": {"id": "gid://shopify/LineItemGroup/9", "title": "Kit Natale"},
    }
    custom = {
        "id": "gid://shopify/LineItem/502",
        "name": "Su misura",
        "sku": None,
        "quantity": 3,
        "currentQuantity": 3,
        "unfulfilledQuantity": 3,
        "requiresShipping": True,
        "isGiftCard": False,
        "product": None,
        "variant": {"id": "gid://shopify/ProductVariant/64"},
        "discountedUnitPriceAfterAllDiscountsSet": money("7.1"),
        "taxLines": [],
        "customAttributes": [],
        "lineItemGroup": None,
    }
    flagged = {
        **custom,
        "id": "gid://shopify/LineItem/503",
        "name": "E-book",
        "sku": "EBOOK-7",
        "quantity": 5,
        "currentQuantity": 5,
        "unfulfilledQuantity": 0,
        "nonFulfillableQuantity": 2,
        "requiresShipping": False,
        "product": {"id": "gid://shopify/Product/65"},
        "variant": {"id": "gid://shopify/ProductVariant/66"},
        "discountedUnitPriceAfterAllDiscountsSet": money("1.3"),
    }
    tip = {**custom, "id": "gid://shopify/LineItem/504", "tip": {}, "name": "Mancia"}
    card = {**flagged, "id": "gid://shopify/LineItem/505", "sku": "GC", "name": "Buono", "isGiftCard": True}
    part = {
        "id": "gid://shopify/FulfillmentOrder/1",
        "status": "IN_PROGRESS",
        "fulfillAt": None,
        "fulfillmentHolds": [],
        "deliveryMethod": {"methodType": "SHIPPING", "presentedName": "Corriere"},
        "lineItems": nodes(
            {"remainingQuantity": 4, "lineItem": {"id": "gid://shopify/LineItem/501"}},
            {"remainingQuantity": 1, "lineItem": {"id": "gid://shopify/LineItem/502"}},
        ),
    }
    later = {
        **part,
        "id": "gid://shopify/FulfillmentOrder/2",
        "status": "SCHEDULED",
        "fulfillAt": "2026-12-23T23:30:00Z",
        "lineItems": nodes({"remainingQuantity": 2, "lineItem": {"id": "gid://shopify/LineItem/501"}}),
    }
    return {
        "id": "gid://shopify/Order/6100000000077",
        "name": "#IT2077",
        "createdAt": "2026-10-01T08:00:01Z",
        "processedAt": "2026-10-02T09:10:11+02:00",
        "updatedAt": "2026-10-03T10:20:30.123Z",
        "cancelledAt": None,
        "closedAt": "2026-10-04T10:20:30Z",
        "test": False,
        "sourceName": "ebay",
        "sourceIdentifier": "12-34567-89012",
        "tags": ["VIP", " Natale "],
        "note": "  Lasciare al\nportiere ",
        "email": "anna@example.it",
        "phone": "+39 02 1111112",
        "currencyCode": "CHF",
        "presentmentCurrencyCode": "CHF",
        "taxesIncluded": False,
        "displayFinancialStatus": "PARTIALLY_PAID",
        "displayFulfillmentStatus": "PARTIALLY_FULFILLED",
        "paymentGatewayNames": ["shopify_payments", "Contrassegno", "gift_card"],
        "shippingAddress": {
            "firstName": " Anna ",
            "lastName": "Prova",
            "name": "anders",
            "company": "Bottega",
            "address1": "Via Lunga 7",
            "address2": "Scala C",
            "city": "Como",
            "zip": "22100",
            "provinceCode": "CO",
            "countryCodeV2": "ch",
            "phone": "031 222333 int. 45",
        },
        "billingAddress": {"firstName": "Berta", "address1": "Via Corta 9", "phone": "+39 06 999888"},
        "customer": {"phone": "+39 011 777666"},
        "currentTotalPriceSet": money("119.87"),
        "totalOutstandingSet": money("84.6"),
        "totalRefundedSet": money("3.21"),
        "totalReceivedSet": money("35.27"),
        "customAttributes": [
            {"key": "Codice fiscale", "value": "rssmra80a01h501u"},
            {"key": "Orario", "value": "dopo le 18"},
            {"key": "utm_source", "value": "fb"},
        ],
        "localizedFields": nodes(
            {"key": "TAX_EMAIL_IT", "title": "PEC", "value": "anna@pec.example.it"},
            {"key": "SHIPPING_CREDENTIAL_XX", "title": "Citofono", "value": "Prova B"},
        ),
        "transactions": [
            {"kind": "SALE", "status": "SUCCESS", "gateway": "shopify_payments"},
            {"kind": "SALE", "status": "PENDING", "gateway": "Contrassegno"},
        ],
        "shippingLine": {"title": "Corriere 24h", "code": "c24"},
        "risk": {"recommendation": "ACCEPT", "assessments": [{"riskLevel": "LOW"}, {"riskLevel": "HIGH"}]},
        "lineItems": nodes(engraved, custom, flagged, tip, card),
        "fulfillmentOrders": nodes(part, later),
        **fields,
    }


def webhook(**fields: Any) -> dict[str, Any]:
    """The same order as its message: other names, and nothing of dates, holds, risk and of what was paid by what."""
    engraved = {
        "id": 501,
        "admin_graphql_api_id": "gid://shopify/LineItem/501",
        "name": "Tazza – blu",
        "sku": "TAZ-1",
        "quantity": 8,
        "current_quantity": 7,
        "fulfillable_quantity": 6,
        "fulfillment_status": "partial",
        "requires_shipping": True,
        "gift_card": False,
        "product_id": 61,
        "variant_id": 62,
        "price": "888.88",
        "price_set": bag("11.25"),
        "discount_allocations": [{"amount_set": bag("5.50")}, {"amount_set": bag("2.50")}],
        "tax_lines": [{"price_set": bag("12.04")}, {"price_set": bag("6.00")}],
        "properties": [{"name": "Incisione", "value": "Anna"}, {"name": "_theme", "value": "x"}],
        "sales_line_item_group_id": 9,
    }
    bare: dict[str, Any] = {
        **engraved,
        "discount_allocations": [],
        "tax_lines": [],
        "properties": [],
        "sales_line_item_group_id": None,
        "fulfillment_status": None,
    }
    custom = {
        **bare,
        "id": 502,
        "admin_graphql_api_id": "gid://shopify/LineItem/502",
        "name": "Su misura",
        "sku": None,
        "quantity": 3,
        "current_quantity": 3,
        "fulfillable_quantity": 3,
        "product_id": None,
        "variant_id": 64,
        "price_set": bag("7.1"),
    }
    flagged = {
        **bare,
        "id": 503,
        "admin_graphql_api_id": None,
        "name": "E-book",
        "sku": "EBOOK-7",
        "quantity": 5,
        "current_quantity": 5,
        "fulfillable_quantity": 0,
        "requires_shipping": False,
        "product_id": 65,
        "variant_id": 66,
        "price_set": bag("1.3"),
    }
    sent = {**flagged, "id": 506, "sku": "EBOOK-8", "fulfillment_status": "fulfilled", "product_id": 67}
    tip = {**custom, "id": 504, "tip": {"payment_gateway": None}, "name": "Mancia"}
    card = {**flagged, "id": 505, "sku": "GC", "name": "Buono", "gift_card": True}
    address = {
        "first_name": " Anna ",
        "last_name": "Prova",
        "name": "anders",
        "company": "Bottega",
        "address1": "Via Lunga 7",
        "address2": "Scala C",
        "city": "Como",
        "zip": "22100",
        "province_code": "CO",
        "country_code": "ch",
        "phone": "031 222333 int. 45",
    }
    return {
        "id": 6100000000077,
        "admin_graphql_api_id": "gid://shopify/Order/6100000000077",
        "name": "#IT2077",
        "created_at": "2026-10-01T08:00:01Z",
        "processed_at": "2026-10-02T09:10:11+02:00",
        "updated_at": "2026-10-03T10:20:30.123Z",
        "cancelled_at": None,
        "closed_at": "2026-10-04T10:20:30Z",
        "test": False,
        "source_name": "ebay",
        "source_identifier": "12-34567-89012",
        "tags": "VIP,  Natale ",
        "note": "  Lasciare al\nportiere ",
        "email": "",
        "contact_email": "anna@example.it",
        "phone": "+39 02 1111112",
        "currency": "CHF",
        "presentment_currency": "CHF",
        "taxes_included": False,
        "financial_status": "partially_paid",
        "fulfillment_status": "partial",
        "payment_gateway_names": ["shopify_payments", "Contrassegno", "gift_card"],
        "shipping_address": address,
        "billing_address": {"first_name": "Berta", "address1": "Via Corta 9", "phone": "+39 06 999888"},
        "customer": {"phone": "+39 011 777666"},
        "current_total_price_set": bag("119.87"),
        "total_price_set": bag("123.08"),
        "total_outstanding": "84.6",
        "refunds": [
            {
                "transactions": [
                    {"kind": "refund", "status": "success", "amount": "2.11"},
                    {"kind": "refund", "status": "failure", "amount": "50.00"},
                    {"kind": "void", "status": "success", "amount": "60.00"},
                    {"kind": "refund", "status": "success", "amount": "?"},
                ]
            },
            {"transactions": [{"kind": "refund", "status": "success", "amount": "1.10"}]},
        ],
        "note_attributes": [
            {"name": "Codice fiscale", "value": "rssmra80a01h501u"},
            {"name": "Orario", "value": "dopo le 18"},
            {"name": "utm_source", "value": "fb"},
        ],
        "localized_fields": [
            {"key": "TAX_EMAIL_IT", "title": "PEC", "value": "anna@pec.example.it"},
            {"key": "SHIPPING_CREDENTIAL_XX", "title": "Citofono", "value": "Prova B"},
        ],
        "shipping_lines": [{"title": "Corriere 24h", "code": "c24"}],
        "line_items": [engraved, custom, flagged, sent, tip, card],
        "line_item_groups": [{"id": 8, "title": "Kit Pasqua"}, {"id": 9, "title": "Kit Natale"}],
        **fields,
    }
