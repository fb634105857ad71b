"""The second factor in a real browser: an app, recovery codes, and passkeys of Chromium's own virtual authenticator.

`MCI_SHOTS=folder` keeps a picture of each step."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from accounts.sign_in import mfa
from tests import cast
from tests.journeys.eyes import faults, picture, settle

PASSWORD = "correct horse"


def give_password(page: Any, person: Any) -> None:
    page.goto("/account/login/")
    page.locator("#id_login").fill(person.email)
    page.locator("#id_password").fill(PASSWORD)
    with page.expect_navigation():  # who goes on at once would take the answer's cookie with the old page
        page.locator("#id_password").press("Enter")


def sign_out(page: Any) -> None:
    page.evaluate("document.querySelector('#account-menu form[action$=\"logout/\"]').submit()")
    page.wait_for_url("**/account/login/**")


def shot(page: Any, name: str) -> None:
    """Both widths, and what is wrong with them."""
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        settle(page)
        assert faults(page) == [], f"{name} at {width}"
        picture(page, f"second-factor-{name}-{width}")
    page.set_viewport_size({"width": 1440, "height": 900})


def next_code(person: Any, secret: str) -> str:
    """What the app shows half a minute later, when the codes of before are used up."""
    row = mfa.factors_of(person)[0]
    row.data[mfa.LAST_COUNTER] -= 1
    row.save()
    return mfa.current_code(secret)


def test_staff_set_an_app_up_and_sign_in_with_it(new_page: Callable[..., Any]) -> None:
    clerk = cast.user(is_staff=True, is_superuser=True, name="Marta Colombo")
    page = new_page()
    give_password(page, clerk)
    expect(page).to_have_url(re.compile("/account/security/enrol/"))
    shot(page, "enrol")
    page.goto("/admin/")
    expect(page).to_have_url(re.compile("/account/security/enrol/"))
    page.get_by_role("link", name=re.compile("App di autenticazione|Authenticator app")).click()
    page.locator("details summary").click()
    secret = page.locator("#app-secret").inner_text().replace(" ", "")
    shot(page, "app")
    first = mfa.current_code(secret)
    page.locator("#id_code").fill(first)
    page.locator("#id_code").press("Enter")
    expect(page).to_have_url(re.compile("/account/security/codes/"))
    shot(page, "codes")
    codes = [text.replace(" ", "") for text in page.locator(".sec-codes code").all_inner_texts()]
    assert len(codes) == 10
    with page.expect_download() as download:
        page.locator('a[href$="codes.txt"]').click()
    with open(download.value.path()) as file:
        assert file.read().split()[-len(codes) :] == codes
    page.goto("/orders/desk/")
    expect(page.locator("h1")).to_be_visible()

    sign_out(page)
    give_password(page, clerk)
    expect(page).to_have_url(re.compile("/account/login/code/"))
    shot(page, "step")
    page.locator("#id_code").fill(first)  # the one that set it up: used
    page.locator("#id_code").press("Enter")
    expect(page.locator(".errorlist").first).to_be_visible()
    page.locator("#id_code").fill(codes[0])
    page.locator("#id_code").press("Enter")
    expect(page).not_to_have_url(re.compile("/account/login/"))

    sign_out(page)
    give_password(page, clerk)
    page.locator("#id_code").fill(codes[0])  # a recovery code works once
    page.locator("#id_code").press("Enter")
    expect(page.locator(".errorlist").first).to_be_visible()
    page.locator("#id_code").fill(next_code(clerk, secret))
    page.locator("#id_code").press("Enter")
    expect(page).not_to_have_url(re.compile("/account/login/"))
    page.goto("/account/security/")
    shot(page, "security")
    page.goto("/account/security/activity/")
    shot(page, "activity")


def test_a_passkey_signs_in_alone_and_as_second_step_and_proves_again(
    new_page: Callable[..., Any], console: Any
) -> None:
    owner = cast.member(cast.dropshipper(), name="Anna Ferri")
    page = new_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    give_password(page, owner)
    page.goto("/account/security/passkey/")
    page.locator("#id_name").fill("Portatile")
    shot(page, "passkey")
    page.locator("[data-passkey-make]").click()
    expect(page).to_have_url(re.compile("/account/security/codes/"))
    page.goto("/account/security/")
    expect(page.get_by_text("Portatile").first).to_be_visible()

    sign_out(page)
    page.goto("/account/login/")
    shot(page, "login")
    page.locator("[data-passkey-login]").click()  # alone, without a password
    expect(page).not_to_have_url(re.compile("/account/login/"))

    sign_out(page)
    give_password(page, owner)
    expect(page).to_have_url(re.compile("/account/login/code/"))
    page.locator("[data-passkey-get]").click()  # as the second step
    expect(page).not_to_have_url(re.compile("/account/login/"))

    _age(page)
    page.goto("/settings/members/")
    page.locator("#id_email").fill("luca@casabella.example")
    page.locator("main form button.btn-primary").last.click()
    expect(page.locator("#prove-form")).to_be_visible()
    console.expect("403")  # it was not done yet
    shot(page, "prove")
    page.locator("[data-passkey-get]").click()
    expect(page).to_have_url(re.compile("/settings/members/"))
    expect(page.get_by_text("luca@casabella.example").first).to_be_visible()


def _age(page: Any) -> None:
    """Ten minutes go by."""
    from django.contrib.sessions.backends.db import SessionStore

    cookie = next(one for one in page.context.cookies() if one["name"] == "sessionid")
    session = SessionStore(cookie["value"])
    session["account_authentication_methods"] = [
        {**one, "at": one["at"] - 700} for one in session["account_authentication_methods"]
    ]
    session.save()
