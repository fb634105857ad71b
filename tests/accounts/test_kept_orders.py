"""What is sent when the session is over comes back whole, or says that it does not, and is done once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from accounts.kept.middleware import with_form
from accounts.kept.refill import refill
from accounts.models import KeptForm
from orders.entry import half_typed
from orders.models import HalfTyped, Order
from tests import cast
from tests.accounts.test_kept import PAGE, SENT, Browser
from tests.orders import stage
from tests.orders.test_entry_page import filled

pytestmark = pytest.mark.django_db
NEW = "/orders/new/"


@pytest.fixture
def browser() -> Browser:
    return Browser()


def typed_of(page: str) -> dict[str, str]:
    """What the page's entry form would send."""
    form = page.partition('id="entry"')[2].partition("</form>")[0]
    inputs = [dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]*>", form)]
    return {one["name"]: one.get("value", "") for one in inputs if one.get("type") not in ("radio", "checkbox")}


def interrupted(browser: Browser, person: Any, data: dict[str, Any], path: str = NEW) -> str:
    """The page as it comes back after signing in again."""
    token = browser.open(path)
    browser.over()
    assert browser.send(path, token, data).status_code == 302
    row = KeptForm.objects.latest("pk")
    cast.sign_in(browser, person)
    page = browser.get(with_form(row.page, row))
    assert page.status_code == 200
    return str(page.content.decode())


def test_every_row_of_an_order_comes_back(browser: Browser, dropshipper: Any, owner: Any) -> None:
    stage.method()
    skus = [stage.variant(f"MCI-{n}").sku for n in range(3)]
    cast.sign_in(browser, owner)
    page = interrupted(browser, owner, filled(*[(sku, n + 1) for n, sku in enumerate(skus)], do="send"))
    back = typed_of(page)
    assert [back.get(f"lines-{n}-sku") for n in range(3)] == skus
    assert [back[f"lines-{n}-quantity"] for n in range(3)] == ["1", "2", "3"]
    assert back["lines-TOTAL_FORMS"] == "3"
    assert not Order.objects.exists()


def test_what_was_being_kept_is_not_offered_again_when_it_is_sent(
    browser: Browser, dropshipper: Any, owner: Any
) -> None:
    stage.method()
    stage.variant("MCI-1")
    cast.sign_in(browser, owner)
    data = filled(("MCI-1", 1), do="send", window="a", payment="prepaid")
    token = browser.open(NEW)
    assert browser.send(reverse("orders:keep"), token, data, stood_on=NEW).status_code == 200
    assert HalfTyped.objects.filter(state="live").count() == 1
    page = interrupted(browser, owner, data)
    token = browser.open(NEW)
    browser.send(NEW, token, {**data, **typed_of(page), "do": "send", "csrfmiddlewaretoken": token})
    assert Order.objects.count() == 1
    assert half_typed.new_one(dropshipper.pk, owner.pk) is None
    assert "data-resume" not in browser.get(NEW).content.decode()


def test_sent_before_the_session_ended_and_sent_again_after_it_is_one_order(
    browser: Browser, dropshipper: Any, owner: Any
) -> None:
    """The first answer was lost on its way."""
    stage.method()
    stage.variant("MCI-1")
    cast.sign_in(browser, owner)
    data = filled(("MCI-1", 1), do="send", payment="prepaid")
    token = browser.open(NEW)
    assert browser.send(NEW, token, data).status_code == 302
    page = interrupted(browser, owner, data)
    token = browser.open(NEW)
    browser.send(NEW, token, {**data, **typed_of(page), "do": "send", "csrfmiddlewaretoken": token})
    assert Order.objects.count() == 1


def test_an_edit_comes_back_with_its_rows_and_its_version(browser: Browser, dropshipper: Any, owner: Any) -> None:
    method = stage.method()
    for n in range(2):
        stage.variant(f"MCI-{n}")
    order = stage.order(dropshipper, ("MCI-0", 1), method=method)
    cast.sign_in(browser, owner)
    path = reverse("orders:edit", args=[order.pk])
    data = filled(("MCI-0", 1), ("MCI-1", 4), do="send", version=str(order.version), note="citofono")
    Order.objects.filter(pk=order.pk).update(version=order.version + 1)
    back = typed_of(interrupted(browser, owner, data, path))
    assert (back["lines-1-sku"], back["lines-1-quantity"], back["version"]) == ("MCI-1", "4", str(order.version))


def test_what_a_script_sends_in_the_background_is_not_kept(browser: Browser, owner: Any) -> None:
    """The entry form keeps what is typed by itself: once the session is over each try pushed out a form that somebody
    had sent, and left one more message for the sign-in page."""
    cast.sign_in(browser, owner)
    token = browser.open(NEW)
    browser.over()
    for how in ({"Sec-Fetch-Mode": "cors"}, {"X-Requested-With": "fetch"}) * 3:
        browser.send(reverse("orders:keep"), token, filled(("MCI-1", 1)), stood_on=NEW, **how)
    assert not KeptForm.objects.exists()
    assert browser.get("/account/login/").content.decode().count('data-level="warning"') == 0
    assert browser.send(NEW, token, filled(("MCI-1", 1)), **{"Sec-Fetch-Mode": "navigate"}).status_code == 302
    assert KeptForm.objects.count() == 1


def test_a_top_up_that_was_asked_for_before_the_session_ended_is_one(
    browser: Browser, owner: Any, settings: Any
) -> None:
    from wallet.models import TopUp

    settings.SUPPLIER_IBAN = "IT60X0542811101000000123456"
    cast.sign_in(browser, owner)
    path = reverse("wallet:top_up")
    key = browser.get(path).context["form"]["key"].value()
    data = {"key": str(key), "preset": "other", "amount": "123,00"}
    assert browser.send(path, browser.open(path), data).status_code == 302
    page = interrupted(browser, owner, data, path)
    back = re.findall(r'<input[^>]*name="key"[^>]*value="([^"]*)"', page)[0]
    assert back == str(key)
    browser.send(path, browser.open(path), {**data, "key": back})
    assert TopUp.objects.count() == 1


def test_a_page_says_where_not_all_found_its_place() -> None:
    note, button = "<b hidden data-kept-part>x</b>", '<button name="do">x</button>'
    page = PAGE.replace("</form><input", f"{button}</form><input")
    for more, whole in (
        ([], True),
        ([("do", "send"), ("row-9", " ")], True),
        ([("row-9", "typed")], False),
        ([("b", "a third")], False),
    ):
        html = refill(note + page, page="/here/", action="/here/", fields=[*SENT, *more])
        assert html is not None
        assert (note in html) is whole, more
        assert ("<b data-kept-part>" in html) is not whole


@pytest.mark.parametrize("handle", ["%00", "x", "a" * 5000, "%E2%80%AE" * 43, "٣" * 43])
def test_a_handle_that_is_none_is_a_page_without_it(browser: Browser, handle: str) -> None:
    """It is read before what cleans queries; NUL was a 500 on every page."""
    cast.sign_in(browser, cast.member(cast.dropshipper()))
    assert browser.get(f"/settings/?kept={handle}").status_code in (200, 400)
    assert browser.get("/settings/", {"kept": ["\0", "x"]}).status_code in (200, 400)
