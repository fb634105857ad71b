"""Top-ups as a reseller asks for them: amounts as people type them, one click or two, whose they are."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Member
from tests import cast
from tests.wallet.books import books
from tests.wallet.pages import figures, next_page
from wallet import topups
from wallet.models import Entry, TopUp

pytestmark = pytest.mark.django_db
URL = "/wallet/top-up/"


def ask(client: Any, amount: str = "", preset: str = "other", key: Any = None) -> Any:
    return client.post(URL, {"key": key or uuid.uuid4(), "preset": preset, "amount": amount})


def asked(dropshipper: Any, person: Any, amount: str = "80.00") -> TopUp:
    return topups.request(dropshipper.pk, D(amount), key=uuid.uuid4(), by=person.pk)


def rows() -> list[Any]:
    return list(TopUp.objects.order_by("pk").values())


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("12,50", "12.50"), ("12.50", "12.50"), (" 12,5 € ", "12.50"), ("1.234,56", "1234.56"), ("50000", "50000.00")],
)
def test_an_amount_is_understood_with_a_comma_and_with_a_point(
    owner: Any, client_for: Any, typed: str, amount: str
) -> None:
    answer = ask(client_for(owner), typed)
    made = TopUp.objects.get()
    assert answer.url == reverse("wallet:top_up_detail", args=[made.pk])
    assert (made.amount, made.status, made.requested_by) == (D(amount), "requested", owner)


@pytest.mark.parametrize("preset", ["100", "250", "500"])
def test_a_button_counts_whatever_stands_in_the_field_of_other(owner: Any, client_for: Any, preset: str) -> None:
    ask(client_for(owner), "nonsense", preset)
    assert TopUp.objects.get().amount == D(preset)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "abc",
        "1.234",
        "-5",
        "0",
        "0,99",
        "50000,01",
        "NaN",
        "Infinity",
        "1e3",
        "１２",
        "12,505",
        "9" * 15,
        "9" * 4000,
    ],
)
def test_what_is_no_amount_is_refused_in_place_and_leaves_nothing(owner: Any, client_for: Any, typed: str) -> None:
    key = uuid.uuid4()
    answer = ask(client_for(owner), typed, key=key)
    assert answer.status_code == 422
    assert rows() == []
    page = answer.content.decode()
    assert f'value="{key}"' in page  # the next try is the same request
    assert not typed or f'value="{typed}"' in page
    assert "data-mci-focus" in page


def test_a_second_submit_is_the_same_request(owner: Any, client_for: Any) -> None:
    client, key = client_for(owner), uuid.uuid4()
    first, again = ask(client, "30", key=key), ask(client, "30", key=key)
    assert first.url == again.url
    assert TopUp.objects.count() == 1


def test_anothers_key_finds_nothing_of_his(owner: Any, dropshipper: Any, stranger: Any, client_for: Any) -> None:
    his = asked(dropshipper, owner)
    before = rows()
    answer = ask(client_for(stranger), "30", key=his.key)
    assert answer.status_code == 422
    assert his.causale.encode() not in answer.content
    assert rows() == before


def test_a_sixth_open_one_is_refused(owner: Any, dropshipper: Any, client_for: Any) -> None:
    made = [asked(dropshipper, owner) for _ in range(5)]
    client = client_for(owner)
    assert ask(client, "30").status_code == 422
    assert TopUp.objects.count() == 5
    topups.withdraw(made[0].pk, by=owner.pk)
    assert ask(client, "30").status_code == 302


def test_every_request_has_its_own_payment_reference(owner: Any, dropshipper: Any) -> None:
    found = {asked(dropshipper, owner).causale for _ in range(5)}
    assert len(found) == 5
    assert all(re.fullmatch(r"MCI [2-9A-Z]{4} [2-9A-Z]{4}", causale) for causale in found)


def test_a_link_with_what_is_missing_fills_the_field(owner: Any, client_for: Any) -> None:
    page = client_for(owner).get(f"{URL}?amount=14.10").content.decode()
    assert 'value="14,10"' in page
    assert re.search(r'value="other"\s+checked', page)


def test_an_amount_in_a_link_is_text(owner: Any, client_for: Any) -> None:
    answer = client_for(owner).get(f'{URL}?amount="><script>x')
    assert answer.status_code == 200
    assert b'name="amount"' in answer.content
    assert b"<script>x" not in answer.content


def test_without_the_suppliers_bank_account_none_is_asked_for(owner: Any, client_for: Any, settings: Any) -> None:
    settings.SUPPLIER_IBAN = ""
    client = client_for(owner)
    for address in (URL, "/wallet/"):
        page = client.get(address)
        assert b"data-no-iban" in page.content
        assert b'name="preset"' not in page.content
    assert ask(client, "30").status_code == 422
    assert rows() == []


def test_its_page_says_where_to_send_what(owner: Any, dropshipper: Any, client_for: Any, settings: Any) -> None:
    settings.SUPPLIER_IBAN, settings.SUPPLIER_NAME = "IT60X0542811101000000123456", "Scontimania S.r.l."
    made = asked(dropshipper, owner, "1234.50")
    page = client_for(owner).get(reverse("wallet:top_up_detail", args=[made.pk])).content.decode()
    assert "IT60 X054 2811 1010 0000 0123 456" in page
    copied = re.findall(r'data-mci-copy="([^"]*)"', page)
    assert copied == ["Scontimania S.r.l.", "IT60X0542811101000000123456", "1234,50", made.causale]
    assert "Scontimania S.r.l." in page


def test_sent_then_withdrawn_each_once(owner: Any, dropshipper: Any, client_for: Any) -> None:
    made, client = asked(dropshipper, owner), client_for(owner)
    sent, withdraw = (reverse(f"wallet:top_up_{verb}", args=[made.pk]) for verb in ("sent", "withdraw"))
    client.post(sent)
    made.refresh_from_db()
    assert (made.status, made.sent_at is not None) == ("sent", True)
    before = rows()
    client.post(sent)
    assert rows() == before
    client.post(withdraw)
    made.refresh_from_db()
    assert (made.status, made.decided_by) == ("withdrawn", owner)
    before = rows()
    client.post(withdraw)
    client.post(sent)
    assert rows() == before
    assert not Entry.objects.exists()


def test_what_was_credited_is_not_withdrawn(owner: Any, dropshipper: Any, staff: Any, client_for: Any) -> None:
    made = asked(dropshipper, owner)
    topups.credit(made.pk, by=staff.pk)
    before = (rows(), books())
    client_for(owner).post(reverse("wallet:top_up_withdraw", args=[made.pk]))
    assert (rows(), books()) == before


def test_a_rejected_one_says_why(owner: Any, dropshipper: Any, staff: Any, client_for: Any) -> None:
    made = asked(dropshipper, owner)
    topups.reject(made.pk, reason="The <transfer> did not arrive", by=staff.pk)
    client = client_for(owner)
    for address in (reverse("wallet:top_up_detail", args=[made.pk]), reverse("wallet:topups")):
        assert b"The &lt;transfer&gt; did not arrive" in client.get(address).content


def test_looking_changes_nothing(owner: Any, dropshipper: Any, client_for: Any) -> None:
    made, client = asked(dropshipper, owner), client_for(owner)
    before = rows()
    for verb in ("sent", "withdraw"):
        assert client.get(reverse(f"wallet:top_up_{verb}", args=[made.pk])).status_code == 405
    assert rows() == before


def test_a_strangers_top_up_is_not_there(
    owner: Any, dropshipper: Any, stranger: Any, other_dropshipper: Any, client_for: Any
) -> None:
    made = asked(dropshipper, owner)
    before, client = rows(), client_for(stranger)
    assert client.get(reverse("wallet:top_up_detail", args=[made.pk])).status_code == 404
    for verb in ("sent", "withdraw"):
        assert client.post(reverse(f"wallet:top_up_{verb}", args=[made.pk])).status_code == 404
    assert figures(client.get(reverse("wallet:topups")), "top-up") == []
    assert made.causale.encode() not in client.get("/wallet/").content
    assert rows() == before


def test_who_does_the_orders_asks_for_no_money(owner: Any, dropshipper: Any, client_for: Any) -> None:
    made = asked(dropshipper, owner)
    before, client = rows(), client_for(cast.member(dropshipper, role=Member.Role.ORDERS))
    assert client.get(URL).status_code == 403
    assert ask(client, "30").status_code == 403
    assert client.get(reverse("wallet:topups")).status_code == 403
    assert client.get(reverse("wallet:top_up_detail", args=[made.pk])).status_code == 403
    for verb in ("sent", "withdraw"):
        assert client.post(reverse(f"wallet:top_up_{verb}", args=[made.pk])).status_code == 403
    assert rows() == before


def test_accounting_asks_for_it(dropshipper: Any, client_for: Any) -> None:
    assert ask(client_for(cast.member(dropshipper, role=Member.Role.ACCOUNTING)), "30").status_code == 302
    assert list(TopUp.objects.values_list("dropshipper", "amount")) == [(dropshipper.pk, D("30.00"))]


def test_the_history_shows_each_once_the_newest_first(owner: Any, dropshipper: Any, client_for: Any) -> None:
    made = []
    for _ in range(60):
        made.append(asked(dropshipper, owner).pk)
        topups.withdraw(made[-1], by=owner.pk)
    client = client_for(owner)
    first = client.get(reverse("wallet:topups"))
    second = client.get(reverse("wallet:topups") + next_page(first))
    shown = [int(pk) for pk in figures(first, "top-up") + figures(second, "top-up")]
    assert shown == made[::-1]
    assert next_page(second) == ""


# Session, user, member with his company, three of the menu, the shell's balance; then what the page is about: the form
# asks for the balances (the shell's are read again) and the open ones.
FORM, HISTORY, DETAIL = 8, 7, 7


def test_pages_of_top_ups_ask_few_queries(
    owner: Any, dropshipper: Any, client_for: Any, django_assert_num_queries: Any
) -> None:
    client = client_for(owner)
    for _ in range(4):
        last = asked(dropshipper, owner)
    client.get(URL)
    with django_assert_num_queries(FORM):
        client.get(URL)
    with django_assert_num_queries(HISTORY):
        client.get(reverse("wallet:topups"))
    with django_assert_num_queries(DETAIL):
        client.get(reverse("wallet:top_up_detail", args=[last.pk]))


def test_a_form_that_comes_again_with_another_amount_is_told_so(owner: Any, client_for: Any) -> None:
    """Back, another amount, send: the page of the first amount would be paid in the belief that it is the second."""
    client, key = client_for(owner), str(uuid.uuid4())
    ask(client, "100,00", key=key)
    before = rows()

    refused = ask(client, "250,00", key=key)

    assert refused.status_code == 422
    assert rows() == before
    text = refused.content.decode()
    assert TopUp.objects.get().causale in text
    assert 'value="250,00"' in text
    (fresh,) = re.findall(r'name="key" value="([^"]+)"', text)
    assert fresh != key
    assert ask(client, "250,00", key=fresh).status_code == 302
    assert sorted(TopUp.objects.values_list("amount", flat=True)) == [D("100.00"), D("250.00")]
