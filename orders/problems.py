"""Why an order can't be dispatched yet. Found by `find`, stored by `recompute`, worded by `sentence`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.address import PlaceDoubt, check_place, phone
from core.money import CASH_LIMIT
from core.postal import provinces
from core.postal.pickup_points import pickup_point
from orders import states
from orders.models import Order, OrderLine, Problem
from orders.problem_kinds import ALERTS as ALERTS
from orders.problem_kinds import CATALOGUE as CATALOGUE
from orders.problem_kinds import FIELDS as FIELDS
from orders.problem_kinds import words
from shipping.models import Courier, Method
from shipping.parcels import texts


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
    """What can be seen from the order itself. Pure but for the table of places and the chosen method's courier (1
    query, none when the order has its method with its courier)."""
    found: list[Doubt] = []
    ours = [line for line in lines if not line.ignored]
    if not ours:
        found.append(Doubt("no_lines"))
    for line in ours:
        if line.variant is None:
            subject = line.sku or line.external_id or str(line.position)
            found.append(Doubt("unknown_sku", subject, {"sku": line.sku or line.name}))
        elif not (line.variant.active and line.variant.product.active):
            found.append(Doubt("discontinued", line.variant.sku, {"sku": line.variant.sku}))
    found += of_address(order)
    found += _payment(order, any(line.ignored for line in lines))
    return found


def of_address(order: Order) -> list[Doubt]:
    """What can be seen from its address alone, for the courier of its method. Queries as `find`."""
    point = pickup_point(order.address) if order.source == "manual" else ""  # of a shop's, its platform has judged
    needed = ["name", "street", "postcode", "city"] + (["province"] if order.country == "IT" else [])
    found = [Doubt("address_incomplete", name, {"field": name}) for name in needed if not getattr(order, name).strip()]
    if order.country == "IT":
        found += _italian(order, complete=not found, point=point)
    if point:
        place = " ".join(filter(None, (order.postcode.strip(), order.city.strip())))
        found.append(Doubt("locker", "", {"method": point, "point": place or "–"}))
    given = order.phone.strip()
    if not phone(given, order.country).number:
        found.append(Doubt("phone_missing", "", {"given": given} if given else {}))
    return found + _courier_text(order)


def _italian(order: Order, *, complete: bool, point: str) -> list[Doubt]:
    doubts: list[PlaceDoubt] = check_place(order.address)
    found = [Doubt(doubt.code, "", doubt.params) for doubt in doubts if doubt.asked]
    if any(doubt.code == "postcode_malformed" for doubt in doubts):  # no courier takes it, and no tariff knows it
        found.append(Doubt("postcode_malformed", "", {"value": order.postcode.strip()}))
        complete = False
    province = order.province.strip()
    is_abroad = any(doubt.code == "postcode_abroad" and not is_answered(order, doubt) for doubt in found)
    if province and not is_abroad and not provinces.today(province, order.postcode):
        # The courier's price hangs on it: an unknown one would be priced as the mainland.
        found.append(Doubt("province_unknown", "", {"value": province}))
        complete = False
    if complete:
        codes = {doubt.code for doubt in doubts if not doubt.asked}
        if codes - {"street_number_missing"}:
            found.append(Doubt("address_mismatch"))
        if "street_number_missing" in codes and not point:  # that is not what is wrong with it
            found.append(Doubt("street_number_missing"))
    return found


def _courier_of(order: Order) -> Courier:
    if Order.method.is_cached(order) and order.method is not None:
        return order.method.courier
    return Courier.objects.get(methods=order.method_id)


def _courier_text(order: Order) -> list[Doubt]:
    if not order.method_id:
        return []
    courier = _courier_of(order)
    fit = texts.fit(order.address, order.note, courier)
    return [Doubt("courier_text", name, {"courier": courier.name, "field": name}) for name in fit.cut]


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
    if order.to_collect > CASH_LIMIT:
        return [Doubt("cod_over_law")]
    if mixed:  # what belongs to goods that are not ours is not collected by our courier without a person's word
        return [Doubt("cod_mixed", "", {"amount": str(order.to_collect)})]
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
    Problem.objects.bulk_update(other, ["params"])
    Problem.objects.filter(pk__in=gone).delete()
    Problem.objects.bulk_create(new)
    blocked = any(d.blocking for d in wanted.values()) or any(
        row.blocking and row.pk not in gone for row in existing.values()
    )
    if order.state in (Order.State.RECEIVED, Order.State.READY):
        target = Order.State.RECEIVED if blocked else Order.State.READY
        if order.state != target:
            states.move(order, target, event="to_fix" if blocked else "ready", by=by)


def of_courier(orders: Sequence[Order], method: Method) -> None:
    """Other problems stand as they are; what this method's courier cannot take of the address is told anew. For orders
    that were just given the method. 2 statements."""
    Problem.objects.filter(order__in=orders, code="courier_text").delete()
    for order in orders:
        order.method = method
    Problem.objects.bulk_create(row for order in orders for row in rows(order, _courier_text(order)))


def is_answered(order: Order, doubt: Doubt) -> bool:
    """Did a person say that this is right as it is? With other particulars (a larger refund) it is asked again."""
    return [doubt.code, doubt.subject, dict(doubt.params)] in order.answered


def forget_answers(order: Order, doubts: Iterable[Doubt]) -> None:
    """An answer is to what the shop's word raises: it is over when the shop's word raises it no more (released, and
    then on hold again, is a new question). The caller saves."""
    raised = [[doubt.code, doubt.subject, dict(doubt.params)] for doubt in doubts]
    order.answered = [one for one in order.answered if not _from_shop(one[0]) or one in raised]


def _from_shop(code: str) -> bool:
    kind = CATALOGUE.get(code)
    return kind is not None and kind.from_shop


def is_settled_by_edit(problem: Problem) -> bool:
    """Is the order's form its way out? It shows what it may answer (orders/intake/editing.py); what only its shop or a
    look can settle, a hold or a high risk, is asked on the order's page alone."""
    kind = CATALOGUE.get(problem.code)
    return kind is not None and kind.from_shop and (kind.mend != "look" or problem.code == "customer_hidden")


def rows(order: Order, doubts: Iterable[Doubt]) -> list[Problem]:
    """Problems of an order, not saved yet."""
    return [
        Problem(order=order, code=d.code, subject=d.subject, params=dict(d.params), blocking=d.blocking) for d in doubts
    ]


def alert(order: Order, code: str, params: Mapping[str, Any] | None = None, *, subject: str = "") -> None:
    """Marks a dispatched order for somebody's eyes; twice is once, with the newest particulars."""
    row, made = Problem.objects.get_or_create(
        order=order,
        code=code,
        subject=subject,
        defaults={"blocking": CATALOGUE[code].blocking, "params": params or {}},
    )
    if not made and params is not None and row.params != params:
        row.params = dict(params)
        row.save(update_fields=["params"])


def settle_conflicts(order: Order, found: Mapping[str, tuple[str, str] | None]) -> None:
    """Brings the questions about what was changed here and in the shop up to date: field → (ours, theirs), or None
    where nothing is left to choose. Fields that are not named stay as they are."""
    for name, sides in found.items():
        if sides is None:
            order.problems.filter(code="conflict", subject=name).delete()
            continue
        mine, theirs = sides
        Problem.objects.update_or_create(
            order=order,
            code="conflict",
            subject=name,
            defaults={"params": {"field": name, "mine": mine, "theirs": theirs}, "blocking": True},
        )


def sentence(problem: Problem) -> str:
    return words(problem.code, problem.params)


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
