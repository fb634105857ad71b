"""The catalogue for programs: goods with their prices, stock, and what changed. Every reseller sees the same."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.described import FIELDS, PAGED, listing, problems_of, text
from accounts.api.view import ApiView
from catalog import changes
from catalog.models import Stock, Variant
from catalog.queries import access_product, code_key, find_skus, products_for_programs, stock_for_programs
from core.api import pages
from core.api.problems import Problem
from core.api.shapes import Amount, Moment, Shape

MOST_CODES = 100


class VariantShape(Shape):
    id = serializers.CharField(source="pk")
    sku = serializers.CharField()
    ean = serializers.CharField()
    title = serializers.CharField(help_text="Size, colour…; empty for a simple product.")
    net = Amount(source="net_price", help_text="EUR, VAT excluded: what it costs you.")
    vat_rate = Amount(help_text="Percent.")
    gross = Amount(source="gross_price", help_text="EUR, VAT included: what it costs you.")
    retail_gross = Amount(source="retail_price", allow_null=True, help_text="EUR, VAT included: suggested.")
    weight_g = serializers.IntegerField()
    available = serializers.IntegerField(help_text="Pieces that can be sold now.")
    on_sale = serializers.BooleanField(source="active")


class ImageShape(Shape):
    url = serializers.CharField(source="file.url", help_text="A path below the portal's address.")


class ProductShape(Shape):
    id = serializers.CharField(source="pk")
    slug = serializers.CharField()
    name = serializers.CharField()
    brand = serializers.CharField()
    category = serializers.CharField(source="category.slug")
    description_html = serializers.CharField()
    on_sale = serializers.BooleanField(source="active")
    updated_at = Moment()
    images = ImageShape(source="images.all", many=True)
    variants = VariantShape(source="variants.all", many=True)


class StockShape(Shape):
    id = serializers.CharField(source="pk", help_text="The variant's.")
    sku = serializers.CharField(source="variant.sku")
    ean = serializers.CharField(source="variant.ean")
    available = serializers.SerializerMethodField(help_text="Pieces that can be sold now; 0 off sale.")
    on_sale = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Rises with each change of the pieces.")
    restock_on = serializers.DateField(allow_null=True)
    updated_at = Moment()

    def get_available(self, row: Stock) -> int:
        return row.available if self.get_on_sale(row) else 0

    def get_on_sale(self, row: Stock) -> bool:
        return row.variant.active and row.variant.product.active


def with_version(shape: type[Shape]) -> Any:
    """A page of a list that says from which version to ask next time."""
    found = listing(shape)
    words = "Send it as since_version next time. The same on all pages of one walk."
    found.fields["version"] = serializers.CharField(help_text=words)
    return found


SINCE = OpenApiParameter("since_version", OpenApiTypes.INT, description="Only what changed since: version of a walk.")


class Walk:
    """A walk of changes: its version is taken before its first page and goes along in the cursor."""

    def __init__(self, request: Request) -> None:
        self.since = pages.whole(request, "since_version", most=2**62)
        version, _dot, cursor = request.query_params.get("cursor", "").partition(".")
        if not version:
            self.version, self.cursor = changes.now(), None
        elif version.isascii() and version.isdigit() and len(version) < 19 and cursor:
            self.version, self.cursor = int(version), cursor
        else:
            raise Problem(400, "bad_cursor")
        if self.since is not None and not changes.is_known(self.since):
            raise pages.parameter("since_version")

    def page(self, request: Request, rows: Any, shape: type[Shape]) -> Response:
        by = ("id",) if shape is ProductShape else ("variant_id",)
        answer = pages.listed(request, rows, shape, by=by, cursor=self.cursor, mark=f"{self.version}.")
        answer.data["version"] = str(self.version)
        return answer


class Products(ApiView):
    needs = {"get": "catalogue:read"}

    @extend_schema(
        operation_id="products",
        parameters=[*PAGED, SINCE],
        responses={200: with_version(ProductShape), **problems_of()},
    )
    def get(self, request: Request) -> Response:
        """All products on sale; with since_version those that changed, also the ones that were taken off sale."""
        pages.known(request, "cursor", "limit", "since_version")
        walk = Walk(request)
        return walk.page(request, products_for_programs(walk.since), ProductShape)


class OneProduct(ApiView):
    needs = {"get": "catalogue:read"}

    @extend_schema(operation_id="product", parameters=[FIELDS], responses={200: ProductShape, **problems_of(404)})
    def get(self, request: Request, slug: str) -> Response:
        """A product on sale."""
        pages.known(request)
        return pages.one(request, ProductShape, access_product(slug))


class Variants(ApiView):
    needs = {"get": "catalogue:read"}

    @extend_schema(
        operation_id="variants",
        parameters=[FIELDS, text("code", "SKUs or EANs, apart by commas: at most 100.")],
        responses={200: listing(VariantShape), **problems_of()},
    )
    def get(self, request: Request) -> Response:
        """The articles with these codes; what is not ours is left out."""
        pages.known(request, "code")
        codes = [code for code in request.query_params.get("code", "").split(",") if code.strip()]
        if not codes or len(codes) > MOST_CODES:
            raise pages.parameter("code", f"1–{MOST_CODES}")
        known = find_skus(codes)
        wanted = dict.fromkeys(known[key] for code in codes if (key := code_key(code)) in known)
        shown: list[Variant] = list(wanted)
        data = VariantShape(shown, many=True, only=pages.only(request, VariantShape)).data
        return Response({"data": data, "next_cursor": None})


class StockLevels(ApiView):
    needs = {"get": "stock:read"}

    @extend_schema(
        operation_id="stock", parameters=[*PAGED, SINCE], responses={200: with_version(StockShape), **problems_of()}
    )
    def get(self, request: Request) -> Response:
        """The pieces of all that is on sale; with since_version of what changed."""
        pages.known(request, "cursor", "limit", "since_version")
        walk = Walk(request)
        return walk.page(request, stock_for_programs(walk.since), StockShape)
