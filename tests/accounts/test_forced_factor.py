"""Staff get no further without a second factor: every address there is, found from the URL list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.middleware import DoorMiddleware
from accounts.models import User
from accounts.sign_in import mfa
from tests import cast

pytestmark = pytest.mark.django_db
ENROL = "/account/security/enrol/"
SAMPLES = {"IntConverter": 1, "SlugConverter": "woocommerce", "StringConverter": "a", "PathConverter": "a",
           "UUIDConverter": "00000000-0000-0000-0000-000000000007"}  # fmt: skip
# Answered before anybody is signed in, or for nobody in particular.
FOR_SHOPS = {"hooks:webhook", "hooks:callback"}


def routes(resolver: Any = None, namespace: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, arguments) of every address, the administration's too."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            known = {
                name: SAMPLES[type(kind).__name__] for name, kind in getattr(entry.pattern, "converters", {}).items()
            }
            regex = getattr(entry.pattern, "regex", None)
            known |= {name: "a" for name in (regex.groupindex if regex else ()) if name not in known}
            if entry.name is not None:
                yield (f"{namespace}:{entry.name}" if namespace else entry.name), known
        elif entry.namespace != "api":  # programs have no session: tests/api
            yield from routes(entry, entry.namespace or namespace)


def _address(name: str, arguments: dict[str, Any]) -> str:
    if name == "admin:app_list":
        arguments = {"app_label": "accounts"}
    return reverse(name, kwargs=arguments)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["clerk", "superuser", "superuser alone"])
def test_no_address_opens_for_staff_without_a_factor(kind: str) -> None:
    rights: dict[str, Any] = {
        "clerk": {"is_staff": True},
        "superuser": {"is_staff": True, "is_superuser": True},
        "superuser alone": {"is_superuser": True},
    }[kind]
    client = Client()
    cast.sign_in(client, cast.user(**rights), factor=False)
    wrong, seen = [], 0
    for name, arguments in routes():
        if name in DoorMiddleware.OPEN or name in FOR_SHOPS or name == "mfa_reauthenticate":
            continue
        address = _address(name, arguments)
        for method in ("get", "post"):
            answer = getattr(client, method)(address)
            seen += 1
            if not (answer.status_code == 302 and answer["Location"].startswith(ENROL)) and not _twin(address):
                wrong.append(f"{method} {address} ({name}): {answer.status_code} {answer.headers.get('Location', '')}")
    assert not wrong, "\n".join(wrong)
    assert seen > 200


def _twin(address: str) -> bool:
    """An address of an open page that has a second name."""
    return address in {reverse(name) for name in DoorMiddleware.OPEN if not name.endswith("reauthenticate")}


def test_the_door_is_what_keeps_them_out(settings: Any) -> None:
    """Negative control: without the middleware the same staff walks in."""
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.endswith("DoorMiddleware")]
    client = Client()
    cast.sign_in(client, cast.user(is_staff=True, is_superuser=True), factor=False)
    assert client.get("/admin/").status_code == 200


def test_what_opens_without_a_factor_is_little_and_gives_nothing_away() -> None:
    person = cast.user(is_staff=True, is_superuser=True)
    client = Client()
    cast.sign_in(client, person, factor=False)
    page = client.get("/", follow=True)
    assert page.redirect_chain[0][0].startswith(ENROL)
    html = page.content.decode()
    assert "/account/security/app/" in html
    assert "/account/security/passkey/" in html
    assert "/orders/desk/" not in html
    assert client.get("/account/security/codes/").status_code == 302


def test_an_app_set_up_opens_the_rest() -> None:
    from tests.accounts.test_second_factor import _pending

    person = cast.user(is_staff=True, is_superuser=True)
    client = Client()
    cast.sign_in(client, person, factor=False)
    client.get("/orders/desk/", follow=True)
    client.get("/account/security/app/")
    answer = client.post("/account/security/app/", {"code": cast.app_code(_pending(client, person))}, follow=True)
    assert "/orders/desk/" in answer.content.decode(), "it leads on to what was wanted"
    assert len(mfa.unused_codes(person)) == 10
    assert client.get("/orders/desk/").status_code == 200


def test_a_session_of_before_must_prove_the_factor_first() -> None:
    """Made staff while signed in, or signed in by whatever other way: the password does not do."""
    person = cast.staff()
    client = Client()
    cast.sign_in(client, person, factor=False)
    page = client.get("/orders/desk/", follow=True).content.decode()
    assert 'name="prove-code"' in page
    assert 'name="prove-password"' not in page
    client.post("/account/security/prove/", {"prove-password": "correct horse", "next": "/orders/desk/"})
    assert client.get("/orders/desk/").status_code == 302
    answer = client.post("/account/security/prove/", {"prove-code": cast.app_code(), "next": "/orders/desk/"})
    assert answer["Location"] == "/orders/desk/"
    assert client.get("/orders/desk/").status_code == 200


def test_the_mark_of_another_person_does_not_count() -> None:
    client = Client()
    cast.sign_in(client, cast.staff())
    session = client.session
    session["account_authentication_methods_user"] = "987654321"
    session.save()
    assert client.get("/orders/desk/")["Location"].startswith(ENROL)


def test_the_administration_has_no_door_of_its_own(client: Client) -> None:
    boss = cast.staff()
    answer = client.post("/admin/login/?next=/admin/", {"username": boss.email, "password": "correct horse"})
    assert answer["Location"].startswith("/account/login/")
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    # One who is in already cannot become another there.
    cast.sign_in(client, cast.staff())
    mine = client.session["_auth_user_id"]
    client.post("/admin/login/", {"username": boss.email, "password": "correct horse"})
    assert client.session["_auth_user_id"] == mine
    assert client.get("/admin/password_change/")["Location"] == reverse("account_change_password")


def test_resellers_are_not_forced(client: Client) -> None:
    person: User = cast.member(cast.dropshipper())
    cast.sign_in(client, person)
    page = client.get("/settings/").content.decode()
    assert "/account/security/" in page
    assert client.get("/account/security/").status_code == 200


def test_production_has_the_door() -> None:
    order = settings.MIDDLEWARE
    assert order.index("accounts.middleware.DoorMiddleware") > order.index("accounts.middleware.TenantMiddleware")
