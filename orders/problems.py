"""Why an order can't be dispatched yet. Found by `find`, stored by `recompute`, worded by `sentence`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.taxids import PROVINCES
from core.address import check_place
from core.errors import for_reader
from orders import states
from orders.models import Order, OrderLine, Problem

LEGAL_CASH = Decimal("4999.99")  # art. 49 D.Lgs. 231/2007: 5,000.00 and more are banned in cash


@dataclass(frozen=True, slots=True)
class Kind:
    """`mend` names the way out for the page: edit, match, payment, address, amount, look."""

    words: str | Promise
    mend: str
    blocking: bool = True
    from_shop: bool = False  # the shop's payload raised it: stays until the shop or a person changes the order
    alert: bool = False  # about a dispatched order: stays until somebody looks
    answerable: bool = False  # a person may say that it is right as it is: orders/questions.py
    sticky: bool = False  # no reading takes it back: it stays until a person answers
    short: str | Promise = ""  # what it is called in a filter, where the beginning of `words` does not say it


CATALOGUE: dict[str, Kind] = {
    "no_lines": Kind(_("There is nothing to ship"), "edit"),
    "unknown_sku": Kind(_("SKU not linked: %(sku)s"), "match"),
    "discontinued": Kind(_("No longer on sale: %(sku)s"), "edit"),
    "address_incomplete": Kind(_("Incomplete address: %(field)s is missing"), "address"),
    "province_unknown": Kind(
        _("Province not recognised: “%(value)s”. Two letters, like MI"), "address", short=_("Province not recognised")
    ),
    "address_mismatch": Kind(_("Postcode and city do not agree"), "address", blocking=False),
    "street_number_missing": Kind(_("Street number missing"), "address", blocking=False),
    "phone_missing": Kind(_("Phone missing: the courier asks for it"), "address", blocking=False),
    "payment_awaiting": Kind(_("Payment not received yet"), "payment"),
    "payment_review": Kind(_("Payment to check"), "payment"),
    "cod_currency": Kind(
        _("Cash on delivery must be in EUR, not %(currency)s"), "amount", short=_("COD in a foreign currency")
    ),
    "cod_amount": Kind(_("Amount to collect missing or zero"), "amount"),
    "cod_over_law": Kind(_("COD over the legal limit of 4,999.99 €"), "amount"),
    "cod_mixed": Kind(_("COD with goods that are not ours: set what our courier collects"), "amount"),
    "foreign_currency": Kind(
        _("Paid in %(currency)s, and our figures are in EUR: is the price right?"),
        "look",
        from_shop=True,
        answerable=True,
        short=_("Paid in a foreign currency"),
    ),
    "bad_quantity": Kind(_("Impossible quantity: %(value)s"), "edit", from_shop=True),
    "bad_price": Kind(_("Impossible price: %(value)s"), "edit", from_shop=True),
    "too_many_lines": Kind(_("Too many lines: %(count)s"), "edit", from_shop=True),
    "text_cut": Kind(_("Too long and cut: %(field)s"), "address", from_shop=True),
    "partly_refunded": Kind(
        _("Partly refunded in the shop (%(amount)s): check what is still to be sent"),
        "edit",
        from_shop=True,
        answerable=True,
    ),
    "no_shipping": Kind(_("No shipping address in the shop's order"), "address", from_shop=True),
    "customer_hidden": Kind(
        _("The shop's platform keeps the customer's data from us: approve the access, then it is read again"),
        "look",
        from_shop=True,
        short=_("Customer's data not visible"),
    ),
    "partly_sent": Kind(
        _("A part was already sent in the shop: keep only what is still to send"),
        "edit",
        from_shop=True,
        answerable=True,
    ),
    "split_order": Kind(
        _("Part of a split order (%(parent)s): the same goods may stand in another order"),
        "look",
        from_shop=True,
        answerable=True,
        short=_("Part of a split order"),
    ),
    "bundle_double": Kind(
        _("A bundle and its parts are all ours (%(sku)s): keep what is really to be sent"),
        "edit",
        from_shop=True,
        answerable=True,
    ),
    "pickup": Kind(
        _("Collected or delivered by the shop itself (%(method)s): is there anything to ship?"),
        "look",
        from_shop=True,
        answerable=True,
        short=_("Pickup or local delivery"),
    ),
    "locker": Kind(
        _("To a pickup point (%(method)s, %(point)s): our courier would go to the address below"),
        "address",
        from_shop=True,
        answerable=True,
        short=_("Pickup point or locker"),
    ),
    "scheduled": Kind(
        _("A part is due later (%(when)s): only what is due now is here"),
        "look",
        blocking=False,
        from_shop=True,
        short=_("A part is due later"),
    ),
    "on_hold_in_shop": Kind(
        _("On hold in the shop (%(reason)s): it waits until the shop releases it"),
        "look",
        from_shop=True,
        answerable=True,
        short=_("On hold in the shop"),
    ),
    "risk_high": Kind(_("The shop rates this order as a high risk"), "look", from_shop=True, answerable=True),
    "archived": Kind(_("Archived in the shop without being sent"), "look", from_shop=True, answerable=True),
    "no_shipping_flag": Kind(
        _("The shop says that %(sku)s needs no shipping, but it is an article of ours"),
        "look",
        blocking=False,
        from_shop=True,
        short=_("Article marked as not to be shipped"),
    ),
    "billing_street": Kind(
        _("The shipping address had no street: the one of the billing address was taken"),
        "address",
        blocking=False,
        from_shop=True,
    ),
    "id_reused": Kind(
        _("The shop gave the number of this order to another one: check that it still exists"),
        "look",
        answerable=True,
        sticky=True,
    ),
    "known_elsewhere": Kind(
        _("Taken in before under another connection of this store: was it sent already?"),
        "look",
        answerable=True,
        sticky=True,
    ),
    "possible_duplicate": Kind(
        _("Perhaps the same order as %(number)s: same customer, same goods, at nearly the same time"),
        "look",
        answerable=True,
        sticky=True,
        short=_("Possible duplicate"),
    ),
    "conflict": Kind(
        _("Changed here and in the shop: %(field)s"), "conflict", sticky=True, short=_("Changed here and in the shop")
    ),
    "postcode_abroad": Kind(
        _("The postcode %(postcode)s is in %(country)s, not in Italy"),
        "address",
        answerable=True,
        short=_("Postcode of another country"),
    ),
    "outside_customs": Kind(
        _("%(city)s lies outside the customs or VAT territory: couriers want papers, and other prices"),
        "look",
        answerable=True,
        short=_("Outside the customs territory"),
    ),
    "courier_text": Kind(
        _("Too long for %(courier)s: %(field)s"), "address", blocking=False, short=_("Too long for the courier")
    ),
    "changed_in_shop": Kind(_("Changed in the shop after it was sent"), "look", blocking=False, alert=True),
    "cancelled_in_shop": Kind(_("Cancelled in the shop after it was sent"), "look", blocking=False, alert=True),
    "owes_less": Kind(
        _("In the shop the customer owes %(owed)s € now, our courier would collect %(collect)s €"),
        "look",
        blocking=False,
        alert=True,
        short=_("The customer owes less than the courier would collect"),
    ),
}

FIELDS = {
    "name": _("name"),
    "street": _("address"),
    "postcode": _("postcode"),
    "city": _("city"),
    "province": _("province"),
    "country": _("country"),
    "note": _("note"),
    "phone": _("phone"),
    "email": _("e-mail"),
    "company": _("company"),
    "street2": _("second address line"),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """A problem before it is a row."""

    code: str
    subject: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def blocking(self) -> bool:
        return CATALOGUE[self.code].blocking


def find(order: Order, lines: Sequence[OrderLine]) -> list[Doubt]:
    """What can be seen from the order itself. Pure but for the table of places."""
    found: list[Doubt] = []
    ours = [line for line in lines if not line.ignored]
    if not ours:
        found.append(Doubt("no_lines"))
    for line in ours:
        if line.variant is None:
            subject = line.sku or line.external_id or str(line.position)
            found.append(Doubt("unknown_sku", subject[:100], {"sku": line.sku or line.name}))
        elif not (line.variant.active and line.variant.product.active):
            found.append(Doubt("discontinued", line.variant.sku, {"sku": line.variant.sku}))
    found += _address(order)
    found += _payment(order, any(line.ignored for line in lines))
    return found


def _address(order: Order) -> list[Doubt]:
    needed = ["name", "street", "postcode", "city"] + (["province"] if order.country == "IT" else [])
    missing = [
        Doubt("address_incomplete", name, {"field": name}) for name in needed if not getattr(order, name).strip()
    ]
    province = order.province.strip()
    if order.country == "IT" and province and province.upper() not in PROVINCES:
        # The courier's price hangs on it: an unknown one would be priced as the mainland.
        missing.append(Doubt("province_unknown", "", {"value": province}))
    if not missing and order.country == "IT":
        codes = {doubt.code for doubt in check_place(order.address)}
        if codes - {"street_number_missing"}:
            missing.append(Doubt("address_mismatch"))
        if "street_number_missing" in codes:
            missing.append(Doubt("street_number_missing"))
    if not order.phone.strip():
        missing.append(Doubt("phone_missing"))
    return missing


def _payment(order: Order, mixed: bool) -> list[Doubt]:
    if order.payment == Order.Payment.AWAITING:
        return [Doubt("payment_awaiting")]
    if order.payment == Order.Payment.REVIEW:
        return [Doubt("payment_review")]
    if order.payment != Order.Payment.COD:
        return []
    if order.currency != "EUR":
        return [Doubt("cod_currency", "", {"currency": order.currency})]
    if not order.to_collect:
        return [Doubt("cod_amount")]
    if order.to_collect > LEGAL_CASH:
        return [Doubt("cod_over_law")]
    if mixed and order.to_collect == order.sale_total:
        return [Doubt("cod_mixed")]
    return []


def recompute(order: Order, *, doubts: Iterable[Doubt] | None = None, by: int | None = None) -> None:
    """Brings the problems of an open, locked order up to date and moves it between received and ready.

    `doubts`: what the shop's payload raised, replacing the earlier ones; None keeps them."""
    lines = list(order.lines.select_related("variant__product"))
    existing = {(row.code, row.subject): row for row in order.problems.all()}
    wanted = {(doubt.code, doubt.subject): doubt for doubt in find(order, lines)}
    for doubt in doubts or ():
        wanted[doubt.code, doubt.subject] = doubt
    wanted = {key: doubt for key, doubt in wanted.items() if not is_answered(order, doubt)}
    gone = [
        row.pk
        for key, row in existing.items()
        if key not in wanted
        and not (CATALOGUE[row.code].alert or CATALOGUE[row.code].sticky)
        and not (doubts is None and CATALOGUE[row.code].from_shop)
    ]
    new = rows(order, [d for key, d in wanted.items() if key not in existing])
    other = [row for key, row in existing.items() if key in wanted and row.params != dict(wanted[key].params)]
    for row in other:  # refunded 5.00, then 10.00
        row.params = dict(wanted[row.code, row.subject].params)
    if other:
        Problem.objects.bulk_update(other, ["params"])
    if gone:
        Problem.objects.filter(pk__in=gone).delete()
    if new:
        Problem.objects.bulk_create(new)
    blocked = any(d.blocking for d in wanted.values()) or any(
        row.blocking and row.pk not in gone for row in existing.values()
    )
    if order.state in (Order.State.RECEIVED, Order.State.READY):
        target = Order.State.RECEIVED if blocked else Order.State.READY
        if order.state != target:
            states.move(order, target, event="to_fix" if blocked else "ready", by=by)


def is_answered(order: Order, doubt: Doubt) -> bool:
    """Did a person say that this is right as it is? With other particulars (a larger refund) it is asked again."""
    return [doubt.code, doubt.subject, dict(doubt.params)] in order.answered


def rows(order: Order, doubts: Iterable[Doubt]) -> list[Problem]:
    """Problems of an order, not saved yet."""
    return [
        Problem(order=order, code=d.code, subject=d.subject, params=dict(d.params), blocking=d.blocking) for d in doubts
    ]


def alert(order: Order, code: str) -> None:
    """Marks a dispatched order for somebody's eyes; twice is once."""
    Problem.objects.get_or_create(order=order, code=code, subject="", defaults={"blocking": CATALOGUE[code].blocking})


def sentence(problem: Problem) -> str:
    kind = CATALOGUE.get(problem.code)
    if kind is None:
        return problem.code
    params = for_reader(problem.params)
    if "field" in params:
        params["field"] = str(FIELDS.get(params["field"], params["field"]))
    try:
        return str(kind.words) % params
    except (KeyError, TypeError):
        return str(kind.words)


def name(code: str) -> str:
    """What a kind of problem is called without its particulars: "SKU not linked"."""
    kind = CATALOGUE[code]
    return str(kind.short or str(kind.words).split("%")[0].split(":")[0].rstrip(" ("))


def is_alert(code: str) -> bool:
    """Whether it is about an order that was sent: it stays until somebody has seen it."""
    kind = CATALOGUE.get(code)
    return kind is not None and kind.alert


def mend(problem: Problem) -> str:
    """The way out, for the page's link: edit, match, payment, address, amount, look."""
    kind = CATALOGUE.get(problem.code)
    return kind.mend if kind else "look"
