"""How the API describes itself (OpenAPI, drf-spectacular): what each operation may answer beside its data, and the form
of lists."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from core.api.problems import MEDIA_TYPE
from core.api.shapes import ProblemShape, Shape

_EVERYWHERE = (400, 401, 403, 429, 500, 503)


def problems_of(*more: int) -> dict[Any, Any]:
    """The problems that an operation may answer: those of all, and `more`."""
    return {(status, MEDIA_TYPE): ProblemShape for status in sorted({*_EVERYWHERE, *more})}


@cache
def listing(shape: type[Shape]) -> Any:
    """A page of a list."""
    name = f"{shape.__name__.removesuffix('Shape')}List"
    fields = {"data": shape(many=True), "next_cursor": serializers.CharField(allow_null=True)}
    return inline_serializer(name, fields)


def text(name: str, words: str = "", *, enum: Any = None) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, description=words, enum=enum)


FIELDS = text("fields", "The members that are wanted, apart by commas; without it, all.")
PAGED = [
    FIELDS,
    text("cursor", "next_cursor of the page before."),
    OpenApiParameter("limit", OpenApiTypes.INT, description="1 to 100; 50 without it."),
]
REPEAT_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="Yours, new for each write: 1 to 200 visible ASCII characters. Sent again with the same content it"
    " gives the same answer for 30 days.",
)
