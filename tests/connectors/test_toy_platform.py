"""A platform is one folder and one word in the settings: a copy of a folder under another name does all that a platform
does, with no other file touched."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import connectors.platforms
from connectors.connect import attempts
from connectors.intake import deliveries
from connectors.listings import compare
from connectors.models import InboxOrder, Listing, Shop
from connectors.news import sweep
from connectors.platforms import platform
from connectors.shops import health
from connectors.shops.access import webhook_address
from orders.dispatch import runs
from orders.fulfilment import parcels
from orders.models import Order
from tests.connectors import test_platforms
from tests.connectors.arrivals import ready_shop
from tests.connectors.conftest import KEY, SECRET, make_goods, order_body, signed
from tests.connectors.test_pull import visit
from tests.orders import stage

pytestmark = pytest.mark.django_db
SOURCE = Path(connectors.platforms.__file__).parent / "woocommerce"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of WooCommerce, copied beside the others as `toy`: its own slug, name, mark and title."""
    home = tmp_path_factory.mktemp("platforms")
    copy = home / "toy"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for path in copy.rglob("*.py"):
        path.write_text(path.read_text().replace("connectors.platforms.woocommerce", "connectors.platforms.toy"))
    entry = copy / "__init__.py"
    text = entry.read_text()
    for name, value in {"slug": "toy", "name": "Toy Shop", "mark": "Ty", "help_page": "toy/help.html"}.items():
        text, found = re.subn(rf'(\b{name}: ClassVar\[str\] = )"[^"]*"', rf'\1"{value}"', text)
        assert found == 1
    text, found = re.subn(r'(inbox_title: [^=]*= )"[^"]*"', r'\1"Toy Orders"', text)
    assert found == 1
    entry.write_text(text)
    (copy / "help.html").write_text("<p>How the toy is connected.</p>")
    connectors.platforms.__path__.append(str(home))
    yield copy
    connectors.platforms.__path__.remove(str(home))
    for name in [name for name in sys.modules if name.startswith("connectors.platforms.toy")]:
        del sys.modules[name]
    vars(connectors.platforms).pop("toy", None)


@pytest.fixture
def toy(folder: Path, settings: Any) -> Iterator[Any]:
    importlib.invalidate_caches()
    settings.PLATFORMS = [*settings.PLATFORMS, "toy"]
    # Where the folders of platforms are, for their own help pages: here the copy has another home.
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], folder.parent]}]
    platform.cache_clear()
    yield platform("toy")
    platform.cache_clear()


@pytest.mark.usefixtures("toy")
def test_it_keeps_the_contract_and_reads_its_recordings(folder: Path) -> None:
    test_platforms.test_every_platform_that_is_on_keeps_the_contract()
    recordings = sorted((folder / "samples").glob("*.delivery.json"))
    assert len(recordings) > 20
    for path in recordings:
        test_platforms.test_a_recorded_delivery_is_genuine_and_reads_as_expected("toy", path)
        test_platforms.test_a_recorded_delivery_that_was_touched_is_refused("toy", path)


@pytest.mark.usefixtures("toy")
def test_from_the_menu_to_the_tracking_in_the_shop(owner: Any, client_for: Any, fake: Any) -> None:
    client = client_for(owner)
    menu = client.get("/").content.decode()
    assert "/inbox/toy/" in menu
    assert "Toy Orders" in menu
    assert "mark-toy" in menu
    assert "Toy Shop" in client.get(reverse("connectors:choose")).content.decode()
    wizard = reverse("connectors:connect", args=["toy"])
    assert "How the toy is connected." in client.get(wizard).content.decode()

    typed = {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": SECRET}
    fake.products.add(sku="MCI-0001", name="Articolo", price="24.90", stock=3)
    assert client.post(wizard, typed).status_code == 302
    attempts.advance_due()
    shop = Shop.objects.get()
    assert shop.platform == "toy"
    assert webhook_address(shop).endswith(f"/webhooks/toy/{shop.key}/")
    assert {hook["delivery_url"] for hook in fake.webhooks.all()} == {webhook_address(shop)}
    method = ready_shop(shop)
    make_goods()
    Shop.objects.filter(pk=shop.pk).update(method=method)

    fake.place_order([("MCI-0001", 1)], payment="stripe")
    assert {delivery.status for delivery in fake.flush()} == {200}
    deliveries.drain()
    fake.place_order([("MCI-0001", 2)], payment="cod", silent=True)
    visit(shop)
    assert set(Order.objects.values_list("source", "state")) == {("toy", "ready")}
    assert sorted(InboxOrder.objects.values_list("via", flat=True)) == ["import", "webhook"]
    page = client.get("/inbox/toy/").content.decode()
    assert page.count("data-order=") >= 2

    order = Order.objects.get(payment="prepaid")
    client.post(reverse("connectors:sync_order", args=["toy", order.pk]), {"seen": stage.seen(order)})
    order.refresh_from_db()
    assert order.state == "dispatched"
    parcels.mark_packed(order.pk, by=None)
    parcels.mark_shipped(order.pk, tracking_number="IT123456789", by=None)
    assert sweep.tell_due(budget_s=10) == 1
    told = fake.orders.notes(int(InboxOrder.objects.get(order=order).external_id))
    assert any("IT123456789" in note["note"] for note in told)

    assert health.check(shop)
    compare.compare(shop)
    assert "MCI-0001" in Listing.objects.values_list("sku", flat=True)
    card = client.get(reverse("connectors:shop", args=[shop.pk])).content.decode()
    assert 'data-line="webhooks" data-tone="ok"' in card
    assert "Toy Shop" in card
    for name in ("listings", "bulk_match", "proofs", "shop_rules", "reconnect", "disconnect"):
        assert client.get(reverse(f"connectors:{name}", args=[shop.pk])).status_code == 200


@pytest.mark.usefixtures("toy")
def test_many_of_its_orders_go_at_one_click(shop: Any, owner: Any, client_for: Any) -> None:
    Shop.objects.filter(pk=shop.pk).update(platform="toy")
    shop.refresh_from_db()
    ready_shop(shop)
    client = Client()
    for number in (1, 2):
        body = json.dumps(order_body(number, payment_method="stripe", date_paid_gmt="2026-11-20T10:00:00")).encode()
        headers = signed(body, "order.created")
        path = f"/webhooks/toy/{shop.key}/"
        assert client.post(path, data=body, content_type="application/json", headers=headers).status_code == 200
        assert client.post(path, data=body + b" ", content_type="application/json", headers=headers).status_code == 401
    deliveries.drain()
    ids = list(Order.objects.values_list("pk", flat=True))
    assert len(ids) == 2
    client_for(owner).post(
        reverse("connectors:sync", args=["toy"]), {"order": ids, "seen": stage.all_seen(Order.objects.all())}
    )
    runs.advance_due()
    assert set(Order.objects.values_list("state", flat=True)) == {"dispatched"}


def test_without_its_word_in_the_settings_it_is_not_there(shop: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    assert "/inbox/toy/" not in client.get("/").content.decode()
    assert client.get("/inbox/toy/").status_code == 404
    assert Client().post(f"/webhooks/toy/{shop.key}/", data=b"{}", content_type="application/json").status_code in (
        401,
        404,
    )
