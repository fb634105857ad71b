"""Products of ours as a shop should have them: what would be published at which price, and what would not and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db.models import Prefetch
from django.utils import translation

from catalog import descriptions, images, safety
from catalog.models import Category, Product, Variant
from catalog.options import options_of
from connectors.errors import NoPicture, NoPrice, NoRule, NoStock, NotOnSale, OwnProduct
from connectors.listings import selling
from connectors.listings.prices import formula
from connectors.listings.prices import rules as price_rules
from connectors.models import Listing, PriceRule, Shop
from connectors.platforms import platform
from connectors.platforms.goods import STANDARD_VAT, ProductDraft, VariantDraft
from core.errors import Refused

MOST_IMAGES = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """One variant with its price by the rule, and the listing that the shop has of it already."""

    variant: Variant
    priced: formula.Priced | None
    listing: Listing | None

    @property
    def before(self) -> Decimal | None:
        return self.listing.price_told if self.listing else None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product and what a run would do with it. `kind`: new | update | own (the merchant's own product: at most its
    prices). `refusal`: why nothing would be done."""

    product: Product
    kind: str
    offers: Sequence[Offer] = ()
    refusal: Refused | None = None
    rule: PriceRule | None = None
    pictures: Sequence[str] = field(default_factory=tuple)
    vat_by_hand: Decimal | None = None  # its VAT rate, where the reseller must set it in the shop himself

    @property
    def lowest(self) -> Offer | None:
        priced = [offer for offer in self.offers if offer.priced]
        return min(priced, key=lambda offer: offer.priced.price) if priced else None  # type: ignore[union-attr]

    @property
    def highest(self) -> Offer | None:
        priced = [offer for offer in self.offers if offer.priced]
        return max(priced, key=lambda offer: offer.priced.price) if priced else None  # type: ignore[union-attr]

    @property
    def on_floor(self) -> bool:
        return any(offer.priced and offer.priced.on_floor for offer in self.offers)

    @property
    def price_changes(self) -> bool:
        """Of a product that the shop has: its price there becomes another."""
        return any(o.before is not None and o.priced is not None and o.before != o.priced.price for o in self.offers)

    @property
    def pieces(self) -> int:
        return sum(offer.variant.available for offer in self.offers)


def candidates(
    shop: Shop, product_ids: Iterable[int], *, rule: PriceRule | None = None, own_prices: bool = False
) -> list[Candidate]:
    """In the order of the ids' products; a constant number of queries. `rule` None: each by its category."""
    on_sale = Variant.objects.filter(active=True).select_related("stock").order_by("id")
    products = list(
        Product.objects.filter(pk__in=list(product_ids))
        .select_related("category__parent", "maker")
        .prefetch_related("images", Prefetch("variants", on_sale, to_attr="on_sale"))
        .order_by("name", "pk")
    )
    listed: dict[int, Listing] = {}
    for row in shop.listings.filter(variant__product__in=products).order_by("-ours", "pk"):
        listed.setdefault(row.variant_id, row)
    rules = price_rules.rules_of(shop)
    return [
        _candidate(shop, product, listed, rule or price_rules.pick(rules, product), own_prices) for product in products
    ]


def _candidate(
    shop: Shop, product: Product, listed: Mapping[int, Listing], rule: PriceRule | None, own_prices: bool
) -> Candidate:
    variants: list[Variant] = product.on_sale  # type: ignore[attr-defined]
    have = [listed[variant.pk] for variant in variants if variant.pk in listed]
    kind = "update" if any(row.ours for row in have) else "own" if have else "new"
    reckon = price_rules.as_rule(rule) if rule else None
    offers = []
    for variant in variants:
        listing = listed.get(variant.pk)
        if (kind == "own" and listing is None) or (kind == "update" and listing is not None and not listing.ours):
            continue  # a product is ours or the merchant's: the two are never mixed
        pieces = listing.quantity if listing else 1
        priced = formula.price(reckon, price_rules.cost_of(variant, pieces)) if reckon else None
        offers.append(Offer(variant, priced, listing))
    pictures = [images.public_url(picture) for picture in product.images.all()[:MOST_IMAGES]]
    found = Candidate(product, kind, offers, None, rule, pictures)
    return replace(found, refusal=_refusal(shop, found, own_prices), vat_by_hand=_vat_by_hand(shop, found))


def _vat_by_hand(shop: Shop, found: Candidate) -> Decimal | None:
    if found.kind == "own" or not platform(shop.platform).tax_by_hand:
        return None
    return next((offer.variant.vat_rate for offer in found.offers if offer.variant.vat_rate != STANDARD_VAT), None)


def _refusal(shop: Shop, found: Candidate, own_prices: bool) -> Refused | None:
    unpriced = [offer.variant.sku for offer in found.offers if offer.priced is None]
    refused = selling.refusal(shop.facts)
    if refused:
        return refused
    if not found.product.active or not found.offers:
        return NotOnSale()
    if found.kind == "own" and not own_prices:
        return OwnProduct()
    if found.rule is None:
        return NoRule()
    if unpriced:
        return NoPrice(sku=unpriced[0])
    for offer in found.offers if found.kind != "own" else ():
        refused = selling.tax_refusal(shop.facts, offer.variant.vat_rate)
        if refused:
            return refused
    if found.kind == "new" and not found.pictures:
        return NoPicture()
    if found.kind == "new" and not found.pieces:
        return NoStock()
    return None


def draft_of(shop: Shop, found: Candidate, levels: Mapping[int, int]) -> ProductDraft:
    """What the platform is handed, in the shop's language. `levels`: the stock to show by listing, where known."""
    product = found.product
    with translation.override(shop.facts.get("language") or "it"):
        options = options_of(product, [offer.variant for offer in found.offers])
        block = str(safety.section(product))
    return ProductDraft(
        reference=product.slug,
        external_id=next((o.listing.product_id for o in found.offers if o.listing and o.listing.ours), ""),
        ours=found.kind != "own",
        title=product.name,
        html=str(descriptions.clean(product.description_html)),
        brand=product.brand,
        categories=_path(product.category),
        images=found.pictures,
        options=options.names,
        variants=[
            _variant(shop, offer, values, levels) for offer, values in zip(found.offers, options.values, strict=True)
        ],
        safety_html=block,
    )


def _variant(shop: Shop, offer: Offer, values: Sequence[str], levels: Mapping[int, int]) -> VariantDraft:
    variant, listing = offer.variant, offer.listing
    assert offer.priced is not None
    here = listing.pk if listing else 0
    return VariantDraft(
        sku=variant.sku,
        external_id=listing.external_id if listing else "",
        ean=variant.ean,
        options=values,
        price=offer.priced.price,
        compare_at=offer.priced.compare_at,
        weight_g=variant.weight_g,
        quantity=levels[here] if here in levels else max(0, variant.available - shop.stock_buffer),
        vat_rate=variant.vat_rate,
    )


def _path(category: Category) -> list[str]:
    """Root first; a tree of the catalogue has two levels."""
    return [category.parent.name, category.name] if category.parent else [category.name]
