"""Every form of every page, sent with nothing in it: the page that refuses it says so where one reads first, is as
accessible as any other, and nothing that stood there is lost. The forms come from the pages themselves."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests import cast
from tests.journeys import world
from tests.journeys.addresses import READERS
from tests.journeys.eyes import LAYOUT, faults, picture, settle
from tests.mci.filled import Reader
from tests.mci.poison import DEEP, route_of, turn

EMPTIED = """([action, number]) => {
    const here = location.pathname + location.search;
    const leads = (form) => form.getAttribute("action") || form.getAttribute("hx-post") || here;
    const posted = (form) => form.getAttribute("method") === "post" || form.hasAttribute("hx-post");
    const form = [...document.forms].filter((form) => posted(form) && leads(form) === action)[number];
    form.noValidate = true;
    for (const field of form.querySelectorAll("input, textarea, select")) {
        if (field.type === "hidden" || field.name === "csrfmiddlewaretoken") continue;
        if (field.type === "checkbox" || field.type === "radio") field.checked = false;
        else if (field.tagName === "SELECT") field.selectedIndex = -1;
        else field.value = "";
    }
    for (const name of ["hx-post", "hx-get"]) form.removeAttribute(name);  // as without JavaScript: a page of its own
    const button = [...form.elements].find((one) => one.type === "submit" && !one.classList.contains("vh"));
    HTMLFormElement.prototype.requestSubmit.call(form, button ?? undefined);
}"""


TURNS = 1 if DEEP else 3  # a run looks at every third form of a reseller


def refused(person: Any, reader: str, made: dict[str, Any]) -> dict[tuple[str, str, int], str]:
    """(address of the page, where its form leads, its number among those that lead there) → route, of the forms that
    are refused when they come empty; the first of each route and shape."""
    client = Client(raise_request_exception=False)
    if person is not None:
        cast.sign_in(client, person)
    found: dict[tuple[str, str, int], str] = {}
    seen: set[tuple[str, str]] = set()
    for paths in READERS[reader].values():
        for path in paths:
            address = path.format(**made)
            answer = client.get(address)
            if answer.status_code != 200:
                continue
            sheets = [sheet for sheet in Reader(address, answer.content.decode()).sheets if sheet.method == "post"]
            numbers: Counter[str] = Counter()
            for sheet in sheets:
                number, numbers[sheet.action] = numbers[sheet.action], numbers[sheet.action] + 1
                route = route_of(sheet.action)
                shape = ",".join(sorted({re.sub(r"\d+", "#", one.name) for one in sheet.fields}))
                if not route or (route, shape) in seen or route in ("account_logout", "accounts:language"):
                    continue
                seen.add((route, shape))
                data = {one.name: one.value if one.kind == "hidden" else "" for one in sheet.fields}
                name, value, own = next(iter(sheet.buttons), ("", "", ""))
                with transaction.atomic():
                    said = client.post(own or sheet.action, {**data, **({name: value} if name else {})})
                    transaction.set_rollback(True)
                if said.status_code == 422 or (said.status_code == 200 and b'aria-invalid="true"' in said.content):
                    found[address, sheet.action, number] = route
    return found


@pytest.mark.parametrize("reader", ["seller", "staff", "nobody"])
def test_every_refused_form_is_for_everyone(reader: str, new_page: Any, sign_in: Any, console: Any) -> None:
    person, made = world.build(reader)
    found = refused(person, reader, made)
    looked = 0
    page = new_page()
    if person is not None:
        sign_in(page, person)
    wrong: list[str] = []
    for (address, action, number), route in turn(found.items(), TURNS, reader) if reader == "seller" else found.items():
        page.goto(address)
        with page.expect_navigation() as navigation:
            page.evaluate(EMPTIED, [action, number])
        settle(page)
        where = f"{address} → {route}"
        if navigation.value.status == 200 and page.locator("[aria-invalid=true]").count() == 0:
            continue  # a browser cannot leave a choice empty: with the first of its options the form is right
        looked += 1
        if navigation.value.status not in (200, 422):  # 200: the pages of django-allauth
            wrong.append(f"{where}: {navigation.value.status}")
        if not re.match(r"Errore", page.title()):
            wrong.append(f"{where}: the title is {page.title()!r}")
        if not page.evaluate("document.activeElement?.closest('[role=alert], main') !== null"):
            wrong.append(f"{where}: the focus is not where the error is")
        if page.locator("[role=alert]:visible, .errorlist:visible, [aria-invalid=true]:visible").count() == 0:
            wrong.append(f"{where}: no error is to be seen")
        for width, scheme, rules in ((1440, "light", None), (390, "dark", LAYOUT), (320, "light", ["target-size"])):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            wrong += [f"{where} {width} {scheme}: {fault}" for fault in faults(page, rules)]
            picture(page, f"{reader}-refused-{address}-{route}-{number}-{width}-{scheme}")
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(color_scheme="light")
        if navigation.value.status == 422:
            console.expect("422")
        wrong += [f"{where} console: {line}" for line in console]
        console.clear()
    assert not wrong, "\n".join(wrong)
    assert looked >= {"seller": 8 // TURNS, "staff": 3, "nobody": 2}[reader], found
