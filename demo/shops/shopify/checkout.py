"""The checkout: who, where to, how to pay; and the page that says thank you."""

import re
import secrets
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from demo.shops.web import Request, Response, redirect
from demo.shops.woocommerce.provinces import CODES, PROVINCES

from . import storefront
from .gids import Doc
from .order_sums import line_total, sums
from .pages import euro, page

if TYPE_CHECKING:
    from .shop import Shop

SHIPPING, COD_FEE = Decimal("7.90"), Decimal("3.00")
# What the form sends; the words of the other demo shops are taken too.
PAYMENTS = [
    ("card", "Carta di credito", "Nella demo il pagamento riesce subito, senza numeri da inserire."),
    ("cod", "Contrassegno", f"Paghi in contanti al corriere. Supplemento {euro(COD_FEE)}."),
    ("bonifico", "Bonifico bancario", "Spediamo quando il bonifico è arrivato."),
]
_SAME = {"stripe": "card", "bacs": "bonifico"}
_PLACED = {"card": "card", "cod": "contrassegno", "bonifico": "bonifico"}
FIELDS = {
    "email": "E-mail",
    "first_name": "Nome",
    "last_name": "Cognome",
    "address_1": "Indirizzo e numero civico",
    "address_2": "Scala, interno, presso",
    "postcode": "CAP",
    "city": "Città",
    "state": "Provincia",
    "phone": "Telefono",
}
_OPTIONAL = ("address_2",)
STATES = {
    "FULFILLED": "spedito",
    "IN_TRANSIT": "in viaggio",
    "OUT_FOR_DELIVERY": "in consegna",
    "ATTEMPTED_DELIVERY": "consegna tentata",
    "DELIVERED": "consegnato",
    "FAILURE": "non consegnato",
    "CANCELED": "annullato",
}


def respond(shop: "Shop", request: Request, home: str) -> Response | None:
    if request.path == "/checkout/":
        return _checkout(shop, request, home)
    match = re.fullmatch(r"/checkout/order-received/(\d+)/?", request.path)
    return _thanks(shop, request, int(match[1])) if match else None


def _problems(form: dict[str, str], way: str) -> dict[str, str]:
    found = {
        name: f"{label}: campo obbligatorio."
        for name, label in FIELDS.items()
        if name not in _OPTIONAL and not form.get(name, "").strip()
    }
    if "postcode" not in found and not re.fullmatch(r"\d{5}", form["postcode"].strip()):
        found["postcode"] = "CAP: cinque cifre."
    if "state" not in found and form["state"] not in CODES:
        found["state"] = "Provincia: scegli dall’elenco."
    if "email" not in found and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", form["email"].strip()):
        found["email"] = "E-mail: l’indirizzo non sembra completo."
    if way not in _PLACED:
        found["payment_method"] = "Scegli come pagare."
    return found


def _checkout(shop: "Shop", request: Request, home: str) -> Response:
    lines = storefront.basket_of(shop, request)
    if not lines:
        return redirect(f"{home}/carrello/", 303)
    form = request.form() if request.method == "POST" else {}
    chosen = form.get("payment_method", "card")
    way = _SAME.get(chosen, chosen)
    problems = _problems(form, way) if form else {}
    if form and not problems:
        return _place(shop, home, form, way, lines)
    fields = {
        name: {"name": name, "label": label, "value": form.get(name, ""), "error": problems.get(name, "")}
        for name, label in FIELDS.items()
    }
    context: dict[str, Any] = {
        "f": fields,
        "provinces": [{"code": code, "name": name, "chosen": code == form.get("state")} for code, name in PROVINCES],
        "payments": [{"id": id_, "title": title, "text": text, "chosen": id_ == way} for id_, title, text in PAYMENTS],
        "note": form.get("note", ""),
        "problems": [{"name": name, "text": text} for name, text in problems.items()],
        "token": form.get("token") or secrets.token_hex(16),
        **storefront.summary(shop, request),
    }
    return page(shop, request, "checkout", context, status=422 if problems else 200)


def _place(shop: "Shop", home: str, form: dict[str, str], way: str, lines: list[tuple[Doc, int]]) -> Response:
    token = form.get("token", "")
    given = {name: form.get(name, "").strip() for name in FIELDS}
    address = {
        "first_name": given["first_name"],
        "last_name": given["last_name"],
        "company": None,
        "address1": given["address_1"],
        "address2": given["address_2"] or None,
        "city": given["city"],
        "zip": given["postcode"],
        "province": dict(PROVINCES)[given["state"]],
        "province_code": given["state"],
        "phone": given["phone"],
    }
    with shop.store.lock:  # the same form sent twice is one order
        known = next((doc for doc in shop.store.all("order") if token and doc["token"] == token), None)
        if known is None:
            placed = shop.place_order(
                [{"sku": variant["sku"], "variant": variant["id"], "quantity": n} for variant, n in lines],
                payment=_PLACED[way],
                address=address,
                email=given["email"],
                note=form.get("note", "").strip() or None,
                shipping=[("Corriere espresso 24/48h", str(SHIPPING))],
                fee=("Supplemento contrassegno", str(COD_FEE)) if way == "cod" else None,
                token=token,
            )
            known = shop.orders.doc(placed["id"])
    number = known["name"].lstrip("#")
    url = f"{home}/checkout/order-received/{number}/?key={known['token']}"
    return storefront.keep(redirect(url, 303), [])


def _thanks(shop: "Shop", request: Request, number: int) -> Response | None:
    doc = next((one for one in shop.store.all("order") if one["name"] == f"#{number}"), None)
    if doc is None or request.param("key") != doc["token"]:
        return None
    of, gateway = sums(doc), (doc["gateways"] or [""])[0]
    fee = next((line for line in doc["lines"] if not line["requires_shipping"]), None)
    goods = [line for line in doc["lines"] if line["requires_shipping"]]
    images = {
        line["id"]: storefront.card(shop, request, variant)["image"]
        for line in goods
        if (variant := shop.store.get("variant", line["variant"]) if line["variant"] else None)
    }
    context = {
        "number": doc["name"],
        "confirmation": doc["confirmation"],
        "way": "cod" if gateway == "Contrassegno" else "bonifico" if gateway == "Bonifico bancario" else "card",
        "email": doc["email"],
        "address": doc["shipping_address"],
        "lines": [
            {
                "name": line["title"],
                "quantity": str(line["quantity"]),
                "line_total": euro(line_total(line)),
                "image": images.get(line["id"], "data:,"),
            }
            for line in goods
        ],
        "goods": euro(sum((line_total(line) for line in goods), Decimal())),
        "fee": euro(line_total(fee)) if fee else "",
        "shipping": euro(of.shipping),
        "total": euro(of.total),
        "parcels": [_parcel(sent) for sent in shop.fulfilment.sent(doc["id"])],
    }
    return page(shop, request, "thanks", context)


def _parcel(sent: Doc) -> dict[str, str]:
    first: Doc = sent["tracking"][0] if sent["tracking"] else {}
    told = {name: first.get(name) or "" for name in ("company", "number", "url")}
    return {**told, "state": STATES.get(sent["shown"], "")}
