"""What surrounds every page: the search, a session that ends, the focus, forms that are sent, messages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from orders.models import HalfTyped, Order
from tests import cast
from tests.journeys.eyes import faults, reach
from tests.orders import stage

PASSWORD = "correct horse"
FOCUS = "() => document.activeElement"
NAMED = "() => ((it) => it.id || it.tagName + ':' + (it.name || it.textContent.trim()))(document.activeElement)"
FILL = "html => { const main = document.querySelector('main'); main.innerHTML = html; htmx.process(main); }"
PRESS = """button => {
    const words = button.textContent;
    Object.assign(button, { name: "pressed", value: "yes" });
    button.click();
    setTimeout(() => {
        const busy = button.getAttribute("aria-disabled") === "true", shown = button.textContent !== words;
        sessionStorage.said = [busy, shown, button.form.getAttribute("aria-busy") === "true"].join(" ");
        button.click();
    }, 5);
}"""


def orders(company: Any, many: int = 8) -> list[Order]:
    """Orders that are ready, of a company with money."""
    stage.money(company, "500.00")
    method = stage.method()
    stage.variant("MCI-0001")
    return [stage.order(company, ("MCI-0001", 1), method=method) for _n in range(many)]


def over() -> None:
    """Every session is over, as after fourteen days."""
    Session.objects.all().delete()


def sign_in_by_hand(page: Any, person: Any) -> None:
    page.locator("#id_login").fill(person.email)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Accedi", exact=True).click()


# The search


def test_ctrl_k_of_a_reseller_by_keyboard(browser_page: Any, owner: Any, dropshipper: Any, sign_in: Any) -> None:
    order = orders(dropshipper, 2)[0]
    Order.objects.filter(pk=order.pk).update(name="Zoraide Mastropietro")
    page = browser_page
    sign_in(page, owner)
    page.goto("/orders/new/")
    page.locator("#id_city").focus()
    page.keyboard.press("Control+k")
    field = page.locator("#mci-palette-q")
    expect(field).to_be_focused()
    assert faults(page) == []
    page.keyboard.type("zoraide")
    options = page.locator("#mci-palette [role=option]")
    expect(options.filter(has_text=order.number)).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    first = options.first
    expect(first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", first.get_attribute("id"))
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#mci-palette")).to_be_hidden()
    expect(page.locator("#id_city")).to_be_focused()
    page.locator("h1").click()
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("xyzzyq")
    expect(page.locator(".mci-found-none")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("zoraide")
    expect(options.filter(has_text=order.number)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/orders/{order.pk}/")


def test_ctrl_k_of_the_staff_opens_a_scanned_label(browser_page: Any, dropshipper: Any, sign_in: Any) -> None:
    order = orders(dropshipper, 1)[0]
    page = browser_page
    sign_in(page, cast.staff())
    page.goto("/orders/desk/")
    page.keyboard.press("Control+k")
    page.keyboard.type(order.number)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/orders/desk/{order.pk}/")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_search_without_javascript(
    new_page: Callable[..., Any], owner: Any, dropshipper: Any, sign_in: Any, width: int
) -> None:
    order = orders(dropshipper, 1)[0]
    page = new_page(width=width, java_script_enabled=False)
    sign_in(page, owner)
    page.goto("/orders/")
    if width == 390:
        page.locator("a.mci-find-m").click()
        page.locator("#q").fill("giulia")
        page.locator("#q").press("Enter")
    else:
        page.locator("#mci-search").fill("giulia")
        page.locator("#mci-search").press("Enter")
    page.wait_for_url("**/search/**")
    page.get_by_role("link", name=order.number).first.click()
    page.wait_for_url(f"**/orders/{order.pk}/")


# A session that ends


@pytest.mark.parametrize("how", ["mouse", "keyboard", "no JavaScript"])
def test_a_session_that_ends_in_a_form(
    how: str, new_page: Callable[..., Any], owner: Any, dropshipper: Any, sign_in: Any
) -> None:
    page = new_page(java_script_enabled=how != "no JavaScript")
    sign_in(page, owner)
    page.goto("/settings/")
    page.goto("/settings/")  # the cookie that knows whose page it is came with the first
    page.locator("#id_city").fill("Sant’Agata Feltria")
    over()
    if how == "keyboard":
        page.locator("#id_city").press("Enter")
    else:
        page.get_by_role("button", name="Salva azienda").click()
    page.wait_for_url("**/account/login/**")
    expect(page.locator("#messages details")).to_be_visible()
    sign_in_by_hand(page, owner)
    page.wait_for_url("**/settings/**")
    expect(page.locator("#id_city")).to_have_value("Sant’Agata Feltria")
    dropshipper.refresh_from_db()
    assert dropshipper.city == "Roma"
    page.get_by_role("button", name="Salva azienda").click()
    expect(page.locator("#messages")).to_contain_text("Salvato")
    dropshipper.refresh_from_db()
    assert dropshipper.city == "Sant’Agata Feltria"


def test_a_session_that_ends_under_htmx_leaves_the_page_and_goes_on(
    browser_page: Any, owner: Any, dropshipper: Any, sign_in: Any, console: Any
) -> None:
    orders(dropshipper, 1)
    page = browser_page
    sign_in(page, owner)
    page.goto("/orders/new/")
    page.locator("#id_name").fill("Sara Conti")
    over()
    page.locator("#id_city").fill("Bologna")
    page.keyboard.press("Tab")
    note = page.locator("#mci-session")
    expect(note).to_be_visible()
    expect(page.locator("#id_name")).to_have_value("Sara Conti")
    assert "/orders/new/" in page.url
    assert faults(page) == []
    with page.context.expect_page() as opened:
        note.get_by_role("link").click()
    tab = opened.value
    sign_in_by_hand(tab, owner)
    tab.wait_for_url("**/orders/new/**")
    tab.close()
    page.bring_to_front()
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    expect(note.locator("[data-when=back]")).to_be_visible()
    with page.expect_response(lambda answer: "/orders/preview/" in answer.url and answer.status == 200):
        page.locator("#id_name").fill("Sara Conti Bis")
        page.keyboard.press("Tab")
    console.expect("401")
    # What is kept in the background may meet the new sign-in before the page has its token: refused once, then kept.
    console[:] = [line for line in console if "403" not in line]


@pytest.mark.parametrize("guarded", [True, False])
def test_what_one_has_half_typed_never_becomes_anothers_who_signs_in_in_the_same_browser(
    guarded: bool, browser_page: Any, owner: Any, stranger: Any, sign_in: Any, console: Any
) -> None:
    """Unguarded: the negative control."""
    page = browser_page
    if not guarded:
        check = "if (fresh.body.dataset.mciWho !== document.body.dataset.mciWho) return false;"
        text = (Path(__file__).resolve().parents[2] / "static/orders/half_typed.js").read_text()
        assert check in text
        script = text.replace(check, "")
        page.route("**/half_typed*.js", lambda route: route.fulfill(content_type="text/javascript", body=script))
    sign_in(page, owner)
    page.goto("/orders/new/")
    over()
    tab = page.context.new_page()
    tab.goto("/account/login/")
    sign_in_by_hand(tab, stranger)
    expect(tab.locator("h1")).to_be_visible()
    tab.close()
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 403):
        page.locator("#id_name").fill("Solo per i miei occhi")
    for _n in range(25):  # guarded, it is waited out: what is to be seen is that nothing comes
        page.wait_for_timeout(100)
        if anothers := HalfTyped.objects.exclude(user=owner).exists():
            break
    assert anothers is not guarded
    console.clear()


# Forms that are sent


def test_a_sent_form_says_so_and_is_sent_once(browser_page: Any, owner: Any, dropshipper: Any, sign_in: Any) -> None:
    page = browser_page
    sign_in(page, owner)
    page.goto("/settings/")
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.post_data))
    page.evaluate(PRESS, page.get_by_role("button", name="Salva azienda").element_handle())
    expect(page.locator("#messages")).to_contain_text("Salvato")
    assert page.evaluate("() => sessionStorage.said") == "true true true", "busy, said so, and not to be pressed"
    assert len(sent) == 1
    assert "pressed=yes" in sent[0]
    page.go_back()
    expect(page.get_by_role("button", name="Salva azienda")).to_be_visible()
    assert page.locator(".mci-working").count() == 0
    page.get_by_role("button", name="Salva azienda").click()
    expect(page.locator("#messages")).to_contain_text("Salvato")
    assert len(sent) == 2, "coming back by history frees the form"


def test_a_form_that_the_browser_refuses_is_not_busy(browser_page: Any, owner: Any, sign_in: Any) -> None:
    page = browser_page
    sign_in(page, owner)
    page.goto("/settings/")
    page.evaluate(
        """() => {
            const form = document.querySelector("#id_city").form;
            form.noValidate = false;
            document.querySelector("#id_city").setCustomValidity("no");
        }"""
    )
    page.get_by_role("button", name="Salva azienda").click()
    assert page.locator(".mci-working").count() == 0


# Messages and focus


@pytest.mark.parametrize("java_script", [True, False])
def test_a_message_moves_no_row(
    java_script: bool, new_page: Callable[..., Any], owner: Any, dropshipper: Any, sign_in: Any
) -> None:
    made = orders(dropshipper, 5)
    page = new_page(java_script_enabled=java_script)
    sign_in(page, owner)
    page.goto("/settings/")
    before = page.locator("#id_city").bounding_box()
    page.get_by_role("button", name="Salva azienda").click()
    message = page.locator("#messages details")
    expect(message).to_be_visible()
    assert page.locator("#id_city").bounding_box() == before
    assert made
    if java_script:
        message.hover()  # it does not go while somebody is at it
        assert faults(page) == []
        reach(page, "#messages summary", presses=80)
        page.keyboard.press("Enter")
    else:
        message.locator("summary").click()
    expect(message).to_be_hidden()


def test_the_first_row_is_a_few_tabs_away(browser_page: Any, owner: Any, dropshipper: Any, sign_in: Any) -> None:
    made = orders(dropshipper, 3)
    page = browser_page
    sign_in(page, owner)
    page.goto("/orders/")
    page.keyboard.press("Tab")
    ways = page.evaluate("() => [...document.querySelectorAll('#mci-skips a')].map((link) => link.hash)")
    assert ways[0] == "#content"
    to_list = page.evaluate("() => '#' + document.querySelector('main .scroll').id")
    assert to_list in ways
    for _n in range(ways.index(to_list)):
        page.keyboard.press("Tab")
    expect(page.locator(f"#mci-skips a[href='{to_list}']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(to_list)).to_be_focused()
    page.keyboard.press("Tab")
    for _n in range(4):
        if page.evaluate("() => !!document.activeElement.closest('tr[data-order]')"):
            break
        page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('tr').dataset.order") == str(made[-1].pk)


def test_after_a_swap_the_focus_stays_with_the_reader(
    browser_page: Any, owner: Any, dropshipper: Any, sign_in: Any
) -> None:
    """In a part that is made up here: the rule is the shell's, whatever the page."""
    orders(dropshipper, 1)
    page = browser_page
    sign_in(page, owner)
    page.goto("/orders/")

    def answer(html: str) -> None:
        page.unroute("**/part/**")
        page.route("**/part/**", lambda route: route.fulfill(content_type="text/html", body=html))

    def swap(first: str, then: str, press: str) -> str:
        answer(then)
        page.evaluate(FILL, first)
        page.locator(press).focus()
        with page.expect_response("**/part/**"):
            page.keyboard.press("Enter")
        page.wait_for_timeout(200)
        found: str = page.evaluate(NAMED)
        return found

    way = 'hx-get="/part/" hx-target="#box" hx-swap="outerHTML"'
    box = f'<div id="box"><h2>Titolo</h2><button class="go" name="act" value="1" {way}>Fai</button></div>'
    assert swap(box, box.replace("Fai", "Fatto"), ".go") == "BUTTON:act"
    assert swap(box, '<div id="box"><h2>Fatto</h2><p>Tutto bene</p></div>', ".go") == "H2:Fatto"
    assert swap(box, '<div id="box"><p data-mci-focus tabindex="-1">Da sistemare</p></div>', ".go") == "P:Da sistemare"
    assert swap(box, '<div id="box">Solo testo</div>', ".go") == "box"
    elsewhere = f'<input id="mine">{box}'
    answer("<div id=box>Nuovo</div>")
    page.evaluate(FILL, elsewhere)
    page.locator("#mine").focus()
    with page.expect_response("**/part/**"):
        page.evaluate("() => htmx.trigger('.go', 'click')")
    page.wait_for_timeout(200)
    assert page.evaluate(FOCUS + ".id") == "mine", "who is elsewhere stays there"


def test_without_the_rule_the_focus_is_lost(browser_page: Any, owner: Any, dropshipper: Any, sign_in: Any) -> None:
    """The negative control."""
    orders(dropshipper, 1)
    page = browser_page
    sign_in(page, owner)
    page.route("**/mci/focus*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    page.goto("/orders/")
    page.route("**/part/**", lambda route: route.fulfill(content_type="text/html", body="<p id=new>Fatto</p>"))
    page.evaluate(FILL, '<div id="box"><button class="go" hx-get="/part/" hx-target="#box">Fai</button></div>')
    page.locator(".go").focus()
    with page.expect_response("**/part/**"):
        page.keyboard.press("Enter")
    expect(page.locator("#new")).to_be_visible()
    assert page.evaluate(NAMED).startswith("BODY")


def test_without_the_busy_state_a_form_is_sent_twice(browser_page: Any, owner: Any, sign_in: Any) -> None:
    """The negative control."""
    page = browser_page
    sign_in(page, owner)
    page.route("**/mci/busy*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    page.goto("/settings/")
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    page.evaluate(PRESS, page.get_by_role("button", name="Salva azienda").element_handle())
    expect(page.locator("#messages")).to_contain_text("Salvato")
    assert page.evaluate("() => sessionStorage.said") == "false false false"
    assert len(sent) == 2
