"""What each act changes in an order of a shop, and that it changes nothing else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest

from orders.errors import NotEditable, StaleEdit
from orders.intake import creation, editing, follow, matching
from orders.intake.matching import Tie
from orders.models import Order
from orders.problems import Doubt
from orders.questions import conflicts, questions
from tests import cast, differing
from tests.orders.test_shop_orders_whole import MIXED, NO_B, NO_C, TOLD, kept, made
from tests.orders.whole import changed, line, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> differing.World:
    return differing.world()


@pytest.fixture
def by(world: differing.World) -> int:
    return cast.member(world.seller).pk


def dated(**fields: Any) -> dict[str, Any]:
    return {"updated_at": True, **fields}


def test_an_edit(world: differing.World, by: int) -> None:
    order, data = made(world, doubts=[Doubt("partly_refunded", "", {"amount": "5.00"}), Doubt("archived")])
    method = world.methods["tre"].pk
    edited = replace(
        data,
        address=replace(data.address, street="Via Po 3", phone="+393330000003"),
        note="Suonare",
        lines=[replace(data.lines[0], quantity=7), replace(data.lines[3])],
        to_collect=D("60.17"),
        source_label="Altro",
        source_number="9",
        payment_reason="x",
        payment_detail="y",
    )
    ours, _b, _c, others = kept(world)
    given, diff = changed(order, lambda: editing.edit(order.pk, edited, version=1, by=by, method_id=method))
    assert given == order
    answered = [["cod_mixed", "", {"amount": "60.17"}], ["partly_refunded", "", {"amount": "5.00"}]]
    assert diff == dated(
        street="Via Po 3",
        phone="+393330000003",
        note="Suonare",
        lines=[{**ours, "quantity": 7}, others],
        to_collect=D("60.17"),
        version=2,
        method_id=method,
        answered=answered,
        shop_data={**TOLD, "mine": ["lines"]},
        problems=[("archived", "", {}, True)],
        events=[("edited", {}, by)],
    )
    # As it stands, again: everything was looked at; and what is not on the form is asked still.
    _given, diff = changed(order, lambda: editing.edit(order.pk, edited, version=2, by=None, method_id=method))
    assert diff == dated(version=3, events=[("edited", {}, None)])
    # Another payment is decided by hand; nothing is collected then, whatever the form says.
    _given, diff = changed(
        order, lambda: editing.edit(order.pk, replace(edited, payment="prepaid"), version=3, by=by, method_id=method)
    )
    assert diff == dated(
        version=4, payment="prepaid", payment_reason="by_hand", to_collect=None, events=[("edited", {}, by)]
    )
    for version in (3, 5):
        with pytest.raises(StaleEdit) as stale:
            editing.edit(order.pk, edited, version=version, by=by)
        assert stale.value.params == {"number": order.number}
    follow.withdraw(order.pk)
    before = read(order.pk)
    for act in (
        lambda: editing.edit(order.pk, edited, version=4, by=by),
        lambda: editing.decide_payment(order.pk, "prepaid", by=by),
        lambda: questions.answer(order.pk, "archived", "", by=by),
        lambda: conflicts.take(order.pk, "street", "mine", by=by),
    ):
        with pytest.raises(NotEditable) as refused:
            act()
        assert refused.value.params == {"number": order.number}
    assert editing.choose_method([order.pk], world.methods["due"].pk, dropshipper_id=world.seller.pk, by=by) == 0
    assert read(order.pk) == before


def test_a_line_that_an_edit_keeps_keeps_what_the_shop_said_of_it(world: differing.World, by: int) -> None:
    order, data = made(world)
    plain = [creation.LineData(one.sku, "Altro nome", 1, None, one.external_id) for one in data.lines[:3]]
    new = creation.LineData("DIV-B", "Nuovo", 6, sale_gross=D("3.33"), pieces=2)
    tied = world.articles["DIV-E"].pk
    editing.match([order.pk], sku="non-c-e", variant_id=tied, by=by)
    _given, diff = changed(order, lambda: editing.edit(order.pk, replace(data, lines=[*plain, new]), version=2, by=by))
    a, b, c, _d = kept(world)
    now = {"name": "Altro nome", "quantity": 1, "sale_gross": None}
    assert diff["lines"] == [
        {**a, **now},
        {**b, **now, "variant": tied},
        {**c, **now},
        line(sku="DIV-B", name="Nuovo", quantity=12, sale_gross=D("3.33"), variant=world.articles["DIV-B"].pk),
    ]
    assert (diff["problems"], diff["method_id"]) == ([("unknown_sku", "p/3", {"sku": "Altro nome"}, True)], None)


def test_a_payment_that_is_decided(world: differing.World, by: int) -> None:
    order, _data = made(world, payment="review", payment_reason="unknown_gateway")
    assert (order.to_collect, [row[0] for row in read(order.pk)["problems"]]) == (
        None,
        ["payment_review", "unknown_sku", "unknown_sku"],
    )
    given, diff = changed(order, lambda: editing.decide_payment(order.pk, "cod", by=by))
    assert given == order
    assert diff == dated(
        version=2,
        payment="cod",
        payment_reason="by_hand",
        to_collect=D("81.53"),
        problems=[MIXED, NO_B, NO_C],
        events=[("payment_decided", {"kind": "COD"}, by)],
    )
    Order.objects.filter(pk=order.pk).update(to_collect=D("44.44"))
    _given, diff = changed(order, lambda: editing.decide_payment(order.pk, "cod", by=None, reason="rule"))
    assert (diff["version"], diff["payment_reason"]) == (3, "rule")
    assert "to_collect" not in diff
    assert diff["events"] == [("payment_decided", {"kind": "COD"}, None)]
    _given, diff = changed(order, lambda: editing.decide_payment(order.pk, "cod", by=by, reason="rule"))
    assert diff == {}


def test_a_shipping_that_is_chosen_for_many(world: differing.World, by: int) -> None:
    one, _data = made(world)
    two, _data = made(world, source_number="2", note="B")
    theirs = world.order(("DIV-B", 2), seller=world.other)
    uno = world.methods["uno"]
    before = read(theirs.pk)
    Order.objects.filter(pk=two.pk).update(version=6)
    ids = [one.pk, two.pk, theirs.pk]

    def choose() -> int:
        return editing.choose_method(ids, uno.pk, dropshipper_id=world.seller.pk, by=by)

    said = [("method_chosen", {"method": str(uno)}, by)]
    (given, of_two), of_one = changed(one, lambda: changed(two, choose))
    assert (given, of_one) == (2, dated(method_id=uno.pk, version=2, events=said))
    assert of_two == dated(method_id=uno.pk, version=7, events=said)
    assert read(theirs.pk) == before
    given, diff = changed(one, choose)
    assert (given, diff) == (0, {})
    states = {"draft": 1, "received": 1, "ready": 1, "cancelled": 0}
    for state, count in states.items():
        Order.objects.filter(pk=one.pk).update(state=state, method=None)
        assert choose() == count


def test_lines_that_are_tied_one_article_at_a_time(world: differing.World, by: int) -> None:
    order, _data = made(world)
    ours = world.articles["DIV-E"].pk
    given, diff = changed(order, lambda: editing.match([order.pk], sku="non-c-e", variant_id=ours, quantity=4, by=by))
    a, b, c, d = kept(world)
    b = {**b, "variant": ours, "quantity": 12}
    assert (given, diff) == (
        0,
        dated(version=2, lines=[a, b, c, d], problems=[MIXED, NO_C], events=[("matched", {"sku": "non-c-e"}, by)]),
    )
    given, diff = changed(
        order, lambda: editing.match([order.pk], external_id="p/3", variant_id=None, ignored=True, by=None)
    )
    c = {**c, "ignored": True}
    assert (given, diff) == (
        0,
        dated(version=3, lines=[a, b, c, d], problems=[MIXED], events=[("matched", {"sku": "p/3"}, None)]),
    )
    given, diff = changed(order, lambda: editing.match([order.pk], sku="non-c-e", variant_id=ours, by=by))
    assert (given, diff) == (0, {})  # it is tied
    second, _data = made(world, payment="prepaid", lines=[replace(_data.lines[1])], source_number="2")
    far, _data = made(world, payment="prepaid", lines=[replace(_data.lines[0], quantity=5_000)], source_number="3")
    gone, _data = made(world, payment="prepaid", source_number="4")
    follow.withdraw(gone.pk)
    before = read(far.pk), read(gone.pk)
    given, diff = changed(
        second,
        lambda: editing.match(
            [second.pk, far.pk, gone.pk, order.pk], sku="NON-C-E", variant_id=ours, quantity=2, by=by
        ),
    )
    assert given == 1  # became ready
    assert diff["state"] == "ready"
    assert diff["events"] == [("matched", {"sku": "NON-C-E"}, by), ("ready", {}, by)]
    assert (read(far.pk), read(gone.pk)) == before
    assert editing.match([far.pk], sku="NON-C-E", variant_id=ours, by=by) == 1  # 5,000 single ones may go


def test_lines_that_are_tied_and_untied_many_at_once(world: differing.World, by: int) -> None:
    order, data = made(world)
    e, b_ = world.articles["DIV-E"].pk, world.articles["DIV-B"].pk
    made_ties = {"sku:NON-C-E": Tie(e, 4), "product:p/3": Tie(None), "sku:X-9": Tie(b_), "sku:DIV-A": Tie(b_)}
    given, diff = changed(order, lambda: matching.tie([order.pk], made_ties, by=by))
    a, b, c, d = kept(world)
    tied = [a, {**b, "variant": e, "quantity": 12}, {**c, "ignored": True}, d]
    event = ("matched", {"sku": "NON-C-E, p/3"}, by)
    assert (given, diff) == (0, dated(version=2, lines=tied, problems=[MIXED], events=[event]))
    assert changed(order, lambda: matching.tie([order.pk], made_ties, by=by)) == (0, {})
    given, diff = changed(order, lambda: matching.untie([order.pk], {"sku:NON-C-E": Tie(e, 3)}, by=None))
    assert (given, diff) == (
        0,
        dated(
            version=3,
            lines=[a, b, {**c, "ignored": True}, d],
            problems=[MIXED, NO_B],
            events=[("unmatched", {"sku": "NON-C-E"}, None)],
        ),
    )
    wrong = {"sku:NON-C-E": Tie(e), "product:p/3": Tie(e), "sku:DIV-A": Tie(None), "sku:X-9": Tie(e)}
    assert changed(order, lambda: matching.untie([order.pk], wrong, by=by)) == (0, {})
    given, diff = changed(order, lambda: matching.untie([order.pk], {"product:p/3": Tie(None)}, by=by))
    assert diff["lines"] == kept(world)

    one = replace(data, payment="prepaid", lines=[data.lines[1]])
    two = replace(one, lines=[replace(data.lines[1], quantity=5_000)])
    far, near = (creation.create(each, dropshipper_id=world.seller.pk) for each in (two, one))
    gone, _data = made(world, source_number="4")
    follow.withdraw(gone.pk)
    before = read(far.pk), read(gone.pk)
    ids, pair = [far.pk, near.pk, gone.pk], {"sku:NON-C-E": Tie(e, 2)}
    assert matching.tie(ids, pair, by=by) == 1
    assert (read(near.pk)["state"], read(near.pk)["lines"][0]["quantity"]) == ("ready", 6)
    assert (read(far.pk), read(gone.pk)) == before
    assert matching.untie(ids, pair, by=by) == 1
    assert (read(near.pk)["state"], read(near.pk)["lines"][0]["quantity"]) == ("received", 3)
    # Where the shop's word is not known, or names an article twice, it is divided, and never below one.
    matching.tie([near.pk], pair, by=by)
    Order.objects.filter(pk=near.pk).update(shop_data={})
    near.lines.update(quantity=1)
    matching.untie([near.pk], pair, by=by)
    assert read(near.pk)["lines"][0]["quantity"] == 1
    matching.tie([near.pk], {"sku:NON-C-E": Tie(e, 7)}, by=by)
    row = ["NON-C-E", "p/2", "Vaso", 99, "7.35"]
    Order.objects.filter(pk=near.pk).update(shop_data={"lines": [row, row]})
    matching.untie([near.pk], {"sku:NON-C-E": Tie(e, 7)}, by=by)
    assert read(near.pk)["lines"][0]["quantity"] == 1
    assert matching.subject(near.lines.model(sku=" a-1 ", external_id="p")) == "sku:A-1"
    assert (matching.subject(near.lines.model(external_id="p")), matching.subject(near.lines.model())) == (
        "product:p",
        "",
    )


def test_a_draft_that_is_sent(world: differing.World, by: int) -> None:
    data = world.data(("DIV-A", 2), source_label="eBay" + "x" * 130, source_number="8" * 70)
    drafts = [creation.create(data, dropshipper_id=world.seller.pk, draft=True) for _n in range(2)]
    one, two = (Order.objects.get(pk=draft.pk) for draft in drafts)
    going = [("submitted", {}, by), ("ready", {}, by)]
    given, diff = changed(one, lambda: editing.submit(one.pk, by=by))
    assert (given, diff) == (one, dated(state="ready", events=going))
    assert changed(one, lambda: editing.submit(one.pk, by=by)) == (one, {})
    mine = replace(data, source_label="Altro" + "y" * 130, source_number="9" * 70)
    said: dict[str, Any] = {"by": by, "method_id": None}
    _given, diff = changed(two, lambda: editing.edit(two.pk, mine, version=1, draft=True, **said))
    assert diff == dated(
        version=2, source_label=("Altro" + "y" * 130)[:120], source_number="9" * 60, events=[("draft_saved", {}, by)]
    )
    _given, diff = changed(two, lambda: editing.edit(two.pk, mine, version=2, **said))
    assert diff == dated(version=3, state="ready", events=[("edited", {}, by), *going])
