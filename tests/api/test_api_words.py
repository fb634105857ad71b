"""A member that is refused says why in the reader's language, whatever kind of member it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation
from rest_framework import serializers

from core.api.shapes import Body
from tests.programs import Program, routes

# Messages that our own kinds never come to: they refuse before, with a word of theirs.
_NEVER = {
    "Text": {"invalid", "min_length"},
    "Whole": {"invalid", "max_string_length"},
    "Amount": {"invalid", "max_digits", "max_decimal_places", "max_whole_digits", "max_string_length"},
    "Many": {"empty"},
}


def _bodies(kind: type[Body] = Body) -> Iterator[type[Body]]:
    for one in kind.__subclasses__():
        yield one
        yield from _bodies(one)


def _fields(field: Any) -> Iterator[Any]:
    yield field
    if isinstance(field, serializers.ListField):
        yield from _fields(field.child)
    for inner in getattr(field, "fields", {}).values():
        yield from _fields(inner)


def test_every_message_of_every_body_is_said_in_italian() -> None:
    assert list(routes())  # the addresses load the bodies
    found, wrong = 0, set()
    for body in _bodies():
        for field in _fields(body()):
            kind = type(field).__name__
            for code, message in field.error_messages.items():
                if code in _NEVER.get(kind, ()):
                    continue
                with translation.override("it"):
                    italian = str(message)
                with translation.override("en"):
                    english = str(message)
                found += 1
                if italian == english:
                    wrong.add(f"{kind} {code}: {english}")
    assert not wrong, "\n".join(sorted(wrong))
    assert found > 100


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({"draft": "true"}, "/draft", "Invia true o false."),
        ({"draft": 1}, "/draft", "Invia true o false."),
        ({"lines": []}, "/lines", "Almeno 1."),
        ({"lines": {"sku": "A"}}, "/lines", "Invia un elenco."),
        ({"payment": "boh"}, "/payment", "“boh” non è tra i valori accettati qui."),
        ({"recipient": []}, "/recipient", "Invia un oggetto."),
        ({"recipient": None}, "/recipient", "Non può essere null."),
        ({"note": "x" * 201}, "/note", "Al massimo 200 caratteri."),
        ({"method_id": "987654321"}, "/method_id", "Questo metodo di spedizione non è più offerto."),
    ],
)
def test_what_is_wrong_is_said_at_its_place(dropshipper: Any, body: dict[str, Any], pointer: str, words: str) -> None:
    from tests.orders import stage

    stage.variant("MCI-1", net="12.00")
    recipient = {"name": "Lucia Finta", "street": "Via Roma 1", "postcode": "10122", "city": "Torino", "province": "TO"}
    whole = {"recipient": recipient, "lines": [{"sku": "MCI-1"}], "payment": "prepaid"}
    answer = Program(dropshipper).post("orders", whole | body)
    assert answer.status_code == 422, answer.content
    assert (pointer, words) in [(one["pointer"], one["detail"]) for one in answer.json()["errors"]]


@pytest.mark.django_db
def test_a_body_may_begin_with_a_mark_and_holds_no_half_characters(dropshipper: Any) -> None:
    program = Program(dropshipper)
    headers = {"Authorization": f"Bearer {program.text}"}

    def post(data: bytes, number: int) -> Any:
        key = {"Idempotency-Key": f"words-{number}"}
        return program.client.post("/api/v1/orders", data, content_type="application/json", headers=headers | key)

    whole = json.dumps({"recipient": {"name": "Lucia"}, "lines": [{"sku": "X"}], "draft": True}).encode()
    assert post(b"\xef\xbb\xbf" + whole, 1).status_code == 201
    for number, half in enumerate((rb'{"\ud800": 1}', rb'{"note": "\ud800"}', rb'{"payment": "\uDFFF"}')):
        answer = post(half, 10 + number)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_json"), half
    assert post(rb'{"note": "\ud83d\ude00", "payment": "boh"}', 20).status_code == 422
