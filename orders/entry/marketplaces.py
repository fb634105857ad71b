"""Where an order that is entered by hand was sold, and under which number: eBay 12-34567-89012. An order's
`source_label` and `source_number` hold it, as they hold the shop's of an order that a shop sent."""

from __future__ import annotations

from django.db.models.functions import Upper

from orders.models import Order

# As they write themselves. Any other name may be typed.
KNOWN = (
    *("eBay", "Amazon", "Facebook Marketplace", "Vinted", "Subito", "TikTok Shop", "Temu", "Etsy", "ManoMano"),
    *("Leroy Merlin", "Instagram", "WhatsApp"),
)
_BY_KEY = {name.casefold().replace(" ", ""): name for name in KNOWN} | {
    "facebook": "Facebook Marketplace",
    "fbmarketplace": "Facebook Marketplace",
    "marketplace": "Facebook Marketplace",
    "subito.it": "Subito",
    "tiktok": "TikTok Shop",
    "ebay.it": "eBay",
    "amazon.it": "Amazon",
}


def written(name: str) -> str:
    """A marketplace's name in the one form in which it is kept: EBAY is eBay."""
    plain = " ".join(name.split())
    return _BY_KEY.get(plain.casefold().replace(" ", ""), plain)


def number(text: str) -> str:
    """An order's number as a search finds it: without spaces around and the # before it."""
    return " ".join(text.split()).removeprefix("#").strip()


def typed_before(dropshipper_id: int, *, marketplace: str, reference: str, but: int | None = None) -> Order | None:
    """The order in which this company typed the same number of the same marketplace already (where no marketplace is
    named: the same number); cancelled ones aside. One query, by index."""
    wanted = number(reference)
    if not wanted:
        return None
    found = Order.objects.filter(dropshipper_id=dropshipper_id, source="manual", source_number=wanted)
    found = found.exclude(state=Order.State.CANCELLED).exclude(pk=but or 0)
    name = written(marketplace)
    if name:
        found = found.annotate(label=Upper("source_label")).filter(label__in=(name.upper(), ""))
    return found.order_by("-pk").first()
