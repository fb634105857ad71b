"""The door of the books itself: what makes two drafts the same, what is refused and in which words."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal as D
from typing import Any

import pytest

from tests import cast
from tests.wallet.books import books, top_up
from tests.wallet.whole import SOLD, sale
from wallet import moves
from wallet.books.ledger import Draft, post
from wallet.errors import InsufficientFunds, KeyConflict, NotReversible
from wallet.models import Entry

pytestmark = pytest.mark.django_db


def draft(owner: Any, **changes: Any) -> Draft:
    lines = {"wallet": D("7.31"), "bank": D("-7.30"), "vat": D("-0.01"), "sales": D("0.00")}
    fields = {"kind": "top_up", "key": "k", "reference": "r", "dropshipper_id": owner and owner.pk, "lines": lines}
    return Draft(**{**fields, **changes})


def test_what_makes_two_drafts_the_same_is_as_it_was_when_the_first_was_written() -> None:
    """The hash stands in the books: made in another way, a click of yesterday would be another operation today."""
    one = Draft("sale", "order:12:sale", "order:12", 34, {"wallet": D("-7.3"), "sales": D("7.30"), "vat": D("0")})
    text = '["sale","order:12",34,null,[["sales","7.30"],["wallet","-7.30"]]]'
    assert one.content_hash() == hashlib.sha256(text.encode()).hexdigest()
    assert one.posted() == {"sales": D("7.30"), "wallet": D("-7.30")}
    assert list(one.posted()) == ["sales", "wallet"]


def test_a_key_with_other_content_is_refused_alone_and_in_one_call(dropshipper: Any, other_dropshipper: Any) -> None:
    top_up(dropshipper, "3.00")
    top_up(other_dropshipper, "3.00")
    made = post([draft(dropshipper), draft(dropshipper, memo="other")], by=None)
    assert made == {"k": Entry.objects.get(key="k").pk} == post([draft(dropshipper)], by=cast.staff().pk)
    assert post([draft(dropshipper, key="new", lines={"bank": D("0.00")})], by=None) == post([], by=None) == {}
    before = books()
    others: list[dict[str, Any]] = [
        {"kind": "adjustment"},
        {"reference": "r2"},
        {"dropshipper_id": other_dropshipper.pk},
        {"lines": {"wallet": D("7.32"), "bank": D("-7.32")}},
        {"lines": {"wallet": D("7.31"), "card": D("-7.31")}},
    ]
    for change in others:
        for drafts in ([draft(dropshipper, **change)], [draft(dropshipper), draft(dropshipper, **change)]):
            fine = draft(dropshipper, key="j", reference="j")
            with pytest.raises(KeyConflict) as refused:
                post([fine, *drafts], by=None)
            assert refused.value.params == {"key": "k"}
            assert books() == before


def test_a_second_sale_is_a_conflict_and_a_second_reversal_comes_too_late(dropshipper: Any) -> None:
    top_up(dropshipper, "100.00")
    moves.sell([sale(dropshipper, "order:7", cod=False)], by=None)
    entry = Entry.objects.get(kind="sale")
    lines = {kind: -D(amount) for kind, amount in {"wallet": "-20.79", **SOLD}.items()}
    other = draft(dropshipper, kind="sale", key="again", reference="order:7")
    with pytest.raises(KeyConflict) as refused:
        post([other], by=None)
    assert refused.value.params == {"key": "again"}
    back = Draft("reversal", "back", "order:7", dropshipper.pk, lines, reverses_id=entry.pk)
    post([back], by=None)
    with pytest.raises(NotReversible) as late:
        post([Draft("reversal", "back2", "order:7", dropshipper.pk, lines, reverses_id=entry.pk)], by=None)
    assert late.value.params == {"reference": "order:7", "state": "undone"}


def test_a_memo_is_cut_and_the_moment_is_now_where_none_is_said(dropshipper: Any) -> None:
    before = dt.datetime.now(dt.UTC)
    moves.adjust(dropshipper.pk, D("1.07"), "y" * 200 + "z", None)
    (entry,) = Entry.objects.all()
    assert entry.memo == "y" * 200
    assert before <= entry.at <= dt.datetime.now(dt.UTC)


@pytest.mark.parametrize("turn", [1, -1])
def test_of_several_who_lack_the_one_that_lacks_most_is_told_with_all_his_sales(
    dropshipper: Any, other_dropshipper: Any, turn: int
) -> None:
    third = cast.dropshipper("Terza")
    for owner, amount in ((dropshipper, "31.00"), (other_dropshipper, "20.00"), (third, "99.00")):
        top_up(owner, amount)
    sales = [sale(owner, f"order:{n}", cod=False)
             for n, owner in enumerate([dropshipper, third, other_dropshipper, dropshipper])]  # fmt: skip
    with pytest.raises(InsufficientFunds) as refused:
        moves.sell(sales[::turn], by=None)
    assert refused.value.params == {"missing": "10.58", "needed": "41.58", "available": "31.00"}
