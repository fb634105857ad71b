"""An article by what somebody knows of it: its SKU, its EAN, or words of its name. For fields that offer articles while
one types."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Upper

from catalog.models import Variant
from catalog.queries import code_writings
from catalog.search import LIKE_ENOUGH, Folded, Likeness, fold

SHORTEST = 2  # letters, before anything is looked for
MOST = 8


def find_articles(text: str, *, limit: int = MOST) -> list[Variant]:
    """Variants on sale with product and stock, best first: whose SKU or EAN is the text, then those that begin with it,
    then those of whose name (or variant's title) all words are a part; where there is none, what sounds like it. One
    query for a code, at most four."""
    text = " ".join(text.replace("\0", " ").split())[:100]
    if len(text) < SHORTEST:
        return []
    found = list(_by_code(text)[:limit])
    words = fold(text).split()[:8]
    for by in (_by_name, _by_title):
        if len(found) < limit:
            found += _others(by(words), found)[: limit - len(found)]
    if not found:
        found = list(_alike(words)[:limit])
    return found


def _on_sale() -> QuerySet[Variant]:
    return Variant.objects.filter(active=True, product__active=True).select_related("product", "stock")


def _by_code(text: str) -> QuerySet[Variant]:
    keys = code_writings(text)
    whole = Case(When(Q(code__in=keys) | Q(ean__in=keys), then=Value(0)), default=Value(1), output_field=IntegerField())
    begins = Q()
    for key in keys:
        begins |= Q(code__startswith=key) | Q(ean__startswith=key)
    return _on_sale().annotate(code=Upper("sku")).filter(begins).order_by(whole, "sku")


def _by_name(words: list[str]) -> QuerySet[Variant]:
    every = Q()
    for word in words:
        every &= Q(folded__contains=word)
    return _on_sale().alias(folded=Folded("product__name", "product__brand")).filter(every).order_by(*_ORDER)


def _by_title(words: list[str]) -> QuerySet[Variant]:
    """`maglia L`: a word may be the variant's."""
    if len(words) < 2:
        return Variant.objects.none()
    every = Q(folded__contains=words[0])
    for word in words[1:]:
        every &= Q(folded__contains=word) | Q(title__icontains=word)
    return _on_sale().alias(folded=Folded("product__name", "product__brand")).filter(every).order_by(*_ORDER)


def _alike(words: list[str]) -> QuerySet[Variant]:
    likeness = Likeness(Value(" ".join(words)), Folded("product__name", "product__brand"))
    return _on_sale().annotate(likeness=likeness).filter(likeness__gte=LIKE_ENOUGH).order_by("-likeness", "sku")


_ORDER = ("product__name", "title", "sku")


def _others(wanted: QuerySet[Variant], found: list[Variant]) -> list[Variant]:
    return list(wanted.exclude(pk__in=[variant.pk for variant in found])[:MOST])
