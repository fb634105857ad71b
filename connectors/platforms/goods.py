"""What crosses to a platform and back about products: what the shop sells, and what it should show of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

STANDARD_VAT = Decimal(22)  # percent, in Italy


@dataclass(frozen=True, slots=True)
class RemoteProduct:
    """What can be sold in the shop: a simple product or one variation. `quantity` None: the shop counts no stock of
    it. `stock_id`: what its stock is counted under, where that is not the product itself. `price`: what a customer pays
    for it in the shop's currency, VAT included, and `compare_at` the price struck through beside it; None where that
    cannot be said. `reference`: of our product, where MCI made it in the shop (ProductDraft.reference), as far as the
    list shows it: see Platform.references. `live` false: nobody can buy it (a draft)."""

    external_id: str  # "12", or "12/34" for a variation
    sku: str
    ean: str
    title: str
    quantity: int | None
    stock_id: str = ""
    price: Decimal | None = None
    compare_at: Decimal | None = None
    reference: str = ""
    live: bool = True


@dataclass(frozen=True, slots=True)
class ProductPage:
    """`cursor` None: that was the last page."""

    products: Sequence[RemoteProduct]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class StockLevel:
    """`told`: the figure that the shop shows as far as we know, orders that we heard of since taken off; None: nobody
    knows. If it shows less, it has sold the difference meanwhile: then that much less than `quantity` is set, and never
    less than none. `stock_id` as in RemoteProduct, "" when not known."""

    external_id: str
    quantity: int
    told: int | None = None
    stock_id: str = ""


@dataclass(frozen=True, slots=True)
class StockTold:
    """What became of stock levels. `refused`: the shop's own code by external id. `shows`: what the shop shows now, by
    external id, where that is not the quantity that was asked for (it had sold some)."""

    refused: Mapping[str, str] = field(default_factory=dict)
    shows: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PriceLevel:
    """EUR, VAT included. `compare_at`: the price before, struck through in the shop; None: there is none."""

    external_id: str
    price: Decimal
    compare_at: Decimal | None = None


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """One variant as the shop should have it. `external_id` "": the shop does not have it yet. `options`: its values in
    the order of ProductDraft.options. Prices are EUR, VAT included; `vat_rate` in percent. `quantity`: the stock to
    show of what nobody can buy yet; what is on sale already is told its stock by tell_stock alone."""

    sku: str
    external_id: str
    ean: str
    options: Sequence[str]
    price: Decimal
    compare_at: Decimal | None
    weight_g: int
    quantity: int
    vat_rate: Decimal = STANDARD_VAT


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product of ours as the shop should have it. `reference` names it for good (our slug): by it a repeat finds what
    an answer that was lost had made. `external_id` "": not there yet. `ours`: made by us in the shop; of a product that
    is the merchant's own only the prices of `variants` are written. `categories`: the path, root first. `images`:
    public addresses. `safety_html`: what the GPSR (EU 2023/988, art. 19) wants shown; part of no other field."""

    reference: str
    external_id: str
    ours: bool
    title: str
    html: str
    brand: str
    categories: Sequence[str]
    images: Sequence[str]
    options: Sequence[str]  # names ("Taglia"); none for a product with a single variant
    variants: Sequence[VariantDraft]
    safety_html: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """What became of one draft. `variants`: the shop's id (as in RemoteProduct.external_id) by SKU, of our product;
    with an `error`, of what there is of it all the same. `own`: the same of a product of the merchant's that is in the
    way. `stock`: by SKU the quantities that were set and that the shop confirmed, and no others. `error`: a code of the
    platform's own, "" when it went well; `detail` the shop's words to it."""

    reference: str
    external_id: str = ""
    variants: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    error: str = ""
    detail: str = ""
    own: Mapping[str, str] = field(default_factory=dict)
    stock: Mapping[str, int] = field(default_factory=dict)
