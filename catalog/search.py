"""The catalogue as a reseller walks it: words, filters, order. Prices are EUR, VAT excluded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import (
    DecimalField,
    F,
    FloatField,
    Func,
    IntegerField,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Greatest, Round

from catalog.models import Category, Product, ProductImage, Variant
from catalog.queries import code_writings
from core.lines import seen
from core.lookup import Folded as Folded
from core.lookup import fold as fold
from core.pagination import Count, Page, bounded_count, keyset_page

LIKE_ENOUGH = 0.4  # word similarity (0 to 1) from which a word is taken for a slip of the pen
PAGE = 24
_EAN_FROM = 6  # figures of an EAN: fewer are the beginning of many

# How the list may be ordered; each ends with the id, so that a page is found by the last row of the one before.
ORDERS: dict[str, tuple[str, ...]] = {
    "new": ("-id",),
    "name": ("name", "id"),
    "price": ("from_net", "id"),
    "price_down": ("-from_net", "-id"),
    "margin": ("-best_margin", "-id"),
    "stock": ("-pieces", "-id"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the reader looks for; the fields of the filter form. `text` finds names, brands, beginnings of codes."""

    text: str = ""
    category: str = ""
    available: bool = False
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    order: str = "new"
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A product as a card shows it. `lowest` is the variant with the lowest price, whose prices are shown."""

    product: Product
    variants: Sequence[Variant]
    picture: ProductImage | None

    @property
    def lowest(self) -> Variant:
        return self.variants[0]

    @property
    def one_price(self) -> bool:
        return len({variant.net_price for variant in self.variants}) == 1

    @property
    def pieces(self) -> int:
        return sum(variant.available for variant in self.variants)

    @property
    def restock_on(self) -> dt.date | None:
        """The first day on which a variant comes back."""
        days = [v.stock.restock_on for v in self.variants if hasattr(v, "stock") and v.stock.restock_on]
        return min(days, default=None)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of offers. `similar`: nothing matched the words, these are near to them."""

    offers: Sequence[Offer]
    page: Page[Product]
    total: Count
    similar: bool = False


@dataclass(slots=True)
class Branch:
    """A category with its children, for the list of filters."""

    category: Category
    children: list[Category] = field(default_factory=list)


class Likeness(Func):
    function = "word_similarity"
    output_field = FloatField()


def find(wish: Wish) -> Found:
    """One page of the catalogue in 4 queries: products, count, variants, pictures. When nothing matches the words, one
    more query looks for what is similar."""
    words = fold(seen(wish.text)).split()[:8]
    products = _narrowed(wish)
    wanted = products.alias(folded=Folded("name", "brand")).filter(_matches(words, wish.text)) if words else products
    found = _page(wanted, wish)
    if found.offers or not words:
        return found
    near = list(
        products.annotate(likeness=Likeness(Value(" ".join(words)), Folded("name", "brand")))
        .filter(likeness__gte=LIKE_ENOUGH)
        .order_by("-likeness", "-id")[:PAGE]
    )
    return Found(_offers(near), Page(near, None, None), Count(len(near)), similar=bool(near))


def branches() -> list[Branch]:
    """The categories that have something on sale, as a tree of two levels. One query."""
    used = Product.objects.filter(active=True, variants__active=True).values("category")
    rows = list(Category.objects.filter(Q(pk__in=used) | Q(children__in=used)).distinct().order_by("position", "name"))
    tree = {row.pk: Branch(row) for row in rows if row.parent_id is None}
    for row in rows:
        if row.parent_id in tree:
            tree[row.parent_id].children.append(row)
        elif row.parent_id is not None:
            tree[row.pk] = Branch(row)
    return list(tree.values())


def name_of(tree: Sequence[Branch], slug: str) -> str:
    """What a category is called; its slug when nothing in it is on sale."""
    rows = [row for branch in tree for row in (branch.category, *branch.children)]
    return next((row.name for row in rows if row.slug == slug), slug)


def _narrowed(wish: Wish) -> QuerySet[Product]:
    """Products on sale within the filters, with what the orders sort by."""
    variant = Q(variants__active=True)
    if wish.price_from is not None:
        variant &= Q(variants__net_price__gte=wish.price_from)
    if wish.price_to is not None:
        variant &= Q(variants__net_price__lte=wish.price_to)
    products = Product.objects.filter(variant, active=True)
    if wish.category:
        products = products.filter(Q(category__slug=wish.category) | Q(category__parent__slug=wish.category))
    stock = F("variants__stock__on_hand") - F("variants__stock__reserved") - F("variants__stock__buffer")
    gross = F("variants__net_price") * (Value(Decimal(1)) + F("variants__vat_rate") / Value(Decimal(100)))
    money = DecimalField(max_digits=14, decimal_places=2)
    products = products.annotate(
        from_net=Min("variants__net_price"),
        pieces=Coalesce(Sum(Greatest(stock, 0)), 0, output_field=IntegerField()),
        best_margin=Coalesce(
            Max(Round(F("variants__retail_price") - gross, precision=2, output_field=money)),
            Value(Decimal("-999999999.00")),
            output_field=money,
        ),
    )
    return products.filter(pieces__gt=0) if wish.available else products


def _matches(words: Sequence[str], text: str) -> Q:
    every = Q()
    for word in words:
        every &= Q(folded__contains=word)
    coded = Q()
    for code in code_writings(seen(text)):
        coded |= Q(sku__istartswith=code)
        if len(code) >= _EAN_FROM and code.isdigit():
            coded |= Q(ean__startswith=code)
    return every | Q(pk__in=Variant.objects.filter(coded, active=True).values("product"))


def _page(products: QuerySet[Product], wish: Wish) -> Found:
    by = ORDERS.get(wish.order, ORDERS["new"])
    try:
        page = keyset_page(products, by=by, cursor=wish.cursor, size=PAGE)
    except (ValidationError, ValueError, ArithmeticError):  # a cursor that somebody made up
        page = keyset_page(products, by=by, size=PAGE)
    return Found(_offers(page.rows), page, bounded_count(products))


def _offers(products: Sequence[Product]) -> list[Offer]:
    """Variants on sale, cheapest first, and the first picture of each product: 2 queries."""
    ids = [product.pk for product in products]
    if not ids:
        return []
    variants: dict[int, list[Variant]] = {}
    for variant in (
        Variant.objects.filter(product__in=ids, active=True).select_related("stock").order_by("net_price", "id")
    ):
        variants.setdefault(variant.product_id, []).append(variant)
    pictures = {
        picture.product_id: picture
        for picture in ProductImage.objects.filter(product__in=ids)
        .order_by("product", "position", "id")
        .distinct("product")
    }
    # A variant taken off sale between the two queries leaves its product without a price: it is left out.
    return [Offer(p, variants[p.pk], pictures.get(p.pk)) for p in products if p.pk in variants]
