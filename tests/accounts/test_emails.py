"""One proven address per user, and the only way to change it. Each attack is on the page that was open to it."""

from __future__ import annotations

import datetime as dt
import re
import threading
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.errors import EmailTaken, LinkExpired, LinkStopped, LinkUsed, NotYourLink
from accounts.models import EmailChange, User
from accounts.people import emails
from core.postgresql.owner import as_owner
from tests import cast
from tests.threads import ended

URL = "/account/email/"
PASSWORD = "correct horse"
NEW = "violino-azzurro-77"


@pytest.fixture
def ada(dropshipper: Any) -> User:
    return cast.member(dropshipper, email="ada@bottega.example")


@pytest.fixture
def eve(other_dropshipper: Any) -> User:
    """Another reseller, who wants in."""
    return cast.member(other_dropshipper, email="eve@altra.example")


def link(to: str, words: str) -> str:
    """The address that the newest letter to `to` leads to."""
    body = next(letter.body for letter in reversed(mail.outbox) if letter.to == [to])
    return re.search(rf"(/account/{words}/\S+)", body)[1]  # type: ignore[index]


def address(user: User) -> str:
    return User.objects.values_list("email", flat=True).get(pk=user.pk)


def rows() -> set[tuple[int, str, bool, bool]]:
    return set(EmailAddress.objects.values_list("user_id", "email", "verified", "primary"))


def ask(client: Client, new: str, password: str = PASSWORD) -> Any:
    return client.post(URL, {"new": new, "password": password})


# ---- the whole way


@pytest.mark.django_db(transaction=True)
def test_a_change_takes_the_password_a_link_at_the_new_address_and_word_to_the_old(client_for: Any, ada: User) -> None:
    client = client_for(ada)
    assert client.get(URL).status_code == 200
    assert ask(client, "Nuova@Bottega.example").status_code == 302
    assert address(ada) == "ada@bottega.example"
    assert sorted(letter.to[0] for letter in mail.outbox) == ["ada@bottega.example", "nuova@bottega.example"]
    assert b'data-change="waiting"' in client.get(URL).content

    path = link("nuova@bottega.example", "email/confirm")
    assert client.get(path).status_code == 200
    assert address(ada) == "ada@bottega.example"  # looking at a link confirms nothing: scanners of letters look too
    assert client.post(path)["Location"] == URL
    assert address(ada) == "nuova@bottega.example"
    assert rows() == {(ada.pk, "nuova@bottega.example", True, True)}
    assert mail.outbox[-1].to == ["ada@bottega.example"]

    for old, opens in (("ada@bottega.example", False), ("nuova@bottega.example", True)):
        visitor = Client()
        visitor.post("/account/login/", {"login": old, "password": PASSWORD})
        assert ("_auth_user_id" in visitor.session) is opens
        mail.outbox.clear()
        Client().post("/account/password/reset/", {"email": old})
        assert ("/password/reset/key/" in mail.outbox[-1].body) is opens


@pytest.mark.django_db
def test_without_the_password_nothing_is_asked(client_for: Any, ada: User) -> None:
    answer = ask(client_for(ada), "nuova@bottega.example", "wrong")
    assert answer.status_code == 422
    assert not EmailChange.objects.exists()
    assert mail.outbox == []


@pytest.mark.django_db
def test_guessing_the_password_here_is_stopped_too(client_for: Any, ada: User) -> None:
    client = client_for(ada)
    for _n in range(12):
        ask(client, "nuova@bottega.example", "wrong")
    ask(client, "nuova@bottega.example")
    assert not EmailChange.objects.exists()


# ---- what the old page let in


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (URL, {"action_add": "", "email": "thief@evil.example"}),
        (URL, {"action_primary": "", "email": "thief@evil.example"}),
        (URL, {"action_send": "", "email": "thief@evil.example"}),
        (URL, {"action_remove": "", "email": "ada@bottega.example"}),
        (URL, {"action_add": "", "email": "eve@altra.example"}),
        ("/account/password/set/", {"password1": NEW, "password2": NEW}),
        ("/account/login/code/", {"email": "ada@bottega.example"}),
        ("/account/login/code/confirm/", {"code": "123456"}),
        ("/account/phone/change/", {"phone": "+393331234567"}),
        ("/account/password/change/", {"password1": NEW, "password2": NEW}),
        ("/account/password/change/", {"oldpassword": "wrong", "password1": NEW, "password2": NEW}),
    ],
)
@pytest.mark.django_db
def test_a_stolen_session_takes_no_account_over(
    client_for: Any, ada: User, eve: User, path: str, data: dict[str, str]
) -> None:
    client = client_for(ada)
    before = (address(ada), rows(), User.objects.get(pk=ada.pk).password)
    answer = client.post(path, data)
    assert answer.status_code in (200, 404, 422) or answer["Location"] == "/"  # the second step has nothing to ask
    assert (address(ada), rows(), User.objects.get(pk=ada.pk).password) == before
    assert not [letter for letter in mail.outbox if "/password/reset/key/" in letter.body]


def test_only_the_doors_that_we_use_are_there() -> None:
    from accounts import door_urls

    assert {entry.name for entry in door_urls.urlpatterns} == {
        *("account_login", "account_logout", "account_inactive", "account_signup"),
        *("account_email_verification_sent", "account_confirm_email", "account_change_password"),
        *("account_reset_password", "account_reset_password_done"),
        *("account_reset_password_from_key", "account_reset_password_from_key_done"),
    }


@pytest.mark.django_db(transaction=True)
def test_another_user_s_address_cannot_be_claimed_and_the_page_does_not_tell(
    client_for: Any, ada: User, eve: User
) -> None:
    client = client_for(eve)
    claimed = ask(client, "ADA@bottega.example")
    page = client.get(URL).content.decode()
    assert [letter.to for letter in mail.outbox if "/email/confirm/" in letter.body] == []
    assert "/account/" not in next(letter.body for letter in mail.outbox if letter.to == [ada.email])
    letters = len(mail.outbox)
    mail.outbox.clear()
    free = ask(client, "free@bottega.example")
    assert (claimed.status_code, claimed["Location"]) == (free.status_code, free["Location"])
    assert _same(page, "ada@bottega.example") == _same(client.get(URL).content.decode(), "free@bottega.example")
    assert letters == len(mail.outbox)

    mail.outbox.clear()
    Client().post("/account/password/reset/", {"email": ada.email})
    key = re.search(r"/key/(\w+)-", mail.outbox[0].body)[1]  # type: ignore[index]
    assert [letter.to for letter in mail.outbox] == [[ada.email]]
    assert int(key, 36) == ada.pk  # the victim's reset leads into the victim's account


def _same(page: str, new: str) -> str:
    """A page without what was typed, the moment, and the token of its forms."""
    return re.sub(
        r'name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": "\w+"|\d{2}/\d{2}/\d{4}[ ,]+\d{2}:\d{2}|' + new,
        "",
        page,
    )


@pytest.mark.django_db
def test_the_database_keeps_foreign_and_second_addresses_out(ada: User, eve: User) -> None:
    for user, email in ((eve, ada.email), (eve, "second@altra.example"), (ada, "ADA@bottega.example")):
        with pytest.raises(IntegrityError), transaction.atomic():
            EmailAddress.objects.create(user=user, email=email)
    with pytest.raises(IntegrityError), transaction.atomic():
        EmailAddress.objects.filter(user=eve).update(email=ada.email)
    User.objects.filter(pk=eve.pk).update(email="moved@altra.example")  # by whatever hand
    assert rows() == {(ada.pk, ada.email, True, True), (eve.pk, "moved@altra.example", False, True)}


# ---- links


@pytest.mark.django_db(transaction=True)
def test_the_link_is_the_users_alone_and_works_once(client_for: Any, ada: User, eve: User) -> None:
    change = emails.ask(ada, new="nuova@bottega.example")
    path = link("nuova@bottega.example", "email/confirm")

    signed_out = Client().get(path)
    assert signed_out["Location"].startswith("/account/login/?next=/account/email/confirm/")
    theirs = client_for(eve)
    assert 'data-refusal="not_your_link"' in theirs.post(path).content.decode()
    assert ada.email not in theirs.get(path).content.decode()
    assert address(ada) == "ada@bottega.example"

    mine = client_for(ada)
    mine.post(path)
    assert 'data-refusal="link_used"' in mine.post(path).content.decode()
    with pytest.raises(LinkUsed):
        emails.confirm(change.pk, by=ada)


@pytest.mark.django_db(transaction=True)
def test_a_withdrawn_replaced_expired_or_made_up_link_does_nothing(client_for: Any, ada: User) -> None:
    client = client_for(ada)
    first = emails.ask(ada, new="one@bottega.example")
    path = link("one@bottega.example", "email/confirm")
    second = emails.ask(ada, new="two@bottega.example")
    assert 'data-refusal="link_stopped"' in client.post(path).content.decode()
    assert client.post("/account/email/withdraw/").status_code == 302
    with pytest.raises(LinkStopped):
        emails.confirm(second.pk, by=ada)
    third = emails.ask(ada, new="three@bottega.example")
    EmailChange.objects.filter(pk=third.pk).update(asked_at=timezone.now() - dt.timedelta(hours=49))
    assert 'data-refusal="link_expired"' in client.post(link("three@bottega.example", "email/confirm")).content.decode()
    assert b'data-change="expired"' in client.get(URL).content
    for token in ("x", "x:y:z", emails.stop_token(first), f"{emails.confirm_token(first)}A"):
        assert client.post(f"/account/email/confirm/{token}/").status_code == 200
        with pytest.raises(LinkExpired):
            emails.by_confirm_token(token)
    with pytest.raises(NotYourLink):
        emails.confirm(third.pk, by=cast.user())
    assert address(ada) == "ada@bottega.example"


@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.django_db(transaction=True)
def test_the_old_address_stops_a_thief_before_and_after(client_for: Any, ada: User, confirmed: bool) -> None:
    thief = client_for(ada)  # the session and the password
    ask(thief, "thief@evil.example")
    if confirmed:
        thief.post(link("thief@evil.example", "email/confirm"))
        assert address(ada) == "thief@evil.example"
    path = link("ada@bottega.example", "email/stop")
    victim = Client()
    assert victim.get(path).status_code == 200
    assert address(ada) == ("thief@evil.example" if confirmed else "ada@bottega.example")
    mail.outbox.clear()
    assert victim.post(path).status_code == 200

    assert rows() == {(ada.pk, "ada@bottega.example", True, True)}
    assert address(ada) == "ada@bottega.example"
    assert thief.get("/settings/").status_code == 302  # every session has ended
    for login in ("thief@evil.example", "ada@bottega.example"):
        thief.post("/account/login/", {"login": login, "password": PASSWORD})
        assert "_auth_user_id" not in thief.session
    assert [letter.to for letter in mail.outbox] == [["ada@bottega.example"]]
    page = victim.get(link("ada@bottega.example", "password/reset/key"), follow=True)
    victim.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    victim.post("/account/login/", {"login": "ada@bottega.example", "password": NEW})
    assert "_auth_user_id" in victim.session
    assert 'data-refusal="link_used"' in victim.post(path).content.decode()
    assert User.objects.get(pk=ada.pk).has_usable_password()  # the link works once


@pytest.mark.django_db(transaction=True)
def test_a_reset_link_of_before_is_void_after_the_address_changed(ada: User) -> None:
    Client().post("/account/password/reset/", {"email": ada.email})
    path = link(ada.email, "password/reset/key")
    assert b"password1" in Client().get(path, follow=True).content
    change = emails.ask(ada, new="nuova@bottega.example")
    emails.confirm(change.pk, by=ada)
    page = Client().get(path, follow=True)
    assert b"password1" not in page.content


@pytest.mark.django_db(transaction=True)
def test_an_address_that_was_taken_meanwhile_is_a_sentence(client_for: Any, ada: User) -> None:
    emails.ask(ada, new="nuova@bottega.example")
    path = link("nuova@bottega.example", "email/confirm")
    cast.user(email="Nuova@Bottega.example")
    answer = client_for(ada).post(path)
    assert (answer.status_code, 'data-refusal="email_taken"' in answer.content.decode()) == (200, True)
    assert address(ada) == "ada@bottega.example"


# ---- races


def together(*acts: Any) -> list[str]:
    """Each act in a thread of its own; the names of the errors."""
    barrier, errors = threading.Barrier(len(acts)), []

    def run(act: Any) -> None:
        try:
            barrier.wait()
            act()
        except Exception as error:
            errors.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    ended(threads)
    return errors


def two_claims(ada: User, eve: User) -> list[str]:
    mine, hers = emails.ask(ada, new="same@bottega.example"), emails.ask(eve, new="SAME@bottega.example")
    return together(lambda: emails.confirm(mine.pk, by=ada), lambda: emails.confirm(hers.pk, by=eve))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_one_address_at_once_one_has_it(ada: User, eve: User) -> None:
    assert two_claims(ada, eve) == [EmailTaken.__name__]
    assert User.objects.filter(email__iexact="same@bottega.example").count() == 1
    assert EmailAddress.objects.filter(email="same@bottega.example").count() == 1
    assert EmailChange.objects.filter(state="confirmed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_negative_control_without_the_database_s_word_both_have_it(ada: User, eve: User) -> None:
    sql = "SELECT conname FROM pg_constraint WHERE conrelid = 'accounts_user'::regclass AND contype = 'u'"
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(sql)
        (unique,) = [name for (name,) in cursor.fetchall()]
        cursor.execute(f"ALTER TABLE accounts_user DROP CONSTRAINT {unique}")
        cursor.execute("DROP INDEX accounts_user_email_lower, accounts_address_once, unique_verified_email")
    try:
        assert two_claims(ada, eve) == []
        assert User.objects.filter(email="same@bottega.example").count() == 2
    finally:
        EmailAddress.objects.all().delete()
        User.objects.filter(pk=eve.pk).update(email="eve@altra.example")
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE accounts_user ADD CONSTRAINT {unique} UNIQUE (email)")
            cursor.execute("CREATE UNIQUE INDEX accounts_user_email_lower ON accounts_user (lower(email))")
            cursor.execute("CREATE UNIQUE INDEX accounts_address_once ON account_emailaddress (lower(email))")
            cursor.execute("CREATE UNIQUE INDEX unique_verified_email ON account_emailaddress (email) WHERE verified")


def confirm_while_stopped(ada: User) -> None:
    change = emails.ask(ada, new="thief@evil.example")
    with transaction.atomic():  # both have begun before either goes on
        User.objects.select_for_update().get(pk=ada.pk)
        acts = [lambda: emails.confirm(change.pk, by=ada), lambda: emails.stop(change.pk)]
        threads = [threading.Thread(target=together, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(0.7)
    ended(threads)


@pytest.mark.django_db(transaction=True)
def test_a_stop_at_the_moment_of_the_confirmation_leaves_the_old_address(ada: User) -> None:
    confirm_while_stopped(ada)
    assert address(ada) == "ada@bottega.example"
    assert EmailChange.objects.get().state == "stopped"


@pytest.mark.django_db(transaction=True)
def test_the_negative_control_without_the_lock_the_thief_keeps_it(ada: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(emails, "_lock_user", lambda pk: User.objects.get(pk=pk))
    confirm_while_stopped(ada)
    assert address(ada) == "thief@evil.example"


@pytest.mark.django_db(transaction=True)
def test_many_wishes_of_one_user_at_once_leave_one(ada: User) -> None:
    assert together(*[lambda n=n: emails.ask(ada, new=f"n{n}@bottega.example") for n in range(6)]) == []
    assert EmailChange.objects.filter(state="waiting").count() == 1
