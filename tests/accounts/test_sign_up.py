"""Sign-up in one form: user, company and membership at once, then waiting."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from accounts.models import Dropshipper, Member, User
from tests import cast
from tests.threads import ended

URL = "/account/signup/"


def answers(**changes: Any) -> dict[str, Any]:
    return {
        "contact": "Ada Neri",
        "email": "Ada@Bottega.example",
        "password1": "violino-azzurro-77",
        "name": "Bottega Ada S.r.l.",
        "vat_number": "IT 00743110157",
        "fiscal_code": "",
        "sdi_code": "m5uxcr1",
        "pec": "",
        "phone": "333 1234567",
        "street": "Via Roma 1",
        "postcode": "20121",
        "city": "Milano",
        "province": "mi",
        **changes,
    }


@pytest.mark.django_db
def test_one_form_makes_user_company_and_owner_and_then_waits(client: Client) -> None:
    answer = client.post(URL, answers())
    assert (answer.status_code, answer["Location"]) == (302, "/account/confirm-email/")
    assert client.get("/", follow=True).redirect_chain[-1][0].startswith("/account/login/")  # not before the letter
    path = re.search(r"(/account/confirm-email/\S+)", mail.outbox[0].body)
    assert path
    assert client.post(path[1]).status_code == 302
    user = User.objects.get(email="ada@bottega.example")
    assert (user.name, user.language, user.is_staff) == ("Ada Neri", "it", False)
    company = Dropshipper.objects.get()
    assert company.status == "pending"
    assert (company.vat_number, company.fiscal_code) == ("00743110157", "00743110157")
    assert (company.sdi_code, company.phone, company.province) == ("M5UXCR1", "+393331234567", "MI")
    assert (user.member.dropshipper, user.member.role) == (company, Member.Role.OWNER)
    page = client.get("/", follow=True)
    assert page.redirect_chain[-1][0] == "/account/waiting/"
    assert b'data-status="pending"' in page.content


@pytest.mark.django_db(transaction=True)
def test_the_staff_hears_of_a_sign_up(client: Client) -> None:
    """Of people who read their mail, and not of made-up ones."""
    cast.staff(email="staff@mci.example")
    client.post(URL, answers())
    assert [message.to for message in mail.outbox] == [["ada@bottega.example"]]
    client.post(re.search(r"(/account/confirm-email/\S+)", mail.outbox[0].body)[1])  # type: ignore[index]
    letter = next(message for message in mail.outbox if message.to == ["staff@mci.example"])
    assert f"/staff/dropshippers/{Dropshipper.objects.get().pk}/" in letter.body


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"vat_number": "00743110158"}, "vat_number"),  # check digit
        ({"vat_number": "0074311015"}, "vat_number"),
        ({"vat_number": "00000000000"}, "vat_number"),
        ({"vat_number": "DE123456789"}, "vat_number"),
        ({"vat_number": ""}, "vat_number"),
        ({"fiscal_code": "RSSMRA85T10A562T"}, "fiscal_code"),  # the right one ends with S
        ({"fiscal_code": "12345678901"}, "fiscal_code"),
        ({"fiscal_code": "RßMRA85T10A562S"}, "fiscal_code"),  # one letter, not two
        ({"sdi_code": "", "pec": ""}, "sdi_code"),
        ({"sdi_code": "0000000", "pec": ""}, "sdi_code"),
        ({"sdi_code": "ABC12"}, "sdi_code"),
        ({"pec": "not an address"}, "pec"),
        ({"phone": "12"}, "phone"),
        ({"postcode": "2012"}, "postcode"),
        ({"postcode": "٢٠١٢١"}, "postcode"),
        ({"province": "XX"}, "province"),
        ({"email": "nobody"}, "email"),
        ({"password1": "short"}, "password1"),
        ({"password1": "password123"}, "password1"),
        ({"contact": ""}, "contact"),
        ({"street": ""}, "street"),
    ],
)
@pytest.mark.django_db
def test_a_wrong_answer_is_named_and_leaves_nothing(client: Client, changes: dict[str, str], field: str) -> None:
    answer = client.post(URL, answers(**changes))
    assert list(answer.context["form"].errors) == [field]
    assert f'href="#id_{field}"'.encode() in answer.content
    assert not User.objects.exists()
    assert not Dropshipper.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"fiscal_code": "RSSMRA85T10A562S"},
        {"fiscal_code": "rssmra85t10a562s"},
        {"sdi_code": "", "pec": "bottega@pec.example"},
        {"sdi_code": "0000000", "pec": "bottega@pec.example"},
        {"phone": "+39 02 1234567"},
    ],
)
@pytest.mark.django_db
def test_the_other_right_answers_pass(client: Client, changes: dict[str, str]) -> None:
    assert client.post(URL, answers(**changes)).status_code == 302
    assert Dropshipper.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("vat_number", "P. IVA IT00743110157", "00743110157"),
        ("vat_number", "IT 0 0 7 4 3 1 1 0 1 5 7", "00743110157"),
        ("vat_number", "00743.110.157\u200b", "00743110157"),
        ("fiscal_code", "IT 00743110157", "00743110157"),
        ("fiscal_code", "C.F. RSS MRA 85T10 A562 S", "RSSMRA85T10A562S"),
        ("fiscal_code", "CFRMRA85T10A562Y", "CFRMRA85T10A562Y"),  # a surname, not the two words
        ("sdi_code", "m 5 u x c r 1", "M5UXCR1"),
        ("sdi_code", "VAT12CF", "VAT12CF"),
        ("phone", "+39 (0)11/555.01.40", "+390115550140"),
        ("phone", "011 5550140 / 333 1234567", "+390115550140"),
        ("phone", "tel. +39+39 3331234567", "+393331234567"),
        ("postcode", " 10 124", "10124"),
        ("postcode", "I-00184", "00184"),
        ("postcode", "１０１２４", "10124"),
        ("province", "Roma", "RM"),
        ("province", "(to)", "TO"),
        ("province", "Monza", "MB"),
        ("province", "FO", "FC"),
    ],
)
@pytest.mark.django_db
def test_a_company_is_written_as_people_write_it(client: Client, field: str, typed: str, kept: str) -> None:
    answer = client.post(URL, answers(**{field: typed}))
    assert answer.status_code == 302, answer.context["form"].errors
    assert getattr(Dropshipper.objects.get(), field) == kept


@pytest.mark.django_db
def test_no_field_of_a_company_is_so_short_that_a_browser_cuts_what_is_pasted(client: Client) -> None:
    """“Roma” in a field of two is “Ro”: Rovigo, on every invoice."""
    page = client.get(URL).content.decode()
    for field, longest in (
        ("vat_number", "partita IVA IT 0 0 7 4 3 1 1 0 1 5 7"),
        ("fiscal_code", "R S S M R A 8 5 T 1 0 A 5 6 2 S"),
        ("sdi_code", "M 5 U X C R 1"),
        ("phone", "+39 (0) 11 / 555 01 40 (ufficio), 333 1234567"),
        ("postcode", "   I - 10 124   "),
        ("province", "Provincia di Barletta-Andria-Trani"),
    ):
        found = re.search(rf'<input[^>]*name="{field}"[^>]*>', page)
        assert found
        cut = re.search(r'maxlength="(\d+)"', found[0])
        assert cut
        assert int(cut[1]) >= len(longest), field


@pytest.mark.django_db
def test_a_vat_number_is_registered_once(client: Client) -> None:
    taken = cast.dropshipper()
    answer = client.post(URL, answers(vat_number=taken.vat_number))
    assert answer.context["form"].errors["vat_number"].as_data()[0].code == "vat_number_taken"
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_taken_email_makes_no_second_user_nor_company(client: Client) -> None:
    cast.user(email="ada@bottega.example")
    client.post(URL, answers())
    assert User.objects.count() == 1
    assert not Dropshipper.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_sign_ups_with_one_vat_number_one_wins_whole() -> None:
    barrier, codes = threading.Barrier(6), []

    def sign_up(number: int) -> None:
        try:
            barrier.wait()
            codes.append(Client().post(URL, answers(email=f"p{number}@bottega.example")).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign_up, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    ended(threads)
    assert (User.objects.count(), Dropshipper.objects.count(), Member.objects.count()) == (1, 1, 1)
    assert codes == [302] * 6  # none is told more than the others


@pytest.mark.django_db(transaction=True)
def test_of_many_sign_ups_with_one_address_one_wins_whole() -> None:
    barrier, codes = threading.Barrier(6), []

    def sign_up(number: str) -> None:
        try:
            barrier.wait()
            codes.append(Client().post(URL, answers(vat_number=number)).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign_up, args=(cast.vat_number(),)) for _number in range(6)]
    for thread in threads:
        thread.start()
    ended(threads)
    assert (User.objects.count(), Dropshipper.objects.count(), Member.objects.count()) == (1, 1, 1)
    assert codes == [302] * 6
