"""The administration in a real browser, from its registry: names for all its inputs (axe), nothing wider than the
window, a clean console under the strict policy; in both themes, on a desk and on a phone.

`MCI_SHOTS=folder` keeps a picture of each page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin import site
from django.urls import reverse

from tests import cast
from tests.journeys import world as worlds
from tests.journeys.eyes import LAYOUT, faults, picture, wider
from tests.journeys.test_second_factor import give_password
from tests.mci import admin_pages, poison
from tests.mci.poison import turn

# A page in one theme whole at 1440; what depends on the width elsewhere. The other theme: the next page of its model.
WIDTHS = ((1024, 900, None), (390, 844, LAYOUT), (320, 844, None))
SLOW = {"popup", "no result", "add in a popup"}  # like another page but for a frame: axe at one width


def signed_in(new_page: Any, person: Any) -> Any:
    """By the sign-in page, with the code of the app: as staff come to the administration."""
    page = new_page()
    give_password(page, person)
    page.locator("#id_code").fill(cast.app_code())
    with page.expect_navigation():
        page.locator("#id_code").press("Enter")
    return page


def states(model: Any) -> Iterator[tuple[str, str]]:
    """The pages of one model; of its rows the newest."""
    seen = set[str]()
    for state, address in admin_pages.addresses(model):
        kind = state.partition(" ")[0] if state.startswith("change") else state
        if kind not in seen:
            seen.add(kind)
            yield kind, address


HOLLOW = """() => {
    const out = [...document.querySelectorAll("div.readonly")].find((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return node.checkVisibility() && node.offsetHeight > range.getBoundingClientRect().height + 60;
    });
    return out ? "a field much taller than what it says: " + out.outerHTML.slice(0, 160) : "";
}"""


def look(page: Any, name: str, scheme: str, *, whole: bool) -> list[str]:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 1440, "height": 900})
    wrong = [f"1440 {scheme}: {fault}" for fault in faults(page)]
    picture(page, f"admin {name} 1440 {scheme}")
    for width, height, rules in WIDTHS if whole else WIDTHS[2:]:
        page.set_viewport_size({"width": width, "height": height})
        found = faults(page, rules) if rules else [*filter(None, [wider(page)])]
        wrong += [f"{width} {scheme}: {fault}" for fault in found]
        wrong += [f"{width} {scheme}: {fault}" for fault in filter(None, [page.evaluate(HOLLOW)])]
        if width == 390:
            picture(page, f"admin {name} 390 {scheme}")
    return wrong


PARTS = ("accounts auth catalog", "shipping wallet orders", "connectors")


def test_every_model_is_looked_at() -> None:
    labels = {model._meta.app_label for model in site._registry}
    assert labels == set(" ".join(PARTS).split())


@pytest.mark.parametrize("part", PARTS)
def test_every_page_of_the_administration_is_for_everyone(part: str, new_page: Any, console: Any) -> None:
    person, _made = worlds.build("staff")
    page = signed_in(new_page, person)
    found: dict[str, list[str]] = {}
    judged = 0

    def judge(name: str, *, whole: bool = True) -> None:
        nonlocal judged
        judged += 1
        wrong = [f"console: {line}" for line in console]
        wrong += look(page, name, ("light", "dark")[(judged + poison.seed) % 2], whole=whole)
        console.clear()  # axe reads the style sheets again in a way that the policy forbids it
        if wrong:
            found[name] = wrong

    if part == PARTS[0]:
        for name, address in turn(admin_pages.outside(), 2, "outside"):
            page.goto(address)
            judge(name)
    for model in site._registry:
        if model._meta.app_label not in part.split():
            continue
        for state, address in turn(states(model), 5, model._meta.label):
            answer = page.goto(address)
            if answer.status == 403:  # nobody adds, changes or deletes such rows
                console.expect("403")
                continue
            assert answer.status == 200, address
            judge(f"{model._meta.label} {state}", whole=state not in SLOW)
            if state in ("add", "stock"):
                submit = page.locator("main [type=submit]").first
                page.evaluate("document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })")
                with page.expect_navigation():
                    submit.click()
                console[:] = [line for line in console if "422" not in line]
                if page.locator(".errorlist").count():
                    judge(f"{model._meta.label} {state} with errors", whole=False)
        for action in turn(_actions(page, model), 5, model._meta.label):
            _choose(page, model, action)
            judge(f"{model._meta.label} action {action}", whole=False)
    assert judged > (10 if poison.DEEP else 0)  # with some seeds a room's turn has few pages
    assert not found, "\n".join(f"{name}: {fault}" for name, wrong in found.items() for fault in wrong)


def _actions(page: Any, model: Any) -> list[str]:
    page.goto(reverse(admin_pages.name_of(model, "changelist")))
    return admin_pages.actions(page.content())


def _choose(page: Any, model: Any, action: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse(admin_pages.name_of(model, "changelist")))
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option(action)
    with page.expect_navigation():
        page.locator("button[name=index]").click()


def test_an_open_autocomplete_has_names(new_page: Any, sign_in: Any, console: Any) -> None:
    """Its box, its search field and its list, closed and open, and in an inline that is added."""
    person, _made = worlds.build("staff")
    page = new_page()
    sign_in(page, person)
    page.goto(reverse("admin:catalog_product_add"))
    page.locator(".field-category .select2-selection").click()
    page.locator(".select2-results__option").first.wait_for()
    page.locator(".loading-results").wait_for(state="detached")
    assert not console
    wrong = faults(page)
    console.clear()  # axe, as above
    assert wrong == []
    page.goto(reverse("admin:accounts_dropshipper_add"))
    page.locator(".add-row a").click()
    page.locator("#members-0 .select2-selection").wait_for()
    page.wait_for_timeout(100)
    assert not console
    wrong = faults(page)
    console.clear()
    assert wrong == []


def test_a_phone_reaches_the_menu_the_filters_and_the_action(new_page: Any, sign_in: Any) -> None:
    person, _made = worlds.build("staff")
    page = new_page(width=390, height=844)
    sign_in(page, person)
    page.goto(reverse("admin:orders_order_changelist"))
    boxes = page.evaluate(
        """() => [...document.querySelectorAll("main a, main button, main input, main select, header a, header button")]
            .map((node) => [node.outerHTML.slice(0, 90), node.getBoundingClientRect()])
            .filter(([_html, box]) => box.width && box.height && (box.width < 24 || box.height < 18))
            .map(([html]) => html)"""
    )
    assert boxes == []
    page.locator("#searchbar").fill("xyzzy")
    page.locator("#searchbar").press("Enter")
    page.wait_for_url(re.compile("q=xyzzy"))
    assert page.locator(".mci-nothing").is_visible()
