"""A session that ends in the middle of a form loses nothing, and gives nothing to anybody else."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import pkgutil
import uuid
from html import unescape
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.core import signing
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from accounts.kept import forms as kept_forms
from accounts.kept.middleware import with_form
from accounts.kept.refill import refill
from accounts.models import Dropshipper, KeptForm, User
from mci.database import retention
from tests import cast
from tests.accounts.test_settings_page import data_of

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse"


class Browser(Client):
    """With CSRF checks and a Referer, as a browser has them."""

    def __init__(self) -> None:
        super().__init__(enforce_csrf_checks=True)

    def open(self, path: str) -> str:
        """Looks at a page; its token is what the form of that page sends, whatever happens in between."""
        answer = self.get(path)
        assert answer.status_code == 200, path
        return str(answer.context["csrf_token"])

    def send(self, path: str, token: str, data: dict[str, Any], *, stood_on: str = "", **headers: str) -> Any:
        headers = {"Referer": f"http://testserver{stood_on or path}", **headers}
        return self.post(path, {"csrfmiddlewaretoken": token, **data}, headers=headers)

    def over(self) -> None:
        """The session is no more; the other cookies are."""
        self.session.flush()

    def sign_in_by_hand(self, person: User, to: str = "/account/login/") -> Any:
        page = self.get(to)
        data = {"login": person.email, "password": PASSWORD, "next": page.context["redirect_field_value"] or ""}
        return self.send("/account/login/", str(page.context["csrf_token"]), data)


@pytest.fixture
def browser() -> Browser:
    return Browser()


def half_typed(browser: Browser, company: Dropshipper, person: User, **typed: str) -> tuple[str, dict[str, str]]:
    cast.sign_in(browser, person)
    return browser.open("/settings/"), data_of(company, city='Sant’Agata "Bolognese" <b>', **typed)


def test_what_was_typed_comes_back_after_signing_in_again(browser: Browser) -> None:
    company = cast.dropshipper()
    person = cast.member(company)
    token, data = half_typed(browser, company, person)
    browser.over()
    answer = browser.send("/settings/", token, data)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/?next=/settings/%3Fkept%3D") or "kept%3D" in answer["Location"]
    company.refresh_from_db()
    assert company.city == "Roma"
    signed_in = browser.sign_in_by_hand(person, answer["Location"])
    assert signed_in.status_code == 302
    assert signed_in["Location"].startswith("/settings/?kept=")
    page = browser.get(signed_in["Location"])
    text = page.content.decode()
    assert page.status_code == 200
    assert escape(data["city"]) in text
    assert "?kept=" not in text.replace(str(signed_in["Location"]), ""), "links of the page do not carry it on"
    company.refresh_from_db()
    assert company.city == "Roma", "nothing is done by itself"
    assert browser.send("/settings/", str(page.context["csrf_token"]), data).status_code == 302
    company.refresh_from_db()
    assert company.city == data["city"].strip()


def test_without_the_keeping_it_is_lost(browser: Browser, settings: Any) -> None:
    """The negative control."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != "accounts.kept.middleware.KeptMiddleware"]
    company = cast.dropshipper()
    person = cast.member(company)
    token, data = half_typed(browser, company, person)
    browser.over()
    assert "kept" not in browser.send("/settings/", token, data)["Location"]
    assert not KeptForm.objects.exists()


def test_another_person_who_signs_in_in_the_same_browser_sees_nothing_of_it(browser: Browser) -> None:
    company, other = cast.dropshipper(), cast.dropshipper()
    person, stranger = cast.member(company), cast.member(other)
    token, data = half_typed(browser, company, person)
    browser.over()
    to = browser.send("/settings/", token, data)["Location"]
    signed_in = browser.sign_in_by_hand(stranger, to)
    page = browser.get(signed_in["Location"])
    assert page.status_code == 200
    assert escape(data["city"]).encode() not in page.content
    row = KeptForm.objects.get()
    assert row.user == person
    assert browser.get(f"/account/kept/{row.handle}/").status_code == 404
    # Not even with the page that the first had open.
    answer = browser.send("/settings/", token, data)
    assert answer.status_code == 403
    assert escape(data["city"]).encode() not in answer.content
    assert KeptForm.objects.get() == row, "nor is it kept for the second"
    for colleague in (cast.member(company), cast.staff()):
        cast.sign_in(browser, colleague)
        assert browser.get(f"/account/kept/{row.handle}/").status_code == 404


def test_a_token_that_turned_over_in_another_tab_loses_nothing(browser: Browser) -> None:
    company = cast.dropshipper()
    person = cast.member(company)
    token, data = half_typed(browser, company, person)
    browser.over()
    assert browser.sign_in_by_hand(person)["Location"] == "/"  # the other tab
    browser.get("/")
    answer = browser.send("/settings/", token, data)
    assert answer.status_code == 403
    row = KeptForm.objects.get()
    assert f"/settings/?kept={row.handle}" in unescape(answer.content.decode())
    assert escape(data["city"]) in browser.get(f"/settings/?kept={row.handle}").content.decode()
    company.refresh_from_db()
    assert company.city == "Roma"


def test_signing_in_in_two_tabs_ends_signed_in(browser: Browser) -> None:
    person = cast.member(cast.dropshipper())
    token = browser.open("/account/login/?next=/orders/")
    assert browser.sign_in_by_hand(person).status_code == 302
    data = {"login": person.email, "password": PASSWORD, "next": "/orders/"}
    assert browser.send("/account/login/", token, data)["Location"] == "/orders/"
    assert browser.send("/account/login/", token, {**data, "next": "//evil.example/"})["Location"] == "/"


def test_nobody_leaves_a_form_for_another(browser: Browser) -> None:
    """Whose page it was says a signed cookie and the token of the page; a form from elsewhere has neither."""
    company = cast.dropshipper()
    person = cast.member(company)
    token, data = half_typed(browser, company, person)
    browser.over()
    for cookies, sent in (
        ({}, token),  # another browser
        ({kept_forms.COOKIE: json.dumps([["0" * 24, person.pk]])}, token),  # a cookie that somebody made up
        ({kept_forms.COOKIE: signing.dumps([["0" * 24, person.pk]], salt="other")}, token),
        ({kept_forms.COOKIE: browser.cookies[kept_forms.COOKIE].value}, "a" * 64),  # a token that was never given
        ({kept_forms.COOKIE: browser.cookies[kept_forms.COOKIE].value}, ""),
    ):
        other = Browser()
        for name, value in cookies.items():
            other.cookies[name] = value
        assert other.send("/settings/", sent, data).status_code == 403
        plain = Client()  # as if the check of the token were no guard
        plain.cookies.update(other.cookies)
        plain.post("/settings/", {"csrfmiddlewaretoken": sent, **data})
    assert not KeptForm.objects.exists()


def test_secrets_and_files_are_not_kept_nor_what_is_too_much(browser: Browser) -> None:
    person = cast.member(cast.dropshipper())
    cast.sign_in(browser, person)
    token = browser.open("/settings/")
    browser.over()
    secrets = {"password": "hunter2", "consumer_secret": "cs_1", "access_token": "shpat_1", "code": "123456"}
    browser.send("/shops/connect/woocommerce/", token, {"address": "https://negozio.it", **secrets})
    row = KeptForm.objects.get()
    assert kept_forms.fields_of(row) == [("address", "https://negozio.it")]
    assert b"negozio" not in bytes(row.fields_sealed)
    for too_much in ({"note": "x" * 100_001}, {f"f{n}": "x" for n in range(501)}, {}):
        browser.send("/settings/", token, too_much)
    browser.send("/account/password/change/", token, {"oldpassword": "a", "password1": "b"})
    assert KeptForm.objects.get() == row


def all_forms() -> list[type[forms.BaseForm]]:
    for room in ("accounts", "catalog", "connectors", "orders", "shipping", "wallet"):
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if "migrations" not in module.name:
                importlib.import_module(module.name)

    def below(kind: type[Any]) -> list[type[Any]]:
        return [kind, *(found for child in kind.__subclasses__() for found in below(child))]

    return below(forms.BaseForm)


def test_every_field_that_hides_what_is_typed_is_known_as_secret() -> None:
    hidden = {
        (form.__name__, name)
        for form in all_forms()
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field.widget, forms.PasswordInput)
    }
    assert len(hidden) > 5
    assert {one for one in hidden if not kept_forms.is_secret(one[1])} == set()
    typed = {"name", "street", "postcode", "fiscal_code", "sdi_code", "tax_code", "lines", "note", "form-0-sku", "city"}
    assert {name for name in typed if kept_forms.is_secret(name)} == set()


def test_what_is_kept_is_few_and_for_an_hour(browser: Browser) -> None:
    company = cast.dropshipper()
    person = cast.member(company)
    token, data = half_typed(browser, company, person)
    browser.over()
    for number in range(7):
        browser.send("/settings/", token, {**data, "city": f"Città {number}"})
    rows = list(KeptForm.objects.order_by("-pk"))
    assert len(rows) == kept_forms.AT_MOST
    assert dict(kept_forms.fields_of(rows[0]))["city"] == "Città 6"
    cast.sign_in(browser, person)
    assert browser.get(f"/account/kept/{rows[0].handle}/").status_code == 200
    KeptForm.objects.update(expires_at=timezone.now() - dt.timedelta(hours=1))
    assert browser.get(f"/account/kept/{rows[0].handle}/").status_code == 404
    assert "Città 6".encode() not in browser.get(f"/settings/?kept={rows[0].handle}").content
    retention.sweep()
    assert not KeptForm.objects.exists()


def test_staff_whose_twelve_hours_are_over_lose_nothing(browser: Browser) -> None:
    boss, company = cast.staff(), cast.dropshipper()
    cast.sign_in(browser, boss)
    page = f"/wallet/desk/adjustments/?dropshipper={company.pk}"
    token = browser.open(page)
    cast.sign_in(browser, boss, ago=13 * 3600)
    data = {"dropshipper": str(company.pk), "amount": "12,50", "reason": "Rimborso per un pacco"}
    answer = browser.send(page, token, data)
    assert answer.status_code == 302
    row = KeptForm.objects.get(user=boss)
    assert row.handle in unescape(answer["Location"])
    cast.sign_in(browser, boss)
    assert "Rimborso per un pacco" in browser.get(with_form(row.page, row)).content.decode()


def test_the_administration_loses_nothing_either(browser: Browser) -> None:
    boss, company = cast.staff(), cast.dropshipper()
    cast.sign_in(browser, boss)
    path = f"/admin/accounts/dropshipper/{company.pk}/change/"
    token = browser.open(path)
    browser.over()
    answer = browser.send(path, token, {"name": "Nuova Ragione Sociale S.r.l.", "city": "Lecce"})
    assert answer.status_code == 302
    row = KeptForm.objects.get(user=boss)
    cast.sign_in(browser, boss)
    assert 'value="Nuova Ragione Sociale S.r.l."' in browser.get(f"{path}?kept={row.handle}").content.decode()


def test_an_act_on_money_is_never_done_by_itself(browser: Browser) -> None:
    from wallet.models import TopUp

    person = cast.member(cast.dropshipper())
    cast.sign_in(browser, person)
    token = browser.open("/wallet/top-up/")
    browser.over()
    asked = {"amount": "123,00", "preset": "other", "key": str(uuid.uuid4())}
    browser.send("/wallet/top-up/", token, asked)
    row = KeptForm.objects.get()
    cast.sign_in(browser, person)
    browser.get(with_form(row.page, row))
    browser.get(f"/account/kept/{row.handle}/")
    assert not TopUp.objects.exists()
    browser.send("/wallet/top-up/", browser.open("/wallet/top-up/"), asked)  # what was kept would have been taken
    assert TopUp.objects.count() == 1


def test_an_htmx_request_leaves_the_page_as_it_is_and_says_that_the_session_is_over(browser: Browser) -> None:
    person = cast.member(cast.dropshipper())
    cast.sign_in(browser, person)
    token = browser.open("/settings/")
    browser.over()
    htmx = {"HX-Request": "true", "X-CSRFToken": token}
    for answer in (
        browser.get("/orders/", headers=htmx),
        browser.post("/orders/preview/", {"name": "Sara"}, headers=htmx),
        browser.post("/orders/preview/", {}, headers={"HX-Request": "true"}),  # the token turned over
    ):
        assert (answer.status_code, answer.content, answer["HX-Reswap"]) == (401, b"", "none")
    assert browser.get("/account/session/").json() == {"who": ""}
    cast.sign_in(browser, person)
    back = browser.get("/account/session/").json()
    assert f'data-mci-who="{back["who"]}"' in browser.get("/settings/").content.decode()
    cast.sign_in(browser, cast.member(cast.dropshipper()))
    assert browser.get("/account/session/").json()["who"] != back["who"]


def test_a_page_that_has_the_form_no_more_shows_what_was_typed(browser: Browser) -> None:
    company = cast.dropshipper()
    person = cast.member(company)
    cast.sign_in(browser, person)
    row = KeptForm(user=person, handle="h" * 43, page="/orders/", action="/orders/gone/")
    row.expires_at = timezone.now() + kept_forms.LIFE
    row.fields_sealed = kept_forms.seal(json.dumps([["note", "<Ciao>"]]), context=row.sealing_context("fields_sealed"))
    row.save()
    answer = browser.get(f"/orders/?kept={row.handle}")
    assert answer["Location"] == f"/account/kept/{row.handle}/"
    assert b"&lt;Ciao&gt;" in browser.get(answer["Location"]).content


PAGE = """<form action="/other/" method="post"><input name="a" value="1"></form>
<form method="post" id="f"><input type="hidden" name="key" value="fresh"><input type="hidden" name="version" value="9">
<input name="a" value="old"><input name="b" value="x"><input name="b"/><input type="password" name="p">
<input type="checkbox" name="c" value="1" checked><input type="checkbox" name="c" value="2">
<input type="checkbox" name="sure" value="1">
<input type="radio" name="r" value="x" checked><input type="radio" name="r" value="y">
<select name="s"><option value="1" selected>uno</option><option>due</option></select>
<textarea name="t">old</textarea></form><input form="f" name="far">"""
SENT = [("key", "stale"), ("version", "8"), ("a", '"><script>'), ("b", "1"), ("b", "2"), ("c", "2"), ("sure", "1")]
SENT += [("r", "y"), ("s", "due"), ("t", "</textarea>x"), ("far", "lontano"), ("p", "secret")]


def test_a_form_is_filled_as_it_was_typed_and_its_own_fields_stay_fresh() -> None:
    html = refill(PAGE, page="/here/?q=1", action="/here/?q=1", fields=SENT)
    assert html is not None
    assert '<form action="/other/" method="post"><input name="a" value="1"></form>' in html
    for piece in (
        'name="key" value="stale"',  # done before, it is told so and not done twice
        'name="version" value="8"',
        'name="a" value="&quot;&gt;&lt;script&gt;"',
        '<input name="b" value="1"><input name="b" value="2">',
        'name="c" value="1"><input type="checkbox" name="c" value="2" checked="">',
        'name="sure" value="1">',
        'name="r" value="x"><input type="radio" name="r" value="y" checked="">',
        '<option value="1">uno</option><option selected="">due</option>',
        '<textarea name="t">\n&lt;/textarea&gt;x</textarea>',
        '<input form="f" name="far" value="lontano">',
        '<input type="password" name="p">',
    ):
        assert piece in html, piece
    assert refill(PAGE, page="/here/", action="/elsewhere/", fields=SENT) is None

    assert refill(PAGE, page="/here/", action="/here/", fields=[("zzz", "1")]) is None


def test_the_cookie_says_no_more_than_it_must(browser: Browser) -> None:
    cast.sign_in(browser, cast.member(cast.dropshipper()))
    browser.open("/settings/")
    cookie = browser.cookies[kept_forms.COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert browser.cookies[settings.CSRF_COOKIE_NAME].value not in str(
        signing.loads(cookie.value, salt=kept_forms._SALT)
    )
    assert kept_forms.COOKIE not in browser.get("/orders/").cookies, "it is written once"
