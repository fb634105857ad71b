"""The second factor: a code counts once, whatever Redis knows; its secrets are nobody's but their owner's."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client

from accounts.errors import CodeUsed, LastFactor, WrongCode, WrongRecoveryCode
from accounts.models import OpenSession, SecurityEvent, User
from accounts.pages.security_forms import SecondStepForm
from accounts.sign_in import mfa
from core import sealed
from core.errors import TooManyTries
from tests import cast

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse"
LOGIN, STEP = "/account/login/", "/account/login/code/"


def give_password(client: Client, person: User) -> Any:
    return client.post(LOGIN, {"login": person.email, "password": PASSWORD})


def is_in(client: Client) -> bool:
    return bool(get_user(client).is_authenticated)  # type: ignore[arg-type]


@pytest.fixture
def person(db: None) -> User:
    return cast.with_app(cast.member(cast.dropshipper()))


def test_a_password_alone_does_not_sign_in_who_has_an_app(person: User, client: Client) -> None:
    assert give_password(client, person)["Location"] == STEP
    assert not is_in(client)
    assert client.get("/settings/").status_code == 302
    before = client.session.session_key
    assert client.post(STEP, {"code": cast.app_code()}).status_code == 302
    assert is_in(client)
    assert client.session.session_key != before, "the key of the session must be another one after the sign-in"


def test_a_wrong_code_does_not_sign_in_and_stands_in_the_log(person: User, client: Client) -> None:
    give_password(client, person)
    answer = client.post(STEP, {"code": "000000"})
    assert answer.status_code == 200
    assert not is_in(client)
    assert list(SecurityEvent.objects.values_list("code", flat=True)) == ["factor_failed"]


def test_a_code_is_used_once_even_when_redis_forgets(person: User, client: Client) -> None:
    code = cast.app_code()
    mfa.accept_code(person, code)
    cache.clear()
    with pytest.raises(CodeUsed):
        mfa.accept_code(person, code)
    give_password(client, person)
    client.post(STEP, {"code": code})
    assert not is_in(client)


def test_the_code_that_set_the_app_up_signs_nobody_in(client: Client) -> None:
    person = cast.member(cast.dropshipper())
    cast.sign_in(client, person)
    client.get("/account/security/app/")
    secret = _pending(client, person)
    code = cast.app_code(secret)
    assert client.post("/account/security/app/", {"code": code})["Location"] == "/account/security/codes/"
    with pytest.raises(CodeUsed):
        mfa.accept_code(person, code)


def _pending(client: Client, person: User) -> str:
    from accounts.pages.security_forms import PENDING

    blob, _at = client.session[PENDING]
    return sealed.open_sealed(bytes.fromhex(blob), context=f"session:{person.pk}:app_secret")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_two_requests_with_the_same_code_are_one_sign_in(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control takes the row's lock away: then both get in."""
    person = cast.with_app(cast.member(cast.dropshipper()))
    code, gate, got = cast.app_code(), threading.Barrier(2), []
    if not guarded:
        monkeypatch.setattr("django.db.models.QuerySet.select_for_update", lambda self, **options: self.all())
    plain = mfa._fits_app

    def both_look_first(row: Any, given: str) -> bool:
        if not guarded:
            gate.wait(10)
        return plain(row, given)

    monkeypatch.setattr(mfa, "_fits_app", both_look_first)

    def give() -> None:
        try:
            if guarded:
                gate.wait(10)
            mfa.accept_code(person, code)
            got.append("in")
        except CodeUsed:
            got.append("used")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=give) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(got) == (["in", "used"] if guarded else ["in", "in"])


def test_guesses_of_a_code_are_counted_in_the_database(person: User) -> None:
    for _ in range(mfa.TRIES["limit"]):
        with pytest.raises(WrongCode):
            mfa.accept_code(person, "000000")
    cache.clear()
    with pytest.raises(TooManyTries):
        mfa.accept_code(person, cast.app_code())


def test_a_recovery_code_works_once(person: User) -> None:
    mfa.new_codes(person)
    codes = mfa.unused_codes(person)
    assert len(codes) == 10
    mfa.accept_code(person, f"{codes[3][:4]} {codes[3][4:]}")
    with pytest.raises(WrongCode):
        mfa.accept_code(person, codes[3])
    assert mfa.unused_codes(person) == [code for code in codes if code != codes[3]]
    assert mfa.count_unused(person) == 9
    assert SecurityEvent.objects.filter(user=person, code="code_used").count() == 1


def test_who_has_no_app_is_not_told_of_codes_that_change(db: None) -> None:
    """He has a passkey and its recovery codes: nothing of his changes every 30 seconds."""
    person = cast.member(cast.dropshipper())
    mfa.new_codes(person)
    code = mfa.unused_codes(person)[0]
    mfa.accept_code(person, code)
    with pytest.raises(WrongRecoveryCode):
        mfa.accept_code(person, code)
    assert "app" not in str(SecondStepForm(user=person).fields["code"].label)
    assert "app" in str(SecondStepForm(user=cast.with_app(cast.member(cast.dropshipper()))).fields["code"].label)


def test_no_secret_can_be_read_in_the_database(client: Client) -> None:
    person = cast.member(cast.dropshipper())
    cast.sign_in(client, person)
    client.get("/account/security/app/")
    secret = _pending(client, person)
    from tests import dump

    assert [where for where, text in dump.values() if secret in text] == []
    client.post("/account/security/app/", {"code": cast.app_code(secret)})
    codes = mfa.unused_codes(person)
    assert [where for where, text in dump.values() if any(word in text for word in (secret, *codes))] == []


def test_a_secret_of_another_does_not_open(person: User, settings: Any) -> None:
    """Copied from row to row, or with a key that is lost."""
    other = cast.with_app(cast.member(cast.dropshipper()))
    data = Authenticator.objects.get(user=person).data
    Authenticator.objects.filter(user=other).update(data=data)
    with pytest.raises(WrongCode):
        mfa.accept_code(other, cast.app_code())
    settings.FIELD_KEYS = ["QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="]
    with pytest.raises(WrongCode):
        mfa.accept_code(person, cast.app_code())


def test_staff_keep_one_factor_and_a_reseller_may_go_without(person: User, db: None) -> None:
    boss = cast.staff()
    with pytest.raises(LastFactor):
        mfa.remove(boss, mfa.factors_of(boss)[0].pk)
    assert mfa.has_factor(boss)
    mfa.remove(person, mfa.factors_of(person)[0].pk)
    assert not Authenticator.objects.filter(user=person).exists()


def test_nobody_takes_the_factor_of_another_away(person: User, client: Client) -> None:
    cast.sign_in(client, cast.member(cast.dropshipper()))
    client.post(f"/account/security/factors/{mfa.factors_of(person)[0].pk}/remove/")
    assert mfa.has_factor(person)


def test_who_lost_everything_begins_again(person: User, client: Client) -> None:
    give_password(client, person)
    client.post(STEP, {"code": cast.app_code()})
    client.get("/")
    assert OpenSession.objects.filter(user=person).exists()
    mfa.reset(person, by="Marta")
    assert not is_in(client)
    assert give_password(client, person)["Location"] == "/"


def test_an_old_hash_is_made_anew_at_the_sign_in(db: None, client: Client, settings: Any) -> None:
    from django.contrib.auth.hashers import make_password

    settings.PASSWORD_HASHERS = [one for one in settings.PASSWORD_HASHERS if "MD5" not in one]
    person = cast.member(cast.dropshipper())
    User.objects.filter(pk=person.pk).update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    give_password(client, person)
    person.refresh_from_db()
    assert person.password.startswith("argon2$argon2id$")
    assert is_in(client)


def test_production_makes_argon2_first() -> None:
    from pathlib import Path

    text = (Path(__file__).parents[2] / "mci" / "settings.py").read_text()
    first = text[text.index("PASSWORD_HASHERS = [") :].split("\n")[1]
    assert "Argon2PasswordHasher" in first
    assert connection.vendor == "postgresql"


@pytest.mark.parametrize(
    "poison", ["", "null", "[]", "{}", '{"id": 1}', '{"id":"a","rawId":"a","response":{}}', "9" * 5000, "x"]
)
def test_no_credential_breaks_a_page(poison: str, person: User, client: Client) -> None:
    client.raise_request_exception = False
    assert client.post("/account/login/passkey/", {"credential": poison}).status_code == 302
    give_password(client, person)
    assert client.post(STEP, {"credential": poison}).status_code == 200
    assert not is_in(client)
    other = Client(raise_request_exception=False)
    cast.sign_in(other, person, ago=3600)
    assert other.post("/account/security/prove/", {"prove-credential": poison}).status_code in (200, 422)
    cast.sign_in(other, person)
    assert other.post("/account/security/passkey/", {"credential": poison, "name": "x"}).status_code == 422
    assert not Authenticator.objects.filter(type="webauthn").exists()
