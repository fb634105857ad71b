"""The pages of Sincronizza: which orders a plan is about, what its form carries, what the click books with it, what
each outcome says, and what an open page is told while the run goes on."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.models import Member
from orders import queries
from orders.dispatch import runs
from orders.models import DispatchItem, DispatchRun, Order
from tests import cast, differing
from tests.orders import stage
from tests.orders.test_figures import form_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world() -> differing.World:
    return differing.world()


@pytest.fixture
def client(world: differing.World, client_for: Any) -> Any:
    return client_for(cast.member(world.seller))


def asked(client: Any, **query: Any) -> list[int]:
    """The orders of a plan, those that go and those that are left out."""
    page = client.get(reverse("orders:plan"), query).content.decode()
    return sorted(int(pk) for pk in re.findall(r'<li data-order="(\d+)"', page))


def said(answer: Any) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in get_messages(answer.wsgi_request)]


def test_which_orders_a_plan_is_about(world: differing.World, client: Any, client_for: Any, monkeypatch: Any) -> None:
    one, two, three = (world.order(("DIV-A", n + 1)) for n in range(3))
    draft = world.order(("DIV-B", 1))
    Order.objects.filter(pk=draft.pk).update(state="draft")
    shop = world.order(("DIV-C", 1), source="woocommerce", source_label="Casa")
    theirs = world.order(("DIV-C", 1), seller=world.other)
    assert asked(client, order=[f"{two.pk},{theirs.pk}", one.pk, "x"]) == [one.pk, two.pk]
    assert asked(client, all="ready") == [one.pk, two.pk, three.pk]
    assert asked(client, all="ready", tab="draft") == [one.pk, two.pk, three.pk]
    assert asked(client, all="ready", source="woocommerce") == [shop.pk]
    assert asked(client, all="ready", source="all", order=[draft.pk]) == [one.pk, two.pk, three.pk, shop.pk]
    phone = {"all": "ready", "q": "3331234567"}
    assert asked(client, **phone) == [one.pk, two.pk, three.pk]
    books = client_for(cast.member(world.seller, role=Member.Role.ACCOUNTING))
    assert (asked(books, **phone), asked(books, all="ready")) == ([], [one.pk, two.pk, three.pk])
    assert asked(client) == []
    # Of a run those that it did not send, and no others; of a stranger's run nothing.
    key = uuid.uuid4()
    run = runs.start([one.pk, two.pk, three.pk, shop.pk], dropshipper_id=world.seller.pk, key=key, by=None)
    for order, result in ((one, "refused"), (two, "stopped"), (three, "dispatched"), (shop, "already")):
        run.items.filter(order=order).update(result=result)
    assert asked(client, run=str(key), all="ready") == [one.pk, two.pk]
    assert client_for(cast.member(world.other)).get(reverse("orders:plan"), {"run": str(key)}).status_code == 404
    # One sync takes so many: the oldest, and it is said.
    assert "ordini" in client.get(reverse("orders:plan"), {"all": "ready"}).content.decode()
    monkeypatch.setattr(queries, "BULK_LIMIT", 2)
    assert asked(client, all="ready", source="all") == [one.pk, two.pk]
    run.items.update(result="stopped")
    assert len(asked(client, run=str(key))) == 2
    many, few = (client.get(reverse("orders:plan"), {"order": ids}) for ids in ([one.pk, two.pk], [one.pk]))
    assert ["note-info" in page.content.decode() for page in (many, few)] == [True, False]


def test_a_plan_carries_what_it_showed_into_the_click(
    world: differing.World, client: Any, client_for: Any, django_capture_on_commit_callbacks: Any
) -> None:
    going = world.order(("DIV-A", 1), payment="cod", total="97.31")
    left = world.order(("DIV-A", 1), method=None)
    due, reader = world.methods["due"], client.get("/").wsgi_request.user
    query = {"order": [going.pk, left.pk], "source": "woocommerce"}
    page = client.get(reverse("orders:plan"), query).content.decode()
    start = reverse("orders:start")
    form = form_of(page, start)
    assert form == {
        "key": form["key"],
        "source": "woocommerce",
        "order": str(going.pk),
        "seen": f"{going.pk}:{stage.seen(going)}",
    }
    assert f'href="{reverse("connectors:inbox", args=["woocommerce"])}"' in page
    assert re.findall(r'data-order="(\d+)"(?: data-refusal="(\w+)")?', page) == [
        (str(left.pk), "method_missing"),
        (str(going.pk), ""),
    ]
    assert re.findall(r'<option value="(\d+)"', page) == [str(method.pk) for method in world.methods.values()]
    both = client.get(reverse("orders:plan"), {**query, "method": due.pk}).content.decode()
    assert form_of(both, start)["method"] == str(due.pk)
    assert f'<option value="{due.pk}" selected>' in both
    assert form_of(both, start)["order"] == f"{going.pk},{left.pk}"
    other = client.get(reverse("orders:plan"), {"order": [going.pk]}).content.decode()
    assert (form_of(other, start)["source"], form_of(other, start)["key"] == form["key"]) == ("manual", False)
    lit = re.compile(r'<a class="item" href="([^"]+)" aria-current="page">')
    assert [lit.findall(one) for one in (page, other)] == [["/inbox/woocommerce/"], ["/orders/"]]
    bar = client.get(reverse("orders:plan"), query, headers=HTMX).content.decode()
    assert "<html" not in bar
    assert f'value="{going.pk},{left.pk}"' in bar
    # The accounting reads it without where the customer lives.
    books = client_for(cast.member(world.seller, role=Member.Role.ACCOUNTING))
    assert books.get(reverse("orders:plan"), query).status_code == 200
    with django_capture_on_commit_callbacks() as nudges:
        answer = client.post(start, {**form, "method": due.pk})
    run = DispatchRun.objects.get()
    assert len(nudges) == 1  # a worker is called at once
    assert answer.url == reverse("orders:run", args=[run.key])
    assert (str(run.key), run.source, run.by, run.method_id, run.total) == (
        form["key"],
        "woocommerce",
        reader,
        due.pk,
        1,
    )
    assert said(answer) == []
    assert list(run.items.values_list("order_id", "seen")) == [(going.pk, stage.seen(going))]
    second = client.post(start, {**form, "key": str(uuid.uuid4())})
    assert second.url == answer.url
    assert [level for level, _text in said(second)] == ["info"]


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("", "manual"),
        ("woo-com_1", "woo-com_1"),
        ("<b>woo</b> x", "bwoobx"),
        ("a" * 19 + "bc", "a" * 19 + "b"),
        ("%%%", "manual"),
    ],
)
def test_a_list_that_is_none_is_the_shops_own(world: differing.World, client: Any, source: str, kept: str) -> None:
    order = world.order(("DIV-A", 1))
    form = {"order": str(order.pk), "key": str(uuid.uuid4()), "source": source}
    client.post(reverse("orders:start"), form)
    assert DispatchRun.objects.get().source == kept
    none = client.post(reverse("orders:start"), {"order": "x", "key": str(uuid.uuid4()), "source": "z"})
    assert (none.url, [level for level, _text in said(none)]) == (reverse("orders:list"), ["error"])


def test_one_click_says_its_outcome_and_leads_back(world: differing.World, client: Any) -> None:
    order, reader = world.order(("DIV-A", 1)), client.get("/").wsgi_request.user
    url, seen = reverse("orders:sync", args=[order.pk]), stage.seen(order)
    due, key = world.methods["due"], str(uuid.uuid4())

    def click(**form: Any) -> list[tuple[str, str]]:
        answer = client.post(url, {"key": str(uuid.uuid4()), **form})
        assert (answer.status_code, answer.url) == (302, reverse("orders:detail", args=[order.pk]))
        told = said(answer)
        client.cookies.pop("messages", None)
        return told

    ((level, text),) = click(seen="x", key=key)
    assert (level, text.startswith(f"{order.number}: Costa "), text.endswith("Nessun addebito.")) == (
        "error",
        True,
        True,
    )
    run = DispatchRun.objects.get()
    assert (str(run.key), run.by, run.method_id, run.items.get().seen) == (key, reader, None, "–/–/–")
    ((level, text),) = click(seen=seen, method=due.pk)
    assert (level, text.startswith(f"{order.number}: Prezzo cambiato: ")) == ("error", True)
    assert DispatchRun.objects.latest("pk").method_id == due.pk
    assert click(seen=seen) == [("success", f"{order.number}: Inviato a MCI")]
    (again,) = click(seen=seen)
    assert again == ("info", f"{order.number}: {DispatchItem.Result.ALREADY.label}")
    other = world.order(("DIV-B", 1))
    answer = client.post(reverse("orders:sync", args=[other.pk]), {"key": key})  # another order's click
    assert ([level for level, _text in said(answer)], answer.url) == (
        ["error"],
        reverse("orders:detail", args=[other.pk]),
    )
    assert Order.objects.get(pk=other.pk).state == "ready"


def test_an_open_page_is_told_how_far_it_is_and_when_it_is_over(world: differing.World, client: Any) -> None:
    orders = [world.order(("DIV-C", 1)) for _n in range(7)]
    key = uuid.uuid4()
    ids = [order.pk for order in orders]
    run = runs.start(ids, dropshipper_id=world.seller.pk, key=key, by=None, source="woocommerce")
    url = reverse("orders:run", args=[key])

    def polled() -> tuple[int, bool]:
        answer = client.get(url, headers=HTMX)
        assert "<html" not in answer.content.decode()
        return answer.status_code, "hx-swap-oob" in answer.content.decode()

    told = []
    for done in range(7):
        run.items.filter(position__lt=done).update(result="dispatched")
        told.append(polled())
    assert told == [(200, done in (0, 5)) for done in range(7)]
    page = client.get(url).content.decode()
    assert re.findall(r'<a class="item" href="([^"]+)" aria-current="page">', page) == ["/inbox/woocommerce/"]
    assert "hx-swap-oob" not in page
    run.items.filter(position__gte=4).update(result="waiting")
    answer = client.post(reverse("orders:run_stop", args=[key]))
    assert answer.url == url
    assert [text for _level, text in said(answer)] == ["Sto fermando: 3 ordini erano ancora in attesa."]
    assert DispatchRun.objects.get().stop_asked
    runs.advance(run.pk)
    assert polled() == (286, True)
    named = client.get(reverse("orders:run_export", args=[key]))["Content-Disposition"]
    assert named == f'attachment; filename="mci-sync-{run.created_at:%Y%m%d-%H%M}.csv"'


def test_a_strangers_order_is_not_there_to_be_sent(world: differing.World, client: Any) -> None:
    theirs = world.order(("DIV-A", 1), seller=world.other)
    form = {"key": str(uuid.uuid4()), "seen": stage.seen(theirs)}
    assert client.post(reverse("orders:sync", args=[theirs.pk]), form).status_code == 404
    assert client.post(reverse("orders:start"), form | {"order": str(theirs.pk)}).url == reverse("orders:list")
    assert (Order.objects.get(pk=theirs.pk).state, DispatchRun.objects.count()) == ("ready", 0)
