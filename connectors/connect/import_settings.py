"""How a shop's orders come in: with which shipping already chosen, and from which day on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from connectors.models import Shop, ShopEvent
from core import leases
from orders.intake import editing
from orders.models import Order


@transaction.atomic
def set_rules(
    shop: Shop, *, method_id: int | None, since: dt.date, by: int, options: Mapping[str, object] | None = None
) -> int:
    """Keeps the rules; an earlier day has the shop read again from there. The usual shipping is also given to the open
    orders of this shop that have none. `options`: of the platform's own form. Returns how many orders got the
    shipping."""
    start = timezone.make_aware(dt.datetime.combine(since, dt.time.min))
    shop = Shop.objects.select_for_update(no_key=True, of=("self",)).get(pk=shop.pk)
    fields: dict[str, object] = {"method_id": method_id}
    if options is not None and {**shop.options, **options} != shop.options:
        fields["options"] = {**shop.options, **options}
        # What was known of its stock may be that of another location: it is read again before it is written.
        fields["compare_after"] = leases.now()
        shop.listings.update(stock_id="")
    if since != timezone.localtime(shop.import_since).date():
        fields["import_since"] = start
        if start < shop.import_since:
            fields |= {"cursor": None, "pull_after": leases.now()}
    Shop.objects.filter(pk=shop.pk).update(**fields)
    ShopEvent.objects.create(shop=shop, code="rules_set", params={"since": since.isoformat(), "by": by})
    if method_id is None:
        return 0
    without = Order.objects.filter(inbox__shop=shop, method__isnull=True, state__in=["received", "ready"])
    return editing.choose_method(
        list(without.values_list("pk", flat=True)), method_id, dropshipper_id=shop.dropshipper_id, by=by
    )
