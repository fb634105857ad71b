"""The exchange of a field key: beside traffic, interrupted, with a key missing."""

from __future__ import annotations

import base64
import threading
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.utils import timezone

from accounts.sign_in import mfa
from connectors.models import ConnectAttempt, Shop
from core.sealed import SecretUnreadable
from mci.database import reencrypt
from tests import cast
from tests.connectors.conftest import make_shop
from tests.threads import ended

OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))


def world(settings: Any, shops: int = 3) -> list[Shop]:
    settings.FIELD_KEYS = [OLD]
    seller = cast.dropshipper()
    made = []
    for number in range(shops):
        shop = make_shop(seller, address=f"http://127.0.0.1:{1000 + number}")
        shop.credentials, shop.webhook_secret = f'{{"n": {number}}}', f"secret {number}"
        shop.save()
        made.append(shop)
    return made


def opens(shop: Shop) -> tuple[str, str]:
    shop = Shop.objects.get(pk=shop.pk)
    return shop.credentials, shop.webhook_secret


@pytest.mark.django_db
def test_after_it_the_old_key_can_be_dropped(settings: Any, capsys: Any) -> None:
    shops = world(settings)
    clerk = cast.staff()
    before = [opens(shop) for shop in shops]
    settings.FIELD_KEYS = [NEW, OLD]
    call_command("reencrypt", batch=2)
    assert "connectors.Shop.sealed_credentials: 3 sealed anew" in capsys.readouterr().out
    settings.FIELD_KEYS = [NEW]
    assert [opens(shop) for shop in shops] == before
    with mfa.secrets_of(clerk.pk):
        secret = mfa.SealedAdapter().decrypt(Authenticator.objects.get(user=clerk).data["secret"])
    assert secret == cast.APP_SECRET
    call_command("reencrypt", check=True)
    assert "The first key opens them all." in capsys.readouterr().out


@pytest.mark.django_db
def test_without_it_the_secrets_are_lost_with_the_old_key(settings: Any) -> None:
    """The negative control."""
    (shop,) = world(settings, 1)
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(SecretUnreadable):
        opens(shop)


@pytest.mark.django_db
def test_a_second_run_changes_nothing(settings: Any) -> None:
    world(settings)
    settings.FIELD_KEYS = [NEW, OLD]
    call_command("reencrypt")
    held = list(Shop.objects.values_list("sealed_credentials", flat=True).order_by("pk"))
    call_command("reencrypt")
    assert list(Shop.objects.values_list("sealed_credentials", flat=True).order_by("pk")) == held


@pytest.mark.django_db
def test_what_opens_with_no_key_is_named_and_left_alone(settings: Any, capsys: Any) -> None:
    """An interrupted exchange, of which somebody dropped the old key too soon."""
    first, second, third = world(settings)
    settings.FIELD_KEYS = [NEW, OLD]
    Shop.objects.filter(pk=second.pk).update(sealed_credentials=Shop.objects.get(pk=third.pk).sealed_credentials)
    with pytest.raises(CommandError, match="drop no key"):
        call_command("reencrypt")
    assert f"1 OPEN WITH NO KEY ({second.pk})" in capsys.readouterr().out
    settings.FIELD_KEYS = [NEW]  # the others were brought over all the same
    assert opens(first)[1] == "secret 0"
    assert opens(third)[1] == "secret 2"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("keys", "options", "word"),
    [([OLD], {}, "one key"), ([OLD, OLD], {}, "twice"), ([NEW, OLD], {"batch": 0}, "between")],
)
def test_nonsense_is_refused(settings: Any, keys: list[str], options: dict[str, Any], word: str) -> None:
    settings.FIELD_KEYS = keys
    with pytest.raises(CommandError, match=word):
        call_command("reencrypt", **options)


@pytest.mark.django_db
def test_looking_writes_nothing(settings: Any, capsys: Any) -> None:
    world(settings)
    settings.FIELD_KEYS = [NEW, OLD]
    held = list(Shop.objects.values_list("sealed_credentials", flat=True).order_by("pk"))
    call_command("reencrypt", check=True)
    assert "need an old key" in capsys.readouterr().out
    assert list(Shop.objects.values_list("sealed_credentials", flat=True).order_by("pk")) == held


def test_every_column_of_secrets_is_known() -> None:
    found = {place.label for place in reencrypt.places()}
    assert {"connectors.Shop.sealed_credentials", "connectors.Shop.webhook_secret_sealed"} <= found
    assert {"connectors.ConnectAttempt.kept_sealed", "mfa.Authenticator.data"} <= found
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if "sealed" in column.name and isinstance(column, models.BinaryField):
                assert f"{model._meta.label}.{column.name}" in found
                assert callable(getattr(model, "sealing_context", None)), f"{model} says not where its secrets belong"


def test_no_context_is_written_twice() -> None:
    """What a row's secret is bound to is said by its model alone, or the exchange would bind it elsewhere."""
    import ast
    from pathlib import Path

    from django.conf import settings

    said = []
    for room in ("accounts", "catalog", "connectors", "core", "mci", "orders", "shipping", "wallet"):
        for path in (Path(settings.BASE_DIR) / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in (
                    "seal",
                    "open_sealed",
                ):
                    word = next(ast.unparse(one.value) for one in node.keywords if one.arg == "context")
                    if "sealing_context" not in word and word not in ("context", "self.context", "self._context()"):
                        said.append(f"{path.name}: {word}")
    assert said == []


PARTS = ("form", "way", "kept", "answer", "found")


@pytest.mark.django_db
def test_an_attempt_under_way_goes_over_too(settings: Any) -> None:
    settings.FIELD_KEYS = [OLD]
    seller = cast.dropshipper()
    attempt = ConnectAttempt(
        token="t", dropshipper=seller, by=cast.member(seller), platform="woocommerce", expires_at=timezone.now()
    )
    for part in PARTS:
        attempt.sealed(part, {"is": part})
    attempt.save()
    settings.FIELD_KEYS = [NEW, OLD]
    call_command("reencrypt")
    settings.FIELD_KEYS = [NEW]
    found = ConnectAttempt.objects.get(pk=attempt.pk)
    assert [found.read(part) for part in PARTS] == [{"is": part} for part in PARTS]


@pytest.mark.django_db
def test_what_a_server_with_the_old_key_writes_meanwhile_is_sealed_anew_too(settings: Any, monkeypatch: Any) -> None:
    """Counted as done it would be lost with the old key, which the report says may be dropped."""
    (shop,) = world(settings, 1)
    settings.FIELD_KEYS = [NEW, OLD]
    renewed, written = reencrypt.BinaryPlace.renewed, list[int]()

    def late(place: Any, row: Any) -> Any:
        fresh = renewed(place, row)
        if place.column == "sealed_credentials" and not written:
            written.append(row.pk)
            settings.FIELD_KEYS = [OLD]
            shop.credentials = '{"fresh": true}'
            Shop.objects.filter(pk=shop.pk).update(sealed_credentials=shop.sealed_credentials)
            settings.FIELD_KEYS = [NEW, OLD]
        return fresh

    monkeypatch.setattr(reencrypt.BinaryPlace, "renewed", late)
    call_command("reencrypt")
    settings.FIELD_KEYS = [NEW]
    assert (written, opens(shop)[0]) == ([shop.pk], '{"fresh": true}')


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_what_is_written_meanwhile_is_never_overwritten(settings: Any, monkeypatch: Any, guarded: bool) -> None:
    """A writer renews the credentials of each shop between the command's reading and its writing. Negative control:
    without compare-and-set the old credentials are back."""
    shops = world(settings, 4)
    settings.FIELD_KEYS = [NEW, OLD]
    swap = reencrypt._swap
    written: set[int] = set()

    def write(pk: int) -> None:
        shop = Shop.objects.get(pk=pk)
        shop.credentials = '{"fresh": true}'
        Shop.objects.filter(pk=pk).update(sealed_credentials=shop.sealed_credentials)
        connection.close()

    def late(place: Any, row: Any, fresh: Any) -> bool:
        if place.column == "sealed_credentials" and row.pk not in written:
            written.add(row.pk)
            thread = threading.Thread(target=write, args=(row.pk,))
            thread.start()
            ended([thread])
        if guarded:
            return swap(place, row, fresh)
        return bool(place.model.objects.filter(pk=row.pk).update(**{place.column: fresh}))

    monkeypatch.setattr(reencrypt, "_swap", late)
    call_command("reencrypt")
    settings.FIELD_KEYS = [NEW]
    kept = {opens(shop)[0] for shop in shops}
    assert (kept == {'{"fresh": true}'}) is guarded
