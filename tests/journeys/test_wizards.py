"""The wizard of each platform as a shop owner would try it who is no programmer: wrong first, by mouse, by keyboard, on
a phone, without JavaScript; and a new company from its sign-up to its first order that is sent, with a demo shop."""

from __future__ import annotations

import email
import importlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from email import policy
from pathlib import Path
from typing import Any

import pytest

from tests import cast, processes
from tests.connectors.conftest import KEY, SECRET, make_goods
from tests.journeys.eyes import faults, picture, reach

SHOPIFY = ("mci-portal", "whisper-0123456789")  # the portal's own app
APP = ("mci-client", "hush-hush-0123")
PASSWORD = "una-frase-lunga-e-mia-2026"
RULES = re.compile(r"/shops/\d+/rules/")


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.2)
    return found


def ask_which(page: Any, address: str) -> str:
    """The first page's question; what it answered."""
    page.goto("/shops/connect/")
    page.locator("[name=address]").fill(address)
    page.locator("[name=address]").press("Enter")
    page.locator("#guess").wait_for()
    return str(page.locator("#guess").get_attribute("data-guess"))


def send(page: Any, **typed: str) -> None:
    for name, value in typed.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("#go").click()


def trouble(page: Any, code: str) -> None:
    """The attempt has failed with this, and its page says what to do."""
    page.locator("#mend").wait_for(timeout=60_000)
    assert page.locator("#connecting").get_attribute("data-trouble") == code
    assert page.locator(".mci-mend li").count()


def fields_shown(page: Any) -> set[str]:
    names = page.locator("main form input:not([type=hidden]):not([type=radio])")
    return {str(one.get_attribute("name")) for one in names.all() if one.is_visible()}


def test_woocommerce_with_wrong_keys_first_then_by_approval(
    web: str, new_page: Any, sign_in: Any, console: Any, celery_worker_process: Any
) -> None:
    from connectors.models import Shop
    from demo.shops.woocommerce import FakeShop

    make_goods()
    page = new_page()
    sign_in(page, cast.member(cast.dropshipper()))
    with FakeShop(deliver_after=0) as shop:
        read_only = shop.keys.add(permissions="read")
        for typed, kind in (("il mio negozio", "wrong"), ("www.amazon.it/shops/x", "marketplace"), ("x.it", "unknown")):
            assert ask_which(page, typed) == kind
        assert ask_which(page, f"{shop.url}/wp-admin/") == "sure"
        assert faults(page) == []
        picture(page, "wizard-woocommerce-1-guess")
        page.locator("[data-platform=woocommerce] a.btn-primary").click()
        assert fields_shown(page) == {"address"}
        assert page.locator("[name=address]").input_value().endswith("/wp-admin/")
        page.locator("[name=mode][value=keys]").check()
        assert fields_shown(page) == {"address", "consumer_key", "consumer_secret"}
        assert faults(page) == []
        picture(page, "wizard-woocommerce-2-keys")

        send(page, consumer_key="la mia chiave", consumer_secret="non so")
        page.locator("main [role=alert]").first.wait_for()
        console.expect("422")
        send(page, consumer_key=read_only["consumer_key"], consumer_secret=read_only["consumer_secret"])
        trouble(page, "key_read_only")
        assert "/shops/connect/wordpress/" in page.locator("#other").get_attribute("href")
        assert faults(page) == []
        picture(page, "wizard-woocommerce-3-read-only")
        page.locator("#mend").click()
        send(page, address="http://127.0.0.1:9", consumer_key=KEY, consumer_secret=SECRET)
        trouble(page, "shop_unreachable")
        page.go_back()
        page.goto("/shops/connect/woocommerce/")
        assert fields_shown(page) == {"address"}  # the recommended way again, with no key in it
        send(page, address=shop.url)
        page.locator("#approve").click(timeout=30_000)
        page.locator(".wc-auth-deny").click()
        page.locator("#connecting[data-step=declined]").wait_for()
        page.locator("#connecting a.btn-primary").click()
        page.locator("#approve").click()
        page.locator(".wc-auth-approve").click()
        page.locator("#confirm").click(timeout=30_000)
        page.wait_for_url(RULES, timeout=30_000)
        assert Shop.objects.get().address == shop.url
        page.goto("/shops/connect/woocommerce/")  # a second time: it says so, and leads there
        send(page, address=shop.url)
        page.locator(".mci-known a").click()
        console.expect("422")
        page.wait_for_url(re.compile(r"/shops/\d+/$"))


def test_shopify_by_keyboard_with_its_own_domain_first(
    web: str, new_page: Any, sign_in: Any, console: Any, celery_worker_process: Any
) -> None:
    from connectors.models import Shop
    from demo.shops.shopify import FakeShop

    page = new_page()
    sign_in(page, cast.member(cast.dropshipper()))
    with FakeShop(deliver_after=0) as shop:
        shop.register_app(*APP)
        page.goto("/shops/connect/")
        reach(page, "[name=address]")
        page.keyboard.type("https://www.casabella.it/collections/lampade")
        page.keyboard.press("Enter")
        assert page.locator("#guess").get_attribute("data-guess") == "likely"
        reach(page, "[data-platform=shopify] a.btn")
        page.keyboard.press("Enter")
        page.wait_for_url("**/shops/connect/shopify/**")
        reach(page, "[name=mode]:checked")
        assert fields_shown(page) == {"address", "client_id", "client_secret"}
        page.keyboard.press("ArrowDown")
        assert fields_shown(page) == {"address", "client_secret", "access_token"}
        page.keyboard.press("ArrowUp")
        assert fields_shown(page) == {"address", "client_id", "client_secret"}
        assert "write_orders" in page.locator("[data-way=own_app]").first.inner_text()
        assert faults(page) == []
        reach(page, "[name=client_id]")
        page.keyboard.type(APP[0])
        reach(page, "[name=client_secret]")
        page.keyboard.type(APP[1])
        page.keyboard.press("Enter")
        page.locator("main [role=alert]").first.wait_for()  # its own domain is not what Shopify calls it
        console.expect("422")
        assert ".myshopify.com" in page.locator("main [role=alert]").first.inner_text()
        picture(page, "wizard-shopify-1-own-domain")
        page.locator("[name=address]").fill(shop.url)
        reach(page, "[name=client_secret]")
        page.keyboard.type("sbagliato-0123")
        page.keyboard.press("Enter")
        page.locator("#approve").wait_for(timeout=30_000)
        page.locator("#approve").press("Enter")
        for box in page.locator("[name^=grant_]").all()[:1]:
            box.uncheck()
        page.locator("[name=decision][value=install]").click()
        page.locator("main .mci-blank, main .blank, #connecting").first.wait_for(timeout=30_000)
        picture(page, "wizard-shopify-2-wrong-secret")
        assert not Shop.objects.exists()

        page.goto("/shops/connect/shopify/")
        send(page, address=shop.url, client_id=APP[0], client_secret=APP[1])
        page.locator("#approve").click(timeout=30_000)
        page.locator("[name=grant_write_publications]").uncheck()
        page.locator("[name=decision][value=install]").click()
        trouble(page, "not_all_granted")
        assert faults(page) == []
        picture(page, "wizard-shopify-3-not-all")
        page.locator("#mend").click()
        send(page, client_secret=APP[1])
        page.locator("#approve").click(timeout=30_000)
        page.locator("[name=decision][value=install]").click()
        page.locator("#confirm").click(timeout=30_000)
        page.wait_for_url(RULES, timeout=30_000)
        assert Shop.objects.get().address == shop.url


def test_wordpress_on_a_phone_without_javascript_and_taken_up_again_in_another_tab(
    web: str, new_page: Any, sign_in: Any, console: Any, celery_worker_process: Any
) -> None:
    from connectors.models import Shop
    from demo.shops.wordpress import FakeShop

    page = new_page(width=390, height=800, java_script_enabled=False)
    sign_in(page, cast.member(cast.dropshipper()))
    with FakeShop(deliver_after=0) as shop:
        page.goto("/shops/connect/")
        page.locator("[data-platform=wordpress] a.btn").click()
        send(page, address=shop.url)
        page.wait_for_url("**/shops/connecting/**")
        shop.without_woocommerce = True

        def step(wanted: str) -> bool:
            page.reload()
            return page.locator(f"#connecting[data-step={wanted}]").count() == 1

        wait_for(lambda: step("pair"), "the code")
        here = page.url
        code = page.locator("[data-code]").inner_text()
        picture(page, "wizard-wordpress-1-code-390")
        page.goto("/shops/connect/")  # closed, and come back: the connection that was begun is found
        page.locator(".mci-begun a").click()
        assert page.url == here
        admin = new_page(width=390, height=800, java_script_enabled=False)
        admin.goto(f"{shop.url}/wp-admin/admin.php?page=mci-connector")
        admin.locator("[name=code]").fill(code)
        admin.locator("[name=portal]").fill(web)
        admin.get_by_role("button", name="Continua").click()
        with admin.expect_response(lambda answer: answer.status == 422):  # WooCommerce is off there
            admin.get_by_role("button", name="Collega").click()
        admin.locator("[role=alert]").wait_for()
        shop.without_woocommerce = False
        admin.locator("[name=code]").fill(code)
        admin.get_by_role("button", name="Continua").click()
        admin.get_by_role("button", name="Collega").click()
        wait_for(lambda: step("pending"), "the question whether it is his")
        with page.expect_navigation():  # a reload in the middle of it would be one of no page
            page.locator("#confirm").click()
        wait_for(lambda: page.goto(here) and RULES.search(page.url), "the rules")
        picture(page, "wizard-wordpress-2-rules-390")
        assert Shop.objects.get().address == shop.url
        console[:] = [line for line in console if "422" not in line]  # the browser tells of it at times, not always


@dataclass(frozen=True)
class Demo:
    """A portal with a demo shop of each platform, the worker it needs, and the letters it sends."""

    portal: str
    work: Callable[[], AbstractContextManager[Any]]
    fronts: dict[str, Any]
    letters: Path


@pytest.fixture(scope="module")
def demo(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """As in `make run`: nobody knows a key."""
    from demo.shops import shopify, woocommerce, wordpress

    letters = tmp_path_factory.mktemp("letters")
    kinds = {"woocommerce": woocommerce.FakeShop, "shopify": shopify.FakeShop, "wordpress": wordpress.FakeShop}
    names = {"woocommerce": "DEMO_SHOP_URL", "shopify": "DEMO_SHOPIFY_URL", "wordpress": "DEMO_WORDPRESS_URL"}
    with ExitStack() as stack:
        fronts = {slug: stack.enter_context(kind(deliver_after=0.2)) for slug, kind in kinds.items()}
        env = {names[slug]: front.url for slug, front in fronts.items()}
        env |= {
            "EMAIL_URL": f"filemail:///{letters}",
            "SHOPIFY_CLIENT_ID": SHOPIFY[0],
            "SHOPIFY_CLIENT_SECRET": SHOPIFY[1],
        }
        portal = stack.enter_context(processes.web_server(processes.free_port(), **env))
        yield Demo(portal, stack.enter_context(processes.celery_workers(SITE_URL=portal, **env)), fronts, letters)


@pytest.mark.parametrize("slug", ["woocommerce", "shopify", "wordpress"])
def test_from_the_sign_up_to_the_first_order_that_is_sent(
    slug: str, new_page: Any, web: str, demo: Demo, console: Any
) -> None:
    from accounts.companies import approval
    from accounts.models import Dropshipper, User
    from connectors.models import Shop
    from demo.shops.guests import Guests
    from orders.models import Order
    from tests.orders import stage

    make_goods()
    from catalog import stock
    from catalog.models import Variant

    method = stage.method()
    stock.receive_all(dict.fromkeys(Variant.objects.values_list("pk", flat=True), 20), by=None, reference="inventory")
    staff = cast.staff()
    server = importlib.import_module(f"demo.shops.{slug}.server")
    front, portal = demo.fronts[slug], demo.portal
    with demo.work():

        def fit(guest: Any) -> None:
            if slug == "shopify":
                guest.register_app(*SHOPIFY)
            elif slug == "wordpress":
                server.know_the_portal(guest, portal)

        front.guests = Guests(server.Shop, home=front.url, folder=None, fit=fit, deliver_after=0.2)
        page = new_page()
        sign_up(page, portal, demo.letters, f"ada@{slug}.example")
        company = Dropshipper.objects.get(name="Prima Luce S.r.l.")
        approval.approve(company.pk, by=staff)
        stage.money(company, "100.00")
        page.goto(f"{portal}/shops/connect/")
        picture(page, f"first-{slug}-1-choose")
        page.locator(f"[data-demo={slug}]").click()
        assert page.locator("[data-is-demo]").is_visible()
        page.locator("#go").click()
        page.locator("[name=prove-password]").fill(PASSWORD)  # he came in by the letter: that proved no password
        page.locator("main form button.btn-primary").click()
        console.expect("403")
        approve(slug, page)
        page.locator("#confirm").click(timeout=30_000)
        page.wait_for_url(RULES, timeout=30_000)
        shop = Shop.objects.get()
        assert (shop.platform, shop.dropshipper) == (slug, company)
        assert shop.address.startswith(f"{front.url}/prova/prima-luce-")
        assert page.locator("#order-there").get_attribute("href") == f"{shop.address}/"
        with page.context.expect_page() as opened:
            page.locator("#order-there").click()
        order_in(opened.value, shop.address)
        wait_for(lambda: Order.objects.filter(source=slug).exists(), "the order in the inbox")
        order = Order.objects.get(source=slug)
        page.goto(f"{portal}/inbox/{slug}/")
        row = page.locator(f"tr[data-order='{order.pk}']")
        with page.expect_response(re.compile(rf"/inbox/{slug}/\d+/")):
            row.locator("select[name=method]").select_option(str(method.pk))
        with page.expect_response(re.compile(rf"/inbox/{slug}/\d+/")):
            row.locator("button.syncb").click()
        picture(page, f"first-{slug}-2-sent")
        order.refresh_from_db()
        assert order.state == "dispatched"
        assert User.objects.filter(email=f"ada@{slug}.example").exists()


def sign_up(page: Any, portal: str, letters: Path, address: str) -> None:
    before = set(letters.iterdir())
    page.goto(f"{portal}/account/signup/")
    typed = {
        "contact": "Ada Bianchi",
        "email": address,
        "password1": PASSWORD,
        "name": "Prima Luce S.r.l.",
        "vat_number": cast.vat_number(),
        "sdi_code": "M5UXCR1",
        "phone": "+39 011 5550100",
        "street": "Via Po 1",
        "postcode": "10123",
        "city": "Torino",
        "province": "TO",
    }
    for name, value in typed.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("form.mci-card button[type=submit]").click()

    page.wait_for_url("**/confirm-email/")

    def letter() -> str:
        for path in set(letters.iterdir()) - before:
            for part in email.message_from_bytes(path.read_bytes(), policy=policy.default).walk():
                text = part.get_content() if part.get_content_type() == "text/plain" else ""
                if found := re.search(r"http://\S+/account/confirm-email/\S+", text):
                    return found[0]
        return ""

    page.goto(wait_for(letter, "the letter that confirms the address"))
    if page.locator("main form button[type=submit]").count():
        page.locator("main form button[type=submit]").first.click()


def approve(slug: str, page: Any) -> None:
    """The shop's own page: no password, no key."""
    if slug == "wordpress":
        with page.context.expect_page() as opened:
            page.locator("#approve").click(timeout=30_000)
        admin = opened.value
        admin.get_by_role("button", name="Continua").click()  # code and portal are in their fields
        admin.get_by_role("button", name="Collega").click()
        return
    page.locator("#approve").click(timeout=30_000)
    page.locator(".wc-auth-approve" if slug == "woocommerce" else "[name=decision][value=install]").click()


def order_in(page: Any, address: str) -> None:
    """The demo shop's checkout, as a customer uses it: cash on delivery."""
    page.goto(f"{address}/")
    page.locator("main form button").first.click()
    page.goto(f"{address}/checkout/")
    typed = {
        "first_name": "Giulia",
        "last_name": "Rossi",
        "address_1": "Via Garibaldi 12",
        "postcode": "10122",
        "city": "Torino",
        "phone": "+39 333 1234567",
        "email": "giulia@example.com",
    }
    for name, value in typed.items():
        page.locator(f"[name={name}]").fill(value)
    state = page.locator("[name=state]")
    (state.select_option if state.evaluate("node => node.tagName") == "SELECT" else state.fill)("TO")
    page.locator("[name=payment_method][value=cod]").check()
    page.locator("main form button").last.click()
    page.wait_for_url(re.compile("order-received|grazie|thank"))
