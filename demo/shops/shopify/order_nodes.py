"""An order as GraphQL objects: dicts by field name, with what is costly or has arguments as functions."""

import functools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import fulfilment_nodes, product_nodes
from .connections import connection
from .execution import FieldError
from .faults import INTERNAL
from .gids import Doc, cents, gid, short
from .order_sums import Sums, financial_status, line_total, shipping_status, sums, vat_in

if TYPE_CHECKING:
    from .shop import Shop

_KEPT = 4096


def money(order: Doc, amount: Decimal | str) -> Doc:
    currency, rate = order["presentment"]
    shop_money = {"amount": short(amount), "currencyCode": order["currency"]}
    if currency == order["currency"]:
        return {"shopMoney": shop_money, "presentmentMoney": shop_money}
    other = {"amount": short(cents(amount) * Decimal(rate)), "currencyCode": currency}
    return {"shopMoney": shop_money, "presentmentMoney": other}


def address(doc: Doc | None, id_: int) -> Doc | None:
    if doc is None:
        return None
    name = " ".join(part for part in (doc["first_name"], doc["last_name"]) if part)
    place = f"{doc['zip']} {doc['city']} {doc['province_code'] or ''}".strip()

    def formatted(withName: bool = False, withCompany: bool = True) -> list[str]:
        lines = [name if withName else None, doc["company"] if withCompany else None, doc["address1"], doc["address2"]]
        return [line for line in [*lines, place, doc["country"]] if line]

    return {
        "id": f"gid://shopify/MailingAddress/{id_}?model_name=Address",
        "firstName": doc["first_name"],
        "lastName": doc["last_name"],
        "name": name,
        "company": doc["company"],
        "address1": doc["address1"],
        "address2": doc["address2"],
        "city": doc["city"],
        "zip": doc["zip"],
        "province": doc["province"],
        "provinceCode": doc["province_code"],
        "country": doc["country"],
        "countryCodeV2": doc["country_code"],
        "phone": doc["phone"],
        "latitude": None,
        "formatted": formatted,
    }


def line(shop: "Shop", order: Doc, doc: Doc) -> Doc:
    left = doc["current_quantity"] - doc["fulfilled"] if doc["requires_shipping"] else 0
    unit = cents(line_total(doc) / doc["quantity"])
    name = f"{doc['title']} - {doc['variant_title']}" if doc["variant_title"] else doc["title"]
    bag = functools.partial(money, order)
    return {
        "__typename": "LineItem",
        "id": gid("LineItem", doc["id"]),
        "name": name,
        "title": doc["title"],
        "variantTitle": doc["variant_title"],
        "sku": doc["sku"],
        "vendor": doc["vendor"],
        "quantity": doc["quantity"],
        "currentQuantity": doc["current_quantity"],
        "unfulfilledQuantity": left,
        "nonFulfillableQuantity": doc["quantity"] - left - doc["fulfilled"],
        "refundableQuantity": doc["current_quantity"],
        "requiresShipping": doc["requires_shipping"],
        "isGiftCard": doc["gift_card"],
        "taxable": True,
        "product": lambda: product_nodes.product_by_id(shop, doc["product"]),
        "variant": lambda: product_nodes.variant_by_id(shop, doc["variant"]),
        "originalUnitPriceSet": bag(doc["price"]),
        "discountedUnitPriceAfterAllDiscountsSet": bag(unit),
        "discountedUnitPriceSet": lambda: bag(unit),
        "originalTotalSet": lambda: bag(Decimal(doc["price"]) * doc["quantity"]),
        "discountedTotalSet": lambda withCodeDiscounts=False: bag(line_total(doc)),
        "totalDiscountSet": lambda: bag(doc["discount"]),
        "customAttributes": doc["properties"],
        "lineItemGroup": _group(order, doc),
        "image": None,
        "taxLines": lambda first=None: [tax(order, vat_in(line_total(doc)))],
    }


def _group(order: Doc, line: Doc) -> Doc | None:
    found = next((each for each in order.get("groups", ()) if each["id"] == line.get("group")), None)
    if found is None:
        return None
    shown = {name: found[name] for name in ("title", "quantity")}
    return {"id": gid("LineItemGroup", found["id"]), "variantSku": found["sku"], **shown}


def tax(order: Doc, amount: Decimal) -> Doc:
    return {"title": "IT IVA", "rate": 0.22, "ratePercentage": 22.0, "priceSet": money(order, amount)}


def transaction(order: Doc, doc: Doc) -> Doc:
    parent = next((each for each in order["transactions"] if each["id"] == doc["parent"]), None)
    return {
        "__typename": "OrderTransaction",
        "id": gid("OrderTransaction", doc["id"]),
        "kind": doc["kind"],
        "status": doc["status"],
        "gateway": doc["gateway"],
        "formattedGateway": doc["formatted"],
        "manualPaymentGateway": doc["manual"],
        "test": doc["test"],
        "processedAt": doc["at"],
        "createdAt": doc["at"],
        "parentTransaction": transaction(order, parent) if parent else None,
        "amountSet": money(order, doc["amount"]),
    }


def shipping_line(order: Doc, doc: Doc) -> Doc:
    return {
        "id": gid("ShippingLine", doc["id"]),
        "title": doc["title"],
        "code": doc["code"],
        "carrierIdentifier": None,
        "source": doc["source"],
        "isRemoved": False,
        "originalPriceSet": money(order, doc["price"]),
        "discountedPriceSet": money(order, doc["price"]),
    }


def refund(shop: "Shop", order: Doc, doc: Doc) -> Doc:
    by_id = {each["id"]: each for each in order["lines"]}

    def lines(**page: Any) -> Doc:
        def show(part: Doc) -> Doc:
            kind = "CANCEL" if part["restock"] else "NO_RESTOCK"
            shown = {"id": gid("RefundLineItem", part["id"]), "quantity": part["quantity"], "restockType": kind}
            return shown | {"lineItem": line(shop, order, by_id[part["line"]])}

        return connection(doc["lines"], show, lambda part: (part["id"],), about=f"refund/{doc['id']}", **page)

    return {
        "__typename": "Refund",
        "id": gid("Refund", doc["id"]),
        "legacyResourceId": str(doc["id"]),
        "createdAt": doc["at"],
        "note": doc["note"],
        "totalRefundedSet": money(order, doc["amount"]),
        "refundLineItems": lines,
    }


def order(shop: "Shop", doc: Doc) -> Doc:
    """Made once for each state of the document: every act writes a new one."""
    known = shop.shown.get(doc["id"])
    if not known or known[0] is not doc:
        if len(shop.shown) > _KEPT:
            shop.shown.clear()
        known = shop.shown[doc["id"]] = (doc, _order(shop, doc, sums(doc)))
    return known[1] | dict.fromkeys(shop.stumbles.get(doc["id"], ()), _stumbles)


def _stumbles(**_arguments: Any) -> Any:
    raise FieldError(INTERNAL, "INTERNAL_SERVER_ERROR", requestId="0c0f5b0a")


def _order(shop: "Shop", doc: Doc, of: Sums) -> Doc:
    bag = functools.partial(money, doc)
    financial = financial_status(doc, of)
    unpaid = [each for each in doc["transactions"] if each["status"] == "PENDING"]
    wanted_by = {each["id"]: position for position, each in enumerate(doc["lines"])}

    def lines(**page: Any) -> Doc:
        about = f"order/{doc['id']}/lineItems"
        show = functools.partial(line, shop, doc)
        return connection(doc["lines"], show, lambda one: (wanted_by[one["id"]], one["id"]), about=about, **page)

    def first(found: list[Doc], **page: Any) -> Doc:
        return connection(found, lambda one: one, lambda one: (one["id"],), about=f"order/{doc['id']}", **page)

    def shipping_lines(includeRemovals: bool = False, **page: Any) -> Doc:
        return first([shipping_line(doc, each) for each in doc["shipping_lines"]], **page)

    return {
        "__typename": "Order",
        "id": gid("Order", doc["id"]),
        "legacyResourceId": str(doc["id"]),
        "name": doc["name"],
        "number": 1000 + doc["number"],
        "confirmationNumber": doc["confirmation"],
        "createdAt": doc["created_at"],
        "processedAt": doc["processed_at"],
        "updatedAt": doc["updated_at"],
        "closedAt": doc["closed_at"],
        "closed": doc["closed_at"] is not None,
        "cancelledAt": doc["cancelled_at"],
        "cancelReason": doc["cancel_reason"],
        "cancellation": {"staffNote": doc["staff_note"]} if doc["cancelled_at"] else None,
        "test": doc["test"],
        "confirmed": True,
        "edited": doc["edited"],
        "sourceName": doc["source"],
        "sourceIdentifier": doc.get("identifier"),
        "tags": sorted(doc["tags"]),
        "note": doc["note"],
        "customAttributes": doc["attributes"],
        "localizedFields": lambda **page: first(
            [_localized(key, worth) for key, worth in doc.get("localized", ())], **page
        ),
        "risk": lambda: _risk(doc.get("risk") or "NONE"),
        "email": doc["email"],
        "phone": doc["phone"],
        "customerLocale": doc["locale"],
        "clientIp": "192.0.2.10" if doc["source"] == "web" else None,
        "customerAcceptsMarketing": False,
        "currencyCode": doc["currency"],
        "presentmentCurrencyCode": doc["presentment"][0],
        "taxesIncluded": True,
        "taxExempt": False,
        "taxLines": lambda: [tax(doc, of.tax)],
        "discountCodes": [],
        "displayFinancialStatus": financial,
        "displayFulfillmentStatus": lambda: shipping_status(doc, shop.fulfilment.of_order(doc["id"])),
        "returnStatus": "NO_RETURN",
        "fullyPaid": of.outstanding <= 0 and not doc["voided"],
        "unpaid": of.outstanding > 0,
        "capturable": of.capturable > 0,
        "canMarkAsPaid": _can_mark_as_paid(doc, financial),
        "refundable": of.received > of.refunded,
        "restockable": True,
        "fulfillable": any(each["current_quantity"] > each["fulfilled"] for each in doc["lines"]),
        "merchantEditable": doc["cancelled_at"] is None,
        "canNotifyCustomer": bool(doc["email"]),
        "requiresShipping": any(each["requires_shipping"] for each in doc["lines"]),
        "paymentGatewayNames": doc["gateways"],
        "transactions": lambda first=None, capturable=None, manuallyResolvable=None: [
            transaction(doc, each) for each in doc["transactions"][:first]
        ],
        "shippingAddress": address(doc["shipping_address"], doc["id"]),
        "billingAddress": address(doc["billing_address"], doc["id"] + 1),
        "shippingLine": shipping_line(doc, doc["shipping_lines"][0]) if doc["shipping_lines"] else None,
        "shippingLines": shipping_lines,
        "subtotalPriceSet": bag(of.subtotal),
        "currentSubtotalPriceSet": bag(of.current_subtotal),
        "totalDiscountsSet": bag(of.discounts),
        "totalShippingPriceSet": bag(of.shipping),
        "currentShippingPriceSet": bag(of.shipping),
        "totalTaxSet": bag(of.tax),
        "currentTotalTaxSet": bag(of.current_tax),
        "totalPriceSet": bag(of.total),
        "originalTotalPriceSet": bag(of.original_total),
        "currentTotalPriceSet": bag(of.current_total),
        "totalOutstandingSet": bag(of.outstanding),
        "totalReceivedSet": bag(of.received),
        "totalRefundedSet": bag(of.refunded),
        "totalCapturableSet": bag(of.capturable),
        "totalTipReceivedSet": bag("0.00"),
        "netPaymentSet": bag(of.received - of.refunded),
        "currentSubtotalLineItemsQuantity": sum(each["current_quantity"] for each in doc["lines"]),
        "lineItems": lines,
        "customer": _customer(doc),
        "paymentTerms": _terms(doc, of, bool(unpaid)),
        "fulfillmentOrders": lambda query=None, **page: fulfilment_nodes.of_order(shop, doc, **page),
        "fulfillments": lambda first=None, query=None: [
            fulfilment_nodes.fulfilment(shop, each) for each in shop.fulfilment.sent(doc["id"])[:first]
        ],
        "fulfillmentsCount": lambda: {"count": len(shop.fulfilment.sent(doc["id"])), "precision": "EXACT"},
        "refunds": lambda first=None: [refund(shop, doc, each) for each in doc["refunds"][:first]],
        "statusPageUrl": f"{shop.public_url}/{shop.id}/orders/{doc['token']}/authenticate",
    }


def _localized(key: str, worth: str) -> Doc:
    titles = {"TAX_CREDENTIAL_IT": "Codice fiscale o partita IVA", "TAX_EMAIL_IT": "PEC"}
    return {"id": key, "key": key, "title": titles.get(key, key), "value": worth, "countryCode": key[-2:]}


def _risk(level: str) -> Doc:
    advice = {"HIGH": "CANCEL", "MEDIUM": "INVESTIGATE", "LOW": "ACCEPT"}
    assessments: list[Doc] = [] if level == "NONE" else [{"riskLevel": level, "facts": [], "provider": None}]
    return {"assessments": assessments, "recommendation": advice.get(level, "NONE")}


def _can_mark_as_paid(doc: Doc, financial: str) -> bool:
    return doc["cancelled_at"] is None and financial in ("PENDING", "PARTIALLY_PAID", "AUTHORIZED", "EXPIRED")


def _customer(doc: Doc) -> Doc:
    who = doc["billing_address"] or {}
    names = [who.get("first_name"), who.get("last_name")]
    return {
        "__typename": "Customer",
        "id": gid("Customer", doc["customer"]),
        "legacyResourceId": str(doc["customer"]),
        "firstName": names[0],
        "lastName": names[1],
        "displayName": " ".join(name for name in names if name) or "Cliente",
    }


def _terms(doc: Doc, of: Sums, waiting: bool) -> Doc | None:
    if not doc["terms"]:
        return None
    due = {"amount": short(of.outstanding), "currencyCode": doc["currency"]}
    schedule = {"id": gid("PaymentSchedule", doc["id"]), "dueAt": None, "completedAt": None, "balanceDue": due}
    return {
        "id": gid("PaymentTerms", doc["id"]),
        "paymentTermsType": "NET",
        "paymentTermsName": doc["terms"],
        "overdue": False,
        "paymentSchedules": lambda **page: {"nodes": [schedule]},
    }
