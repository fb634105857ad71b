"""The wallet in a browser: money asked for, credited by staff, seen; by keyboard, without JavaScript, for everyone."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal as D
from typing import Any

from django.utils import timezone

from tests import cast


def faults(page: Any) -> list[str]:
    """What axe finds, and whether the page is wider than its window."""
    from axe_playwright_python.sync_playwright import Axe

    # A colour on its way from light to dark is neither.
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.evaluate("Promise.all(document.getAnimations().map(moving => moving.finished.catch(() => null)))")
    found = [f"{fault['id']}: {fault['nodes'][0]['html'][:120]}" for fault in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append("wider than the window")
    return found


def reach(page: Any, selector: str) -> None:
    """Tab until the element has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by keyboard")


def test_a_top_up_is_asked_for_and_credited_by_keyboard_alone(new_page: Any, sign_in: Any) -> None:
    from wallet.models import TopUp

    company = cast.dropshipper()
    owner, staff = cast.member(company), cast.staff()
    page = new_page()
    sign_in(page, owner)
    page.goto("/wallet/")
    reach(page, "input[name='preset']")
    while page.evaluate("document.activeElement.value") != "other":
        page.keyboard.press("ArrowRight")
    reach(page, "#id_amount")
    page.keyboard.type("123,45")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-causale]")
    made = TopUp.objects.get()
    assert (made.amount, made.dropshipper_id) == (D("123.45"), company.pk)
    assert page.locator("[data-causale]").inner_text() == made.causale
    reach(page, "form[action$='/sent/'] button")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-status='sent']")

    desk = new_page()
    sign_in(desk, staff)
    desk.goto("/wallet/desk/top-ups/")
    row = desk.locator(f"[data-top-up='{made.pk}']")
    assert row.locator("[data-after]").get_attribute("data-after") == "123.45"
    # Enter in the field of the reason rejects nothing while it is empty, and credits nothing ever.
    row.locator("summary").click()
    row.locator("[name='reason']").press("Enter")
    assert TopUp.objects.get().status == "sent"
    reach(desk, "button[name='decision']")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(".note-ok")
    assert row.count() == 0

    page.goto("/wallet/")
    assert page.locator("[data-available]").get_attribute("data-available") == "123.45"
    assert page.locator("tr[data-kind='top_up']").get_attribute("data-balance") == "123.45"


def test_it_works_without_javascript(new_page: Any, sign_in: Any) -> None:
    from wallet.models import TopUp

    owner = cast.member(cast.dropshipper())
    page = new_page(java_script_enabled=False)
    sign_in(page, owner)
    page.goto("/wallet/top-up/?amount=14.10")
    page.locator("main form button").click()
    page.locator("form[action$='/sent/'] button").click()
    made = TopUp.objects.get()
    assert (made.amount, made.status) == (D("14.10"), "sent")

    desk = new_page(java_script_enabled=False)
    sign_in(desk, cast.staff())
    desk.goto("/wallet/desk/top-ups/")
    desk.locator(f"[data-top-up='{made.pk}'] summary").click()
    desk.locator("[name='reason']").fill("Not on our account")
    desk.locator("[name='reason']").press("Enter")
    desk.wait_for_load_state("load")
    made.refresh_from_db()
    assert (made.status, made.reason) == ("rejected", "Not on our account")
    page.reload()
    assert page.locator("[data-note]", has_text="Not on our account").count() == 1


WINDOWS = [(1440, "light"), (1440, "dark"), (1024, "light"), (390, "light"), (320, "light")]


def test_every_page_is_for_everyone_at_every_width(new_page: Any, sign_in: Any, console: Any) -> None:
    from tests.wallet.books import sale, top_up
    from wallet import moves, topups

    company = cast.dropshipper(name="Bottega di Giovanni Mastropietro & Figli S.n.c.")
    owner, staff = cast.member(company), cast.staff()
    now = timezone.now()
    top_up(company, "123456.78", at=now - dt.timedelta(days=20))
    for n in range(1, 61):
        day = now - dt.timedelta(days=20 - n // 4)
        moves.sell([sale(company, f"order:{n}", cod=n % 3 == 0)], by=None, at=day)
    moves.adjust(company.pk, D("-3.40"), "W" * 150, owner.pk)
    asked = [topups.request(company.pk, D("1250.00"), key=uuid.uuid4(), by=owner.pk) for _ in range(4)]
    topups.mark_sent(asked[1].pk)
    topups.credit(asked[2].pk, by=staff.pk)
    topups.reject(asked[3].pk, reason="W" * 150, by=staff.pk)
    found: dict[tuple[str, int, str], list[str]] = {}

    def look(page: Any, name: str) -> None:
        page.evaluate("document.querySelectorAll('main details').forEach(part => { part.open = true; })")
        for width, scheme in WINDOWS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            if what := faults(page):
                found[name, width, scheme] = what

    mine, desk, fresh = (new_page() for _ in range(3))
    for page, person in ((mine, owner), (desk, staff), (fresh, cast.member(cast.dropshipper()))):
        sign_in(page, person)
    for page, addresses in (
        (mine, ["", "?account=held&days=365", "?first=2020-01-01&last=2020-01-02&type=top_up", "top-up/", "top-ups/"]),
        (mine, [f"top-ups/{made.pk}/" for made in asked]),
        (desk, ["desk/top-ups/", "desk/top-ups/?show=decided"]),
        (fresh, ["", "top-ups/"]),
    ):
        for address in addresses:
            page.goto(f"/wallet/{address}")
            look(page, address)
    mine.goto("/wallet/top-up/?amount=nonsense")
    mine.locator("main form button").click()
    mine.wait_for_selector("[data-mci-focus]")
    assert mine.evaluate("document.activeElement.matches('[data-mci-focus]')")
    look(mine, "refused")
    console.expect("422")
    assert found == {}
