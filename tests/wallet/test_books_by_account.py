"""What each event leaves in every account of the books, the supplier's too, by a table in whole cents that knows
nothing of entries: sold, sent elsewhere, collected for less, and each of the ends."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal as D
from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum

from tests.wallet.books import books, top_up
from wallet import moves
from wallet.models import OpenItem, Posting

pytestmark = pytest.mark.django_db
Accounts = dict[str, int]


@dataclass(frozen=True)
class State:
    """What a sale is now, in cents. `fee_vat`: of `vat`, what goes with the COD fee."""

    cod: bool
    goods: int
    shipping: int
    fee: int
    vat: int
    fee_vat: int
    collect: int
    held: int

    @property
    def cost(self) -> int:
        return self.goods + self.shipping + self.fee + self.vat

    def accounts(self) -> Accounts:
        margin = self.collect - self.cost
        income = {"sales": self.goods, "shipping_income": self.shipping, "cod_fees": self.fee, "vat": self.vat}
        if not self.cod:
            return {**income, "wallet": -self.cost}
        mine = {"cod_due": max(margin, 0), "wallet": min(margin, 0) - self.held, "held": self.held}
        return {**income, **mine, "cod_in_transit": -self.collect}


def euro(cents: int) -> D:
    return D(cents) / 100


def distinct(rnd: Random, count: int) -> list[int]:
    """No two alike, nor any the sum of two others by chance."""
    return [
        100 * n + low for n, low in zip(rnd.sample(range(3, 90), count), rnd.sample(range(1, 99), count), strict=True)
    ]


def sold(rnd: Random, cod: bool, owner: int, reference: str) -> State:
    goods, shipping, fee, vat, collect, held = distinct(rnd, 6)
    state = State(cod, goods, shipping, fee * cod, vat, vat // 3 * cod, collect * cod * rnd.choice([1, 4]), held * cod)
    moves.sell(
        [
            moves.Sale(
                reference=reference,
                dropshipper_id=owner,
                cod=cod,
                goods_net=euro(state.goods),
                shipping_net=euro(state.shipping),
                cod_fee_net=euro(state.fee),
                vat=euro(state.vat),
                collect=euro(state.collect),
                guarantee=euro(state.held),
            )
        ],
        by=None,
    )
    return state


def posted(reference: str) -> Accounts:
    rows = Posting.objects.filter(entry__reference=reference).values_list("account__kind").annotate(Sum("amount"))
    return {kind: int(amount * 100) for kind, amount in rows if amount}


def reshipped(rnd: Random, state: State, reference: str) -> State:
    shipping, fee, vat, held = distinct(rnd, 4)
    now = replace(state, shipping=shipping, fee=fee * state.cod, vat=vat, fee_vat=vat // 3 * state.cod)
    if state.cod and rnd.random() < 0.7:
        now = replace(now, held=held)
    twice(
        moves.reship,
        reference,
        shipping_net=euro(now.shipping),
        cod_fee_net=euro(now.fee),
        vat=euro(now.vat),
        guarantee=euro(now.held) if now.held != state.held else None,
        by=None,
        key=uuid.uuid4(),
    )
    return now


def lowered(rnd: Random, state: State, reference: str, *, to_nothing: bool) -> State:
    if to_nothing:
        fee = {"fee_net": euro(state.fee), "fee_vat": euro(state.fee_vat)}
        twice(moves.lower, reference, collect=D("0.00"), by=None, **fee)
        return replace(state, cod=False, fee=0, vat=state.vat - state.fee_vat, collect=0, held=0)
    collect = rnd.randint(1, state.collect - 1)
    twice(moves.lower, reference, collect=euro(collect), by=None)
    return replace(state, collect=collect)


def twice(act: Callable[..., None], reference: str, **fields: Any) -> None:
    """The second time nothing moves."""
    act(reference, **fields)
    before = books()
    act(reference, **fields)
    assert books() == before


def ended(rnd: Random, state: State, reference: str) -> Accounts:
    ends = ["undone", "lost", "stands"] + (["remitted", "refused"] if state.cod else [])
    end = rnd.choice(ends)
    if end == "undone":
        twice(moves.undo, reference, by=None)
        return {}
    if end == "lost":
        twice(moves.lose, reference, by=None)
        return {"losses": -state.goods, "sales": state.goods}
    if end == "remitted":
        twice(moves.remit, reference, by=None)
        kept = {
            kind: n for kind, n in state.accounts().items() if kind in ("sales", "shipping_income", "cod_fees", "vat")
        }
        return {**kept, "bank": -state.collect, "wallet": state.collect - state.cost}
    if end == "refused":
        back, back_vat, out_vat = distinct(rnd, 3)
        fields = {"return_net": euro(back), "return_vat": euro(back_vat), "shipping_vat": euro(out_vat)}
        twice(moves.refuse, reference, by=None, **fields)
        net, vat = state.shipping + back, out_vat + back_vat
        return {"shipping_income": net, "vat": vat, "wallet": -net - vat}
    return state.accounts()


@pytest.mark.parametrize("seed", range(4))
def test_every_account_has_what_the_table_says(dropshipper: Any, other_dropshipper: Any, seed: int) -> None:
    """Twelve sales of two resellers, each on a way of its own; then the sums of all."""
    with transaction.atomic():
        rnd = Random(seed)
        total: Counter[str] = Counter()
        for owner in (dropshipper, other_dropshipper):
            top_up(owner, "9000.00")
            total["bank"] -= 900_000
        mine: dict[int, Counter[str]] = {one.pk: Counter(wallet=900_000) for one in (dropshipper, other_dropshipper)}
        due: dict[str, int] = {}
        for n in range(12):
            reference, owner = f"order:{7000 + 13 * n}", (dropshipper, other_dropshipper)[n % 2].pk
            state = sold(rnd, n % 3 > 0, owner, reference)
            assert posted(reference) == {kind: cents for kind, cents in state.accounts().items() if cents}
            if rnd.random() < 0.6:
                state = reshipped(rnd, state, reference)
                assert posted(reference) == {kind: cents for kind, cents in state.accounts().items() if cents}
            if state.cod and rnd.random() < 0.6:
                state = lowered(rnd, state, reference, to_nothing=rnd.random() < 0.3)
                assert posted(reference) == {kind: cents for kind, cents in state.accounts().items() if cents}
            left = ended(rnd, state, reference)
            assert posted(reference) == {kind: cents for kind, cents in left.items() if cents}, (n, state)
            for kind, cents in left.items():
                (mine[owner] if kind in ("wallet", "held", "cod_due") else total)[kind] += cents
            if left.get("cod_due"):
                due[reference] = left["cod_due"]
        for owner_id, kinds in mine.items():
            found = Posting.objects.filter(account__dropshipper_id=owner_id).values_list("account__kind")
            assert {k: int(n * 100) for k, n in found.annotate(Sum("amount")) if n} == {
                k: n for k, n in kinds.items() if n
            }
        system = Posting.objects.filter(account__dropshipper=None).values_list("account__kind").annotate(Sum("amount"))
        assert {kind: int(n * 100) for kind, n in system if n} == {kind: n for kind, n in total.items() if n}
        assert {row.reference: int(row.amount * 100) for row in OpenItem.objects.all()} == due
        transaction.set_rollback(True)


@pytest.mark.parametrize("cod", [False, True])
def test_an_old_click_that_comes_again_after_a_newer_one_moves_nothing(dropshipper: Any, cod: bool) -> None:
    top_up(dropshipper, "900.00")
    state = sold(Random(11), cod, dropshipper.pk, "order:7")
    clicks = [
        {"key": uuid.uuid4(), "shipping_net": euro(net), "vat": euro(vat), "guarantee": euro(held * cod)}
        for net, vat, held in ((613, 811, 1207), (427, 503, 971))
    ]
    for click in (*clicks, clicks[0]):
        before = books()
        moves.reship("order:7", cod_fee_net=euro(state.fee), by=None, **click)
    assert books() == before
    now = replace(state, shipping=427, vat=503, held=971 * cod)
    assert posted("order:7") == {kind: cents for kind, cents in now.accounts().items() if cents}
