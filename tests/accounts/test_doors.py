"""Sign-up, confirmation, reset and sign-in: who proves what, what a stranger learns, where the links lead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client

from accounts.access import referring_page
from accounts.companies import approval, digest
from accounts.models import Dropshipper, User
from tests import cast
from tests.accounts.test_sign_up import answers

SIGN_UP, RESET, LOGIN = "/account/signup/", "/account/password/reset/", "/account/login/"
PASSWORD = "correct horse"
NEW = "violino-azzurro-77"
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": "\w+"')
hashed: list[str] = []


class CountingHasher(MD5PasswordHasher):
    """How often a password was worked on: the slow part of these pages."""

    def encode(self, password: str, salt: str) -> str:
        hashed.append(password)
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def _counting(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    hashed.clear()


def path_in(letter: Any, words: str) -> str:
    return re.search(rf"(/account/{words}/\S+)", letter.body)[1]  # type: ignore[index]


def seen(data: dict[str, Any], url: str = SIGN_UP) -> tuple[Any, ...]:
    """All that a stranger can see of an answer: page, cookies, words, work, how many letters to whom."""
    mail.outbox.clear()
    hashed.clear()
    client = Client()
    answer = client.post(url, data)
    page = client.get(answer["Location"]) if answer.status_code == 302 else answer
    body = CSRF.sub("", page.content.decode()).replace(data["email"].lower(), "…")
    letters = [letter.to for letter in mail.outbox]
    return answer.status_code, answer.get("Location"), sorted(answer.cookies), body, len(hashed), len(letters)


# ---- what a stranger learns


@pytest.mark.django_db(transaction=True)
def test_sign_up_does_not_tell_whether_an_address_has_an_account() -> None:
    taken = cast.member(cast.dropshipper(), email="taken@bottega.example")
    known = seen(answers(email="Taken@bottega.example", vat_number=cast.vat_number()))
    assert [letter.to for letter in mail.outbox] == [[taken.email]]
    assert "/account/login/" in mail.outbox[0].body
    assert "confirm-email" not in mail.outbox[0].body
    unknown = seen(answers(email="fresh@bottega.example", vat_number=cast.vat_number()))
    assert known == unknown
    assert "confirm-email" in mail.outbox[0].body
    assert known[4] == 1  # the password was worked on both times


@pytest.mark.django_db(transaction=True)
def test_nor_does_a_second_sign_up_with_the_same_vat_number() -> None:
    """Which sign-up has made a company says whether the address had an account."""
    cast.user(email="taken@bottega.example")
    one, two = cast.vat_number(), cast.vat_number()
    seen(answers(email="taken@bottega.example", vat_number=one))
    seen(answers(email="fresh@bottega.example", vat_number=two))
    after_taken = seen(answers(email="probe1@bottega.example", vat_number=one))
    after_fresh = seen(answers(email="probe2@bottega.example", vat_number=two))
    assert after_taken == after_fresh
    assert [letter.to for letter in mail.outbox] == [["probe2@bottega.example"]]  # told by letter
    assert not User.objects.filter(email="probe2@bottega.example").exists()


@pytest.mark.django_db(transaction=True)
def test_reset_does_not_tell_whether_an_address_has_an_account() -> None:
    cast.user(email="taken@bottega.example")
    assert seen({"email": "taken@bottega.example"}, RESET) == seen({"email": "fresh@bottega.example"}, RESET)


@pytest.mark.django_db
def test_sign_in_does_not_tell_either() -> None:
    cast.user(email="taken@bottega.example")
    data = {"email": "taken@bottega.example", "login": "taken@bottega.example", "password": "wrong"}
    other = {"email": "fresh@bottega.example", "login": "fresh@bottega.example", "password": "wrong"}
    assert seen(data, LOGIN)[:4] == seen(other, LOGIN)[:4]


# ---- who proves what


@pytest.mark.django_db(transaction=True)
def test_a_sign_up_is_confirmed_by_who_knows_the_password_and_reads_the_mailbox() -> None:
    """A stranger's sign-up under a victim's address: the victim's friendly click opens nothing for him."""
    Client().post(SIGN_UP, answers(email="victim@bottega.example"))
    path = path_in(mail.outbox[0], "confirm-email")
    victim = Client()
    assert victim.get(path).status_code == 200
    for data in ({}, {"password": ""}, {"password": "guess"}):
        assert victim.post(path, data).status_code == 422
    assert not EmailAddress.objects.get().verified
    attacker = Client()
    attacker.post(LOGIN, {"login": "victim@bottega.example", "password": NEW})
    assert "_auth_user_id" not in attacker.session

    elsewhere = Client()  # he signed up at the desk and reads the letter on the phone
    assert elsewhere.post(path, {"password": NEW}).status_code == 302
    assert "_auth_user_id" in elsewhere.session
    assert "does nothing" in _english(path)  # used


def _english(path: str) -> str:
    client = Client()
    client.post("/account/language/", {"language": "en", "next": "/"})
    return client.get(path).content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_victim_of_a_foreign_sign_up_takes_the_account_with_a_reset() -> None:
    attacker = Client()
    attacker.post(SIGN_UP, answers(email="victim@bottega.example"))
    mail.outbox.clear()
    victim = Client()
    victim.post(RESET, {"email": "victim@bottega.example"})
    page = victim.get(path_in(mail.outbox[0], "password/reset/key"), follow=True)
    victim.post(page.redirect_chain[-1][0], {"password1": "altra-parola-99", "password2": "altra-parola-99"})
    assert EmailAddress.objects.get().verified  # the reset letter proved it
    owner = Client()
    owner.post(LOGIN, {"login": "victim@bottega.example", "password": "altra-parola-99"})
    assert "_auth_user_id" in owner.session
    attacker.post(LOGIN, {"login": "victim@bottega.example", "password": NEW})
    assert "_auth_user_id" not in attacker.session


@pytest.mark.django_db(transaction=True)
def test_people_made_in_the_administration_are_proven_by_the_reset_letter(client_for: Any) -> None:
    data = {"email": "Nuova@mci.example", "name": "Nuova", "language": "it", "is_staff": "on"}
    client_for(cast.staff()).post("/admin/accounts/user/add/", data)
    visitor = Client()
    visitor.post(RESET, {"email": "nuova@mci.example"})
    page = visitor.get(path_in(mail.outbox[-1], "password/reset/key"), follow=True)
    visitor.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    visitor.post(LOGIN, {"login": "nuova@mci.example", "password": NEW})
    assert "_auth_user_id" in visitor.session


@pytest.mark.django_db(transaction=True)
def test_an_address_changed_in_the_administration_is_told_to_the_old_one_and_proves_itself(client_for: Any) -> None:
    person = cast.member(cast.dropshipper(), email="old@bottega.example")
    change = {"email": "New@bottega.example", "name": "N", "language": "it", "theme": "auto", "is_active": "on"}
    assert client_for(cast.staff()).post(f"/admin/accounts/user/{person.pk}/change/", change).status_code == 302
    assert [letter.to for letter in mail.outbox] == [["old@bottega.example"]]
    visitor = Client()
    for login in ("old@bottega.example", "new@bottega.example"):
        visitor.post(LOGIN, {"login": login, "password": PASSWORD})
        assert "_auth_user_id" not in visitor.session
    assert path_in(mail.outbox[-1], "confirm-email")  # sign-in sent the link to the new one
    visitor.post(path_in(mail.outbox[-1], "confirm-email"), {"password": PASSWORD})
    assert "_auth_user_id" in visitor.session


# ---- sessions


@pytest.mark.django_db
def test_other_sessions_end_with_the_old_password(client_for: Any) -> None:
    person = cast.member(cast.dropshipper(), email="ada@bottega.example")
    here, elsewhere = client_for(person), client_for(person)
    here.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert (here.get("/settings/").status_code, elsewhere.get("/settings/").status_code) == (200, 302)
    visitor = Client()
    visitor.post(RESET, {"email": person.email})
    page = visitor.get(path_in(mail.outbox[-1], "password/reset/key"), follow=True)
    visitor.post(page.redirect_chain[-1][0], {"password1": "altra-parola-99", "password2": "altra-parola-99"})
    assert here.get("/settings/").status_code == 302


# ---- links


@pytest.mark.django_db(transaction=True)
def test_no_letter_leads_to_the_host_that_a_request_names(settings: Any, client_for: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://portale.example"
    evil = {"HTTP_HOST": "evil.example", "HTTP_X_FORWARDED_HOST": "evil.example"}
    owner = cast.member(cast.dropshipper(), email="ada@bottega.example")
    client, boss = client_for(owner), client_for(cast.staff())
    Client().post(SIGN_UP, answers(email="fresh@bottega.example"), **evil)
    Client().post(SIGN_UP, answers(email=owner.email, vat_number=cast.vat_number()), **evil)
    Client().post(SIGN_UP, answers(email="late@bottega.example"), **evil)  # the number is begun
    Client().post(RESET, {"email": owner.email}, **evil)
    Client().post(RESET, {"email": "nobody@bottega.example"}, **evil)
    client.post("/account/email/", {"new": "nuova@bottega.example", "password": PASSWORD}, **evil)
    client.post("/account/email/", {"new": "fresh@bottega.example", "password": PASSWORD}, **evil)
    client.post("/settings/members/", {"email": "ivo@bottega.example", "role": "orders"}, **evil)
    client.post("/settings/members/", {"email": "fresh@bottega.example", "role": "orders"}, **evil)
    stop = next(path_in(letter, "email/stop") for letter in mail.outbox if "/email/stop/" in letter.body)
    Client().post(stop, **evil)
    company = Dropshipper.objects.get(status="pending")
    boss.post(f"/staff/dropshippers/{company.pk}/", {"decision": "approve"}, **evil)
    assert len(mail.outbox) >= 13
    wrong = [letter.subject for letter in mail.outbox if "evil" in letter.body + letter.subject + str(letter.to)]
    assert wrong == []
    links = [url for letter in mail.outbox for url in re.findall(r"https?://\S+", letter.body)]
    assert {url[:24] for url in links} == {"https://portale.example/"} | {url for url in links if len(url) < 24}
    assert {url for url in links if len(url) < 24} <= {"https://portale.example"}


@pytest.mark.django_db(transaction=True)
def test_headers_of_letters_cannot_be_written_by_a_name(client: Client) -> None:
    """Old rows may hold line breaks: what is saved now may not."""
    company = cast.dropshipper("Bottega\r\nBcc: x@evil.example\n\nClick evil.example", status="pending")
    cast.member(company, email="ada@bottega.example")
    boss = cast.staff(email="staff@mci.example")
    digest.tell_staff()
    approval.approve(company.pk, by=boss)
    assert len(mail.outbox) == 2
    for letter in mail.outbox:
        assert "Bcc" not in letter.message()
        assert "\nClick" not in letter.body


# ---- next=


def routes_and_next() -> list[str]:
    return [LOGIN, SIGN_UP, RESET, "/account/logout/", "/account/language/", "/account/theme/"]


EVIL = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "javascript:alert(1)//",
    "data:text/html,/x",
    "http:evil.example/",
    "https:/evil.example/",
    "ftp://testserver/",
    "/\t/evil.example/",
    "\x08//evil.example/",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "/a\r\nSet-Cookie: x=1",
]


@pytest.mark.parametrize("target", EVIL)
@pytest.mark.django_db
def test_next_leads_nowhere_else(target: str) -> None:
    cast.member(cast.dropshipper(), email="ada@bottega.example")
    for url in routes_and_next():
        for method in ("body", "address"):
            client = Client()
            if url in (LOGIN, "/account/logout/"):
                data = {"login": "ada@bottega.example", "password": PASSWORD}
            else:
                data = {"language": "it", "theme": "dark", "email": "ada@bottega.example"}
            if url == "/account/logout/":
                client.post(LOGIN, data)
            query = {"next": target} if method == "address" else {}
            body = {**data, "next": target} if method == "body" else data
            answer = client.post(url, body, query_params=query)
            place = answer.get("Location", "/")
            assert re.match(r"/(?![/\\])", place), (url, method, place)
            assert "evil" not in place.split("?")[0], (url, method, place)
            assert "Set-Cookie: x" not in str(answer.headers)


@pytest.mark.django_db
def test_a_next_of_another_of_our_hosts_is_none(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    cast.member(cast.dropshipper(), email="ada@bottega.example")
    data = {"login": "ada@bottega.example", "password": PASSWORD, "next": "http://other.example/x/"}
    assert Client().post(LOGIN, data)["Location"] == "/"


def test_the_referring_page_is_a_path_of_ours(rf: Any) -> None:
    for referer, page in (
        ("http://testserver/orders/7/?a=1", "/orders/7/?a=1"),
        ("http://testserver//evil.example/", "/"),
        ("http://testserver/\\evil.example/", "/"),
        ("http://evil.example/", "/"),
        ("", "/"),
    ):
        assert referring_page(rf.get("/", HTTP_REFERER=referer)) == page


def test_no_code_reads_the_host_of_a_request_but_where_it_is_compared() -> None:
    root = Path(__file__).resolve().parents[2]
    rooms = ("accounts", "catalog", "connectors", "core", "mci", "orders", "shipping", "wallet")
    found = {
        path.relative_to(root).as_posix()
        for room in rooms
        for path in (root / room).rglob("*.py")
        if re.search(r"build_absolute_uri|get_host\(|get_current_site|HTTP_HOST", path.read_text())
    }
    assert found == {"accounts/access.py", "core/inbound/redirects.py"}
    in_templates = re.compile(r"get_host|build_absolute|current_site|site_domain")
    assert [p.name for p in (root / "templates").rglob("*") if p.is_file() and in_templates.search(p.read_text())] == []
