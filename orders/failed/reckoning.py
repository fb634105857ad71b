"""What a case does to the money, before it is posted and when it is: one reckoning for the page and for the act. EUR.

Two situations. *Unpaid*: a COD parcel that nobody paid at the door; its booking is reversed, so nothing is credited,
and what the reseller bears is charged, the ways never above the guarantee that was promised at Sincronizza. *Paid*:
prepaid, or delivered; what is credited is credited out of the frozen price, so that the credits of all cases of an
order sum to what it was charged, to the cent; the costs of the return are charged beside.

VAT of goods and way out is per rate on the summed net, before and after; VAT of each charge is its own, as the
guarantee reckons it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO, cents, vat_on
from orders.failed.who_pays import is_unpaid, pays_reseller
from orders.models import Case, CaseLine, Order, OrderLine, Payer, WhoPays
from shipping.models import Shipment

Rates = Mapping[Decimal, Decimal]  # net by VAT rate


@dataclass(frozen=True, slots=True)
class Found:
    """How the pieces of a line were found."""

    restock: int = 0
    second: int = 0
    scrap: int = 0
    missing: int = 0

    @property
    def pieces(self) -> int:
        return self.restock + self.second + self.scrap + self.missing


@dataclass(frozen=True, slots=True)
class Part:
    """A line of what will be posted. `code`: goods, way_out, way_back, storage, handling; `net` and `vat` signed as
    the reseller gains; `payer` who bears it; `asked`: what it is in whole (net), whoever bears it."""

    code: str
    payer: str
    net: Decimal
    vat: Decimal
    asked: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


@dataclass(frozen=True, slots=True)
class Figures:
    """`held`: the guarantee that is settled with it; `reversed_collect`: the COD booking that is. `credits`: net by
    case line; `lost_net`: the supplier's loss; `claim`: what a courier who bears anything is asked for; `pieces`: how
    those of each line were found, in a word that differs when they do."""

    unpaid: bool
    parts: Sequence[Part]
    credits: Mapping[int, Decimal]
    lost_net: Decimal
    held: Decimal
    reversed_collect: Decimal
    claim: Decimal
    pieces: str

    def part(self, code: str) -> Part:
        return next(part for part in self.parts if part.code == code)

    @property
    def vat(self) -> Decimal:
        return sum((part.vat for part in self.parts), ZERO)

    @property
    def total(self) -> Decimal:
        """What wallet and guarantee together gain, VAT included; below zero the case costs the reseller."""
        return sum((part.gross for part in self.parts), ZERO)

    @property
    def released(self) -> Decimal:
        """What of the guarantee is left; below zero: what the wallet pays beside it. Nothing where none was held."""
        return self.held + self.total if self.unpaid else ZERO

    @property
    def mark(self) -> str:
        """What a page showed and its click brings back: the money, and which pieces become stock."""
        return f"{self.total}/{self.lost_net}/{self.pieces}"


def figures(case: Case, order: Order, shipment: Shipment, rule: WhoPays, lines: Sequence[CaseLine]) -> Figures:
    """What settling the case would post now. `lines` hold how the pieces were found, with their order lines. Reads what
    was sent and the settled cases of the order: 2 queries."""
    return reckon(case, order, shipment, rule, lines, sent=_sent(order), earlier=_earlier(order, lines))


def reckon(
    case: Case,
    order: Order,
    shipment: Shipment,
    rule: WhoPays,
    lines: Sequence[CaseLine],
    *,
    sent: Iterable[OrderLine],
    earlier: Sequence[CaseLine],
) -> Figures:
    """As `figures`, of what is at hand: the lines that were `sent`, and those of cases that were settled `earlier`."""
    unpaid = is_unpaid(order, shipment)
    goods_payer = rule.goods_unpaid if unpaid else rule.goods
    good = {line.pk: _still_good(line, rule) for line in lines}
    bad = {line.pk: _price(line) - good[line.pk] for line in lines}
    theirs = goods_payer == Payer.RESELLER
    credits = good if theirs else {line.pk: _price(line) for line in lines}
    lost_net = ZERO if theirs else sum(bad.values(), ZERO)
    rate = shipment.method.vat_rate
    if unpaid:
        goods = _unpaid_goods(lines, bad if theirs else {}, goods_payer)
        ways = _promised_ways(order, case, rule, rate, shipment)
    else:
        goods, out = _credited(order, rule, rate, lines, credits, goods_payer, sent, earlier)
        ways = [out, _way_back(case, order, shipment, rule, rate)]
    fees = [
        _charge("storage", rule.storage, case.storage_net, rate),
        _charge("handling", rule.handling, rule.handling_net, rate),
    ]
    parts = [goods, *ways, *fees]
    courier_bears = sum((part.asked for part in parts[1:4] if part.payer == Payer.COURIER), ZERO)
    return Figures(
        unpaid=unpaid,
        parts=parts,
        credits=credits,
        lost_net=lost_net,
        held=(order.guarantee or ZERO) if unpaid else ZERO,
        reversed_collect=(order.to_collect or ZERO) if unpaid else ZERO,
        claim=courier_bears + (lost_net if goods_payer == Payer.COURIER else ZERO),
        pieces=_word_of(lines),
    )


def _word_of(lines: Sequence[CaseLine]) -> str:
    found = ";".join(
        f"{one.pk}:{one.restock}-{one.second}-{one.scrap}-{one.missing}"
        for one in sorted(lines, key=lambda one: one.pk)
    )
    return hashlib.sha256(found.encode()).hexdigest()[:16]


def _price(line: CaseLine) -> Decimal:
    assert line.line.unit_net is not None
    return line.line.unit_net * line.pieces


def _still_good(line: CaseLine, rule: WhoPays) -> Decimal:
    """What is left of the price of what came back: all of what is as new, a part of second choice."""
    assert line.line.unit_net is not None
    return line.line.unit_net * line.restock + cents(line.line.unit_net * line.second * rule.second_choice / 100)


def _charge(code: str, payer: str, net: Decimal, rate: Decimal) -> Part:
    if payer != Payer.RESELLER:
        return Part(code, payer, ZERO, ZERO, net)
    return Part(code, payer, -net, -vat_on(net, rate), net)


# ---- unpaid: the booking is reversed, the ways are kept out of the guarantee


def _unpaid_goods(lines: Sequence[CaseLine], borne: Mapping[int, Decimal], payer: str) -> Part:
    by_rate: defaultdict[Decimal, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        assert line.line.vat_rate is not None
        by_rate[line.line.vat_rate] += borne.get(line.pk, ZERO)
    return Part("goods", payer, -sum(borne.values(), ZERO), -_vat(by_rate), sum((_price(line) for line in lines), ZERO))


def _promised_ways(order: Order, case: Case, rule: WhoPays, rate: Decimal, shipment: Shipment) -> list[Part]:
    """Out and back as the guarantee holds them: what the plan said a refusal costs. Without a guarantee, by the policy
    of the supplier, the ways cost nothing. A parcel that was lost had no way back."""
    out_net, back_net, back_vat = ways_held(order, rate)
    held = (order.guarantee or ZERO) > ZERO
    back = Part("way_back", rule.way_back, -back_net, -back_vat, back_net)
    if case.kind == Case.Kind.LOST:
        back = Part("way_back", rule.way_back, ZERO, ZERO, ZERO)
    elif not pays_reseller(rule, "way_back") or not held:
        back = Part("way_back", rule.way_back, ZERO, ZERO, back_net if held else _back_price(order, shipment))
    out = _charge("way_out", rule.way_out, out_net, rate)
    if not held:
        out = Part("way_out", rule.way_out, ZERO, ZERO, order.shipping_net or ZERO)
    return [out, back]


def ways_held(order: Order, rate: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Net of the way out, net and VAT of the way back, as they are in the guarantee of an order."""
    out_net, guarantee = order.shipping_net or ZERO, order.guarantee or ZERO
    out = out_net + vat_on(out_net, rate)
    if guarantee < out:
        return ZERO, ZERO, ZERO
    back = guarantee - out
    back_net = cents(back / (1 + rate / 100))
    return out_net, back_net, back - back_net


# ---- paid: out of the frozen price


def _credited(
    order: Order,
    rule: WhoPays,
    rate: Decimal,
    lines: Sequence[CaseLine],
    credits: Mapping[int, Decimal],
    payer: str,
    sent: Iterable[OrderLine],
    earlier: Sequence[CaseLine],
) -> tuple[Part, Part]:
    """Goods and way out. The way out comes back in the proportion of the goods that did, where another bears it."""
    kept = dict(_net_by_rate(sent))
    for line in earlier:
        kept[line.line.vat_rate] -= line.credit_net  # type: ignore[index]
    settled = {line.case_id: line.case for line in earlier}.values()
    ship = (order.shipping_net or ZERO) - sum((case.out_net or ZERO for case in settled), ZERO)
    after = dict(kept)
    for line in lines:
        after[line.line.vat_rate] -= credits[line.pk]  # type: ignore[index]
    before_back = sum((_price(line) for line in earlier), ZERO)
    back = sum((_price(line) for line in lines), ZERO)
    out_whole = _share(order, before_back + back) - _share(order, before_back)
    out_net = ZERO if pays_reseller(rule, "way_out") else min(out_whole, ship)
    fee = order.cod_fee_net or ZERO
    goods_vat = _vat(_with(kept, rate, ship + fee)) - _vat(_with(after, rate, ship + fee))
    out_vat = _vat(_with(after, rate, ship + fee)) - _vat(_with(after, rate, ship + fee - out_net))
    goods = Part("goods", payer, sum(credits.values(), ZERO), goods_vat, back)
    return goods, Part("way_out", rule.way_out, out_net, out_vat, out_whole)


def _earlier(order: Order, lines: Sequence[CaseLine]) -> list[CaseLine]:
    """What the settled cases of the order were about, beside these lines' own."""
    settled = CaseLine.objects.filter(case__order=order, case__state=Case.State.SETTLED)
    return list(settled.exclude(case__in={line.case_id for line in lines}).select_related("line", "case"))


def _sent(order: Order) -> Iterable[OrderLine]:
    return order.lines.filter(unit_net__isnull=False)


def _way_back(case: Case, order: Order, shipment: Shipment, rule: WhoPays, rate: Decimal) -> Part:
    if case.kind == Case.Kind.LOST:
        return Part("way_back", rule.way_back, ZERO, ZERO, ZERO)
    net = case.back_price if case.back_price is not None else _back_price(order, shipment)
    return _charge("way_back", rule.way_back, net, rate)


def _back_price(order: Order, shipment: Shipment) -> Decimal:
    """The tariff's way back; as much as the way out where it names none."""
    named = shipment.method.return_net
    return named if named is not None else order.shipping_net or ZERO


def _share(order: Order, back: Decimal) -> Decimal:
    goods, ship = order.goods_net or ZERO, order.shipping_net or ZERO
    return cents(ship * back / goods) if goods else ship


def _net_by_rate(lines: Iterable[OrderLine]) -> Rates:
    by_rate: defaultdict[Decimal, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        assert line.vat_rate is not None
        assert line.unit_net is not None
        by_rate[line.vat_rate] += line.unit_net * line.quantity
    return by_rate


def _with(by_rate: Rates, rate: Decimal, net: Decimal) -> Rates:
    return {**by_rate, rate: by_rate.get(rate, ZERO) + net}


def _vat(by_rate: Rates) -> Decimal:
    return sum((vat_on(net, rate) for rate, net in by_rate.items()), ZERO)
