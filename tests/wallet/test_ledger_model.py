"""The books against a model in plain Python: random money events, and after each all that must always be true."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from core.money import ZERO
from tests import cast
from tests.wallet.books import books, top_up
from wallet import moves
from wallet.errors import InsufficientFunds, KeyConflict, NotReversible
from wallet.models import Posting
from wallet.queries import balances

amounts = st.decimals("0.00", "40.00", places=2)
positive = st.decimals("0.01", "60.00", places=2)


class Wallets(RuleBasedStateMachine):
    """Two resellers. The model knows only what each event means for the reseller, not how it is posted."""

    orders = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.owners = [cast.dropshipper("Uno"), cast.dropshipper("Due")]
        self.available = [ZERO, ZERO]
        self.sales: dict[str, tuple[int, moves.Sale]] = {}
        self.ends: dict[str, str] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def attempt(self, act: Callable[[], Any], refusal: type[Exception] | None) -> bool:
        """Does it, or is refused as the model foresees; a refusal leaves no trace."""
        if refusal is None:
            act()
            return True
        before = books()
        with pytest.raises(refusal):
            act()
        assert books() == before
        return False

    @rule(who=st.integers(0, 1), amount=positive)
    def add_money(self, who: int, amount: D) -> None:
        top_up(self.owners[who], str(amount))
        self.available[who] += amount

    @rule(who=st.integers(0, 1), amount=positive)
    def correct_down(self, who: int, amount: D) -> None:
        refusal = InsufficientFunds if amount > self.available[who] else None
        if self.attempt(lambda: moves.adjust(self.owners[who].pk, -amount, "Rettifica", None), refusal):
            self.available[who] -= amount

    @rule(
        target=orders,
        who=st.integers(0, 1),
        cod=st.booleans(),
        goods=amounts,
        shipping=positive,
        fee=amounts,
        vat=amounts,
        collect=positive,
        guarantee=amounts,
    )
    def dispatch(self, who: int, cod: bool, goods: D, shipping: D, fee: D, vat: D, collect: D, guarantee: D) -> str:
        reference = f"order:{len(self.sales) + len(self.ends) + 1}"
        while reference in self.sales or reference in self.ends:
            reference += "0"
        sale = moves.Sale(
            reference=reference,
            dropshipper_id=self.owners[who].pk,
            cod=cod,
            goods_net=goods,
            shipping_net=shipping,
            cod_fee_net=fee if cod else ZERO,
            vat=vat,
            collect=collect if cod else ZERO,
            guarantee=guarantee if cod else ZERO,
        )
        refusal = InsufficientFunds if sale.wallet_need > self.available[who] else None
        if self.attempt(lambda: moves.sell([sale], by=None), refusal):
            self.available[who] -= sale.wallet_need
            self.sales[reference] = (who, sale)
        else:
            self.ends[reference] = "none"
        return reference

    @rule(reference=orders)
    def click_again(self, reference: str) -> None:
        if reference in self.sales:
            _who, sale = self.sales[reference]
            before = books()
            moves.sell([sale], by=None)
            other = moves.Sale(
                reference=reference,
                dropshipper_id=sale.dropshipper_id,
                cod=False,
                goods_net=sale.goods_net + D("0.01"),
                shipping_net=sale.shipping_net,
                cod_fee_net=ZERO,
                vat=sale.vat,
                collect=ZERO,
                guarantee=ZERO,
            )
            with pytest.raises(KeyConflict):
                moves.sell([other], by=None)
            assert books() == before

    def settle(
        self, reference: str, end: str, act: Callable[[], Any], gain: Callable[[moves.Sale], D], cod: bool
    ) -> None:
        """One of the four ends of a sale; `gain` is what comes back to the available balance."""
        who, sale = self.sales.get(reference, (0, None))
        state = self.ends.get(reference)
        if sale is None:
            self.attempt(act, None if end == "undone" else NotReversible)  # to undo what was never charged is nothing
        elif (cod and not sale.cod) or state not in (None, end):
            self.attempt(act, NotReversible)
        elif state == end:
            before = books()
            act()
            assert books() == before
        elif self.available[who] + gain(sale) < 0:
            self.attempt(act, InsufficientFunds)
        else:
            act()
            self.available[who] += gain(sale)
            self.ends[reference] = end

    @rule(reference=orders)
    def cancel(self, reference: str) -> None:
        self.settle(reference, "undone", lambda: moves.undo(reference, by=None), lambda sale: sale.wallet_need, False)

    @rule(reference=orders)
    def lose(self, reference: str) -> None:
        self.settle(reference, "lost", lambda: moves.lose(reference, by=None), lambda sale: sale.wallet_need, False)

    @rule(reference=orders)
    def remit(self, reference: str) -> None:
        self.settle(
            reference,
            "remitted",
            lambda: moves.remit(reference, by=None),
            lambda sale: max(sale.collect - sale.cost, ZERO) + sale.guarantee,
            True,
        )

    @rule(reference=consumes(orders), net=amounts, vat=amounts)
    def refuse(self, reference: str, net: D, vat: D) -> None:
        self.settle(
            reference,
            "refused",
            lambda: moves.refuse(reference, return_net=net, return_vat=vat, shipping_vat=D("1.10"), by=None),
            lambda sale: sale.wallet_need - sale.shipping_net - D("1.10") - net - vat,
            True,
        )

    @invariant()
    def the_reseller_has_what_the_model_says(self) -> None:
        for who, owner in enumerate(self.owners):
            open_cod = [sale for ref, (n, sale) in self.sales.items() if n == who and sale.cod and ref not in self.ends]
            found = balances(owner.pk)
            assert found.available == self.available[who] >= 0
            assert found.held == sum((sale.guarantee for sale in open_cod), ZERO)
            assert found.cod_due == sum((max(sale.collect - sale.cost, ZERO) for sale in open_cod), ZERO)

    @invariant()
    def the_books_are_whole(self) -> None:
        assert (Posting.objects.aggregate(total=Sum("amount"))["total"] or ZERO) == ZERO
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(
                "SELECT count(*) FROM wallet_account a WHERE balance <>"
                " (SELECT coalesce(sum(amount), 0) FROM wallet_posting p WHERE p.account_id = a.id)"
            )
            assert cursor.fetchone()[0] == 0

    @invariant()
    def the_cod_of_a_settled_order_sums_to_zero(self) -> None:
        cod_kinds = ["cod_in_transit", "cod_due", "held"]
        rows = (
            Posting.objects.filter(account__kind__in=cod_kinds)
            .values_list("entry__reference", "account__kind")
            .annotate(total=Sum("amount"))
        )
        assert all(total == 0 for reference, _kind, total in rows if reference in self.ends)


@pytest.mark.django_db
def test_the_books_agree_with_the_model_whatever_happens() -> None:
    run_state_machine_as_test(
        Wallets,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
