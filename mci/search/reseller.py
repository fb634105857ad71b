"""A reseller's search over everything of his own: orders, customers, articles, parcels, top-ups, pages. Every question
starts from his company; what his role may not see is not looked for, and what it sees veiled stays veiled."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.access import PortalRequest, sees_customers
from accounts.models import Dropshipper, Member
from catalog import search as catalogue
from catalog.queries import code_writings, find_skus
from core.lines import seen
from core.lookup import bare_number, first_ids
from core.templatetags.mci import euro
from mci.search.found import (
    FEW,
    LOOKED_AT,
    MANY,
    SHORTEST,
    Group,
    Hit,
    Text,
    customers,
    fold,
    names_with,
    our_number,
    similar_names,
)
from orders import queries as orders
from orders.models import Order
from shipping.models import Shipment, ShipmentEvent
from wallet.queries import top_ups_of

ROLE = Member.Role
EVERYONE, SELLS, COUNTS = tuple(ROLE.values), (ROLE.OWNER, ROLE.ORDERS), (ROLE.OWNER, ROLE.ACCOUNTING)
# Pages by their names and by what else people call them; who may open each.
PAGES: list[tuple[Text, str, str, Text, tuple[str, ...]]] = [
    (_("Overview"), "mci:dashboard", "layout-dashboard", _("home start to do"), EVERYONE),
    (_("Catalogue"), "catalog:list", "package", _("products articles stock prices"), EVERYONE),
    (_("Dropshipping Shop"), "orders:list", "shopping-cart", _("orders by hand"), EVERYONE),
    (_("New order"), "orders:new", "plus", _("enter type order"), SELLS),
    (_("Shipments"), "shipping:list", "truck-delivery", _("parcels tracking courier"), EVERYONE),
    (_("Wallet"), "wallet:overview", "wallet", _("balance money movements statement"), EVERYONE),
    (_("Top up"), "wallet:top_up", "transfer-in", _("recharge bank transfer IBAN money"), COUNTS),
    (_("Top-ups"), "wallet:topups", "receipt", _("payment reference bank transfers"), COUNTS),
    (_("Connected shops"), "connectors:shops", "building-store", _("stores WooCommerce Shopify WordPress"), EVERYONE),
    (_("Connect a shop"), "connectors:choose", "plug", _("new store link WooCommerce Shopify WordPress"), SELLS),
    (_("Link to a product"), "connectors:match", "tags", _("match SKU unknown"), EVERYONE),
    (_("Settings"), "accounts:settings", "settings", _("company VAT number language theme"), EVERYONE),
    (_("People and roles"), "accounts:members", "users", _("colleagues invite members"), EVERYONE),
    (_("Security"), "accounts:security", "shield-lock", _("second factor password passkey sessions"), EVERYONE),
]


def find(request: PortalRequest, text: str, most: int = FEW) -> list[Group]:
    """The groups that found something. At most `most` hits of each."""
    if len(text) < SHORTEST:
        return [group] if (group := Group("pages", _("Pages"), pages(request.member, text, 8))).hits else []
    who, role = request.dropshipper, request.member.role
    found = [
        _orders(who, text, most, contacts=sees_customers(request)),
        _customers(who, text, most),
        _articles(text, most),
        _parcels(who, text, most),
        *([_money(who, text, most)] if role in COUNTS else []),
        Group("pages", _("Pages"), pages(request.member, text, most)),
    ]
    return [group for group in found if group.hits]


def pages(member: Member, text: str, most: int) -> list[Hit]:
    """Pages whose name, or what people call it, has all the words; of an empty text the first ones."""
    words = fold(text).split()
    return [
        Hit(str(label), reverse(name), icon=icon)
        for label, name, icon, also, roles in PAGES
        if member.role in roles and all(word in fold(f"{label} {also}") for word in words)
    ][:most]


def order_hit(order: Order, text: str, url: Callable[[Order], str]) -> Hit:
    number = our_number(text)
    asked = bare_number(seen(text))
    called = asked.upper().startswith("MCI") and number == order.pk
    theirs = bool(order.source_number) and asked.casefold() == order.source_number.casefold()
    shop = f"#{order.source_number}" if order.source_number else ""
    detail = " · ".join(filter(None, [shop, order.name, order.city, str(order.get_state_display())]))
    return Hit(order.number, url(order), detail, "shopping-cart", exact=called or theirs or number == order.pk)


def _orders(who: Dropshipper, text: str, most: int, *, contacts: bool) -> Group:
    """Each way by itself and bounded: with a limit over all of them together the planner walks the company's orders."""
    mine = Order.objects.filter(dropshipper=who)
    ids = {
        pk for way in orders.search_ways(text, contacts=contacts) for pk in first_ids(mine.filter(way), most=LOOKED_AT)
    }
    found = mine.filter(pk__in=ids).order_by("-pk")[:most]
    rows = [order_hit(order, text, lambda one: reverse("orders:detail", args=[one.pk])) for order in found]
    more = f"{reverse('orders:list')}?{urlencode({'source': 'all', 'tab': 'all', 'q': text})}"
    return Group("orders", _("Orders"), rows, more=more)


def _customers(who: Dropshipper, text: str, most: int) -> Group:
    mine = Order.objects.filter(dropshipper=who)
    url = f"{reverse('orders:list')}?source=all&tab=all&"
    note: Text = ""
    ids = first_ids(mine.filter(names_with(text)), most=LOOKED_AT)
    if not ids and len(text) > 3:
        ids, note = first_ids(similar_names(mine, text), most=LOOKED_AT), _("similar names")
    rows = list(customers(mine.filter(pk__in=ids).order_by("-pk"), url, most))
    return Group("customers", _("Customers"), rows, note)


def _articles(text: str, most: int) -> Group:
    rows: list[Hit] = []
    keys = code_writings(text)
    known = find_skus(keys)
    variant = next((known[key] for key in keys if key in known), None)
    if variant is not None and variant.active and variant.product.active:
        url = f"{reverse('catalog:product', args=[variant.product.slug])}?{urlencode({'sku': variant.sku})}"
        rows.append(Hit(variant.product.name, url, variant.sku, "package", exact=True))
    found = catalogue.find(catalogue.Wish(text=text))
    for offer in found.offers[:most]:
        if variant is None or offer.product.pk != variant.product_id:
            price = _("%(amount)s net") % {"amount": euro(offer.lowest.net_price)}
            detail = f"{offer.lowest.sku} · {price}"
            rows.append(Hit(offer.product.name, reverse("catalog:product", args=[offer.product.slug]), detail))
    return Group("articles", _("Articles"), rows[:most], _("similar names") if found.similar else "")


def parcel_hits(found: list[Shipment], text: str, url: Callable[[Shipment], str], former: set[int]) -> list[Hit]:
    return [
        Hit(
            parcel.tracking or parcel.number,
            url(parcel),
            " · ".join(
                filter(
                    None,
                    [
                        parcel.number,
                        str(_("was %(number)s") % {"number": text}) if parcel.pk in former else "",
                        parcel.name,
                        str(parcel.get_state_display()),
                    ],
                )
            ),
            "truck",
            exact=parcel.tracking.upper() == "".join(seen(text).upper().split()) or parcel.pk in former,
        )
        for parcel in found
    ]


def former_numbers(text: str) -> list[int]:
    """Parcels that once had this tracking number: an old label is scanned, a customer asks with it."""
    closed = "".join(seen(text).split())
    rows = ShipmentEvent.objects.filter(axis="tracking", from_value__gt="", from_value__iexact=closed)
    return list(rows.values_list("shipment_id", flat=True)[:MANY])


def _parcels(who: Dropshipper, text: str, most: int) -> Group:
    mine = Shipment.objects.filter(dropshipper=who)
    closed = "".join(seen(text).split())
    ids = first_ids(mine.filter(tracking__gt="", tracking__icontains=closed), most=LOOKED_AT)
    former = set(former_numbers(text))
    found = list(mine.filter(pk__in={*ids, *former}).order_by("-pk")[:most])
    rows = parcel_hits(found, text, lambda one: reverse("shipping:detail", args=[one.pk]), former)
    more = f"{reverse('shipping:list')}?{urlencode({'q': text})}"
    return Group("parcels", _("Shipments"), rows, more=more)


def _money(who: Dropshipper, text: str, most: int) -> Group:
    wanted = text.upper()
    found = top_ups_of(who.pk).filter(causale__startswith=wanted).order_by("-pk")[:most]
    rows = [
        Hit(
            row.causale,
            reverse("wallet:top_up_detail", args=[row.pk]),
            _("Top-up of %(amount)s") % {"amount": euro(row.amount)} + f" · {row.get_status_display()}",
            "wallet",
            exact=row.causale == wanted,
        )
        for row in found
    ]
    return Group("money", _("Top-ups"), rows)
