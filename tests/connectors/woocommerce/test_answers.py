"""What an answer means: the shop's own word, a plugin's, or that of something that stands before the shop."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import pytest

from connectors.platforms.errors import ShopBusy
from connectors.platforms.woocommerce.answers import NotFound, judge, skew
from core.errors import DomainError, NeedsHand, TryLater
from core.http import Answer

PAGE = b"<!DOCTYPE html><title>x</title>"


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def wp(code: str) -> bytes:
    return f'{{"code":"{code}","message":"Mi dispiace.","data":{{"status":401}}}}'.encode()


def code_of(given: Answer) -> tuple[str, bool]:
    """The code of what is raised, and whether a person must act before it goes on."""
    with pytest.raises(DomainError) as caught:
        judge(given)
    assert isinstance(caught.value, NeedsHand | TryLater)
    assert "%(" not in str(caught.value)
    return caught.value.code, isinstance(caught.value, NeedsHand)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, wp("woocommerce_rest_cannot_view"), "key_unknown"),
        (401, wp("woocommerce_rest_authentication_error"), "key_refused"),
        (403, wp("woocommerce_rest_cannot_view"), "key_owner"),
        (403, wp("woocommerce_rest_cannot_edit"), "key_owner"),
        (301, b"", "shop_moved"),
        (308, PAGE, "shop_moved"),
    ],
)
def test_only_the_shops_own_word_about_a_key_needs_a_hand(status: int, body: bytes, code: str) -> None:
    assert code_of(answer(status, body)) == (code, True)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (403, PAGE, "shop_blocked"),
        (403, b"", "shop_blocked"),
        (403, b"Forbidden", "shop_blocked"),
        (403, b'{"success":false}', "shop_blocked"),
        (401, PAGE, "shop_blocked"),
        (406, PAGE, "shop_blocked"),
        (451, PAGE, "shop_blocked"),
        (401, wp("rest_not_logged_in"), "api_closed"),
        (403, wp("rest_forbidden"), "api_closed"),
        (200, PAGE, "page_instead"),
        (503, PAGE, "page_instead"),
        (302, b"", "page_instead"),
        (404, PAGE, "api_missing"),
        (404, wp("rest_no_route"), "api_missing"),
        (500, PAGE, "shop_unreachable"),
        (200, b"", "shop_unreachable"),
        (200, b'[{"id":', "shop_unreachable"),
        (429, PAGE, "shop_busy"),
        (504, b"", "shop_unreachable"),
    ],
)
def test_what_may_pass_is_tried_again(status: int, body: bytes, code: str) -> None:
    assert code_of(answer(status, body)) == (code, False)


def test_the_wait_that_a_page_of_maintenance_asks_for_is_heeded() -> None:
    for body in (PAGE, b"{}"):
        with pytest.raises(TryLater) as caught:
            judge(answer(503, body, retry_after="600"))
        assert caught.value.after == dt.timedelta(minutes=10)
    with pytest.raises(ShopBusy):
        judge(answer(503, b"{}", retry_after="600"))


def test_a_thing_that_is_not_there_is_not_the_whole_api() -> None:
    with pytest.raises(NotFound):
        judge(answer(404, wp("woocommerce_rest_shop_order_invalid_id")))


def test_a_byte_order_mark_before_the_json_does_no_harm() -> None:
    assert judge(answer(200, b"\xef\xbb\xbf\n[1]")).data == [1]


@pytest.mark.parametrize("seconds", [-600, 0, 600])
def test_the_shops_clock_is_read_from_its_answer(seconds: int) -> None:
    date = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds), usegmt=True)
    found = skew(answer(200, date=date))
    assert found is not None
    assert abs(found.total_seconds() - seconds) < 2


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}, {"date": "Wed, 21 Oct 2015 07:28:00 GMT", "age": "9"}])
def test_a_date_that_says_nothing_is_left_alone(headers: dict[str, str]) -> None:
    assert skew(answer(200, **headers)) is None
