"""What is kept of a form when a session ends is what a person typed: a button is no text, and a key is none either."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from accounts.kept import forms
from accounts.kept.refill import is_a_click
from accounts.models import KeptForm
from tests import cast
from tests.accounts.test_kept import Browser
from tests.orders import stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Browser:
    return Browser()


def test_a_button_of_a_list_leads_back_to_the_list_and_nothing_is_done(browser: Browser) -> None:
    company = cast.dropshipper()
    person = cast.member(company)
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(company, "100.00")
    order = stage.order(company, ("MCI-1", 1), method=method)
    cast.sign_in(browser, person)
    here = "/orders/?tab=ready&source=all"
    token = browser.open(here)
    browser.over()
    data = {"key": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "seen": stage.seen(order), "next": here}
    answer = browser.send(f"/orders/{order.pk}/sync/", token, data, stood_on=here)
    there = browser.sign_in_by_hand(person, answer["Location"])["Location"]
    answer = browser.get(there, follow=True)
    assert answer.redirect_chain[-1][0] == here
    page = answer.content.decode()
    assert data["key"] not in page
    assert "mci-toast" in page or "alert" in page
    order.refresh_from_db()
    assert order.state == "ready"
    assert not KeptForm.objects.exists()


def test_the_page_of_what_was_typed_speaks_of_nothing_else(browser: Browser) -> None:
    person = cast.member(cast.dropshipper())
    cast.sign_in(browser, person)
    row = KeptForm(user=person, handle="h" * 43, page="/orders/", action="/orders/gone/")
    row.expires_at = timezone.now() + forms.LIFE
    sent = [
        ["key", "k-e-y"],
        ["seen", "57.83/0.00"],
        ["lines-TOTAL_FORMS", "many"],
        ["lines-0-sku", "SCN-1"],
        ["city", "Bari"],
    ]
    row.fields_sealed = forms.seal(json.dumps(sent), context=row.sealing_context("fields_sealed"))
    row.save()
    page = browser.get(f"/account/kept/{row.handle}/").content.decode()
    assert "SCN-1" in page
    assert "Bari" in page
    assert not any(word in page for word in ("k-e-y", "57.83", "_FORMS", "lines-0"))


PAGE = """<form method="post" action="/do/"><input type="hidden" name="key" value="1">
<button name="act" value="a">A</button></form>
<form method="post" action="/do/">
<input type="hidden" name="key" value="2"><input name="reason"></form>"""


@pytest.mark.parametrize(
    ("fields", "click"),
    [
        ([("key", "1"), ("act", "a")], True),
        ([("key", "2"), ("reason", "")], True),
        ([("key", "2"), ("reason", "Perché no")], False),
        ([("key", "1"), ("note", "from another page")], False),
    ],
)
def test_a_click_is_told_from_what_was_typed(fields: list[tuple[str, str]], click: bool) -> None:
    assert is_a_click(PAGE, page="/", action="/do/", fields=fields) is click
    assert not is_a_click(PAGE, page="/", action="/gone/", fields=fields)
