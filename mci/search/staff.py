"""The staff's search over everything, permission by permission: a group finds only what its people may open."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.db.models.lookups import Contains
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import companies
from catalog.models import Variant
from catalog.queries import code_writings
from core.lines import seen
from core.lookup import first_ids
from core.templatetags.mci import euro
from mci.search.found import FEW, LOOKED_AT, SHORTEST, Group, Hit, Text, customers, fold, names_with, similar_names
from mci.search.reseller import former_numbers, order_hit, parcel_hits
from orders import queries as orders
from orders.models import Order
from shipping.models import Shipment
from wallet.queries import any_top_ups

PARTS = 3  # letters from which parts of words are looked for among everybody's: what an index of trigrams answers


def find(user: User, text: str, most: int = FEW, *, menu: list[tuple[Text, str, str]] = ()) -> list[Group]:  # type: ignore[assignment]
    """The groups that found something; `menu` are the pages that this person's menu has (name, address, icon)."""
    pages = Group("pages", _("Pages"), _pages(menu, text, 8 if len(text) < SHORTEST else most))
    if len(text) < SHORTEST:
        return [pages] if pages.hits else []
    may = user.has_perm
    found = [
        *([_orders(text, most), _customers(text, most), _parcels(text, most)] if may("orders.see_desk") else []),
        *([_articles(text, most)] if may("catalog.view_product") else []),
        *([_resellers(text, most)] if may("accounts.view_dropshipper") else []),
        *([_top_ups(text, most)] if may("wallet.view_topup") else []),
        pages,
    ]
    return [group for group in found if group.hits]


def _pages(menu: list[tuple[Text, str, str]], text: str, most: int) -> list[Hit]:
    words = fold(text).split()
    return [
        Hit(str(label), url, icon=icon) for label, url, icon in menu if all(word in fold(str(label)) for word in words)
    ][:most]


def _desk(order_id: int | None) -> str:
    return reverse("orders:desk_order", args=[order_id])


def _orders(text: str, most: int) -> Group:
    """Each way by itself and bounded: over all resellers' orders one question for all ways would read the table."""
    ways = [way for way in orders.search_ways(text, contacts=True) if len(text) >= PARTS or not _is_part(way)]
    ids = {pk for way in ways for pk in first_ids(Order.objects.filter(way), most=LOOKED_AT)}
    rows = Order.objects.filter(pk__in=ids).select_related("dropshipper").order_by("-pk")[:most]
    hits = []
    for order in rows:
        hit = order_hit(order, text, lambda one: _desk(one.pk))
        hits.append(Hit(hit.title, hit.url, f"{hit.detail} · {order.dropshipper.name}", hit.icon, hit.exact))
    return Group("orders", _("Orders"), hits)


def _is_part(way: Q) -> bool:
    return any(isinstance(child, Contains) for child in way.children)


def _customers(text: str, most: int) -> Group:
    if len(text) < PARTS:
        return Group("customers", _("Customers"))
    url, note = f"{reverse('mci:search')}?", ""
    ids = first_ids(Order.objects.filter(names_with(text)), most=LOOKED_AT)
    if not ids and len(text) > PARTS:
        ids, note = first_ids(similar_names(Order.objects.all(), text), most=LOOKED_AT), _("similar names")  # type: ignore[assignment]
    hits = list(customers(Order.objects.filter(pk__in=ids).order_by("-pk"), url, most))
    return Group("customers", _("Customers"), [hit for hit in hits if fold(hit.title) != fold(text)], note)


def _parcels(text: str, most: int) -> Group:
    if len(text) < PARTS:
        return Group("parcels", _("Parcels"))
    closed = "".join(seen(text).split())
    ids = first_ids(Shipment.objects.filter(tracking__gt="", tracking__icontains=closed), most=LOOKED_AT)
    former = set(former_numbers(text))
    found = Shipment.objects.filter(pk__in={*ids, *former}).order_by("-pk")
    rows = [parcel for parcel in found if parcel.order_id][:most]
    return Group("parcels", _("Parcels"), parcel_hits(rows, text, lambda one: _desk(one.order_id), former))


def _articles(text: str, most: int) -> Group:
    keys = code_writings(text)
    named = Q(ean__in=keys) | Q(product__name__icontains=text)
    for key in keys:
        named |= Q(sku__istartswith=key)
    found = Variant.objects.filter(named).select_related("product").order_by("sku")[:most]
    hits = [
        Hit(
            variant.product.name,
            reverse("admin:catalog_product_change", args=[variant.product_id]),
            variant.sku,
            "package",
            exact=not {variant.sku.upper(), variant.ean}.isdisjoint(keys),
        )
        for variant in found
    ]
    return Group("articles", _("Articles"), hits)


def _resellers(text: str, most: int) -> Group:
    hits = [
        Hit(
            company.name,
            reverse("accounts:dropshipper", args=[company.pk]),
            f"{company.vat_number} · {company.get_status_display()}",
            "building-store",
            exact=text in (company.vat_number, company.name),
        )
        for company in companies(text=text).order_by("-pk")[:most]
    ]
    return Group("resellers", _("Dropshippers"), hits)


def _top_ups(text: str, most: int) -> Group:
    wanted = text.upper()
    found = any_top_ups(wanted)[:most]
    desk = reverse("wallet:topups_desk")
    hits = [
        Hit(
            row.causale,
            desk if row.status in ("requested", "sent") else f"{desk}?show=decided",
            f"{row.dropshipper.name} · {euro(row.amount)} · {row.get_status_display()}",
            "transfer-in",
            exact=row.causale == wanted,
        )
        for row in found
    ]
    return Group("top_ups", _("Top-ups"), hits)


def menu_of(sections: Any) -> list[tuple[Text, str, str]]:
    return [(item.label, item.url, item.icon) for section in sections for item in section.items]
