"""What grows with time is kept as long as mci/database/retention.py says, and every model has its word there."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from accounts.keys import keys
from accounts.models import ApiAnswer, ApiRequest, SecurityEvent
from connectors.models import ConnectAttempt, MatchBatch, OrderProof, PublishItem, PublishRun, Shop, ShopAsk, ShopEvent
from mci import schema
from mci.database import retention
from mci.database.retention import ELSEWHERE, KEPT, RULES, TABLES
from orders.models import DispatchItem, DispatchRun, HalfTyped
from tests import cast
from tests.meeting import meet
from tests.orders import stage
from tests.threads import ended

BY_RULE = {rule.model for rule in RULES} | {part[0] for rule in RULES for part in rule.parts}


def test_every_model_has_one_rule_or_one_reason_to_be_kept() -> None:
    """A new model fails here until somebody has said how long its rows are kept."""
    models = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    said = [*BY_RULE, *ELSEWHERE, *KEPT]
    assert sorted(models - set(said)) == []
    assert sorted(set(said) - models) == []
    assert len(said) == len(set(said))
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert set(schema.wanted()["tables"]) - tables == set(TABLES)
    assert all([*ELSEWHERE.values(), *KEPT.values(), *(rule.why for rule in RULES)])


def test_nothing_of_the_books_and_nothing_that_proves_money_has_a_rule() -> None:
    assert not [model for model in BY_RULE if model.startswith("wallet.")]
    assert not BY_RULE & {"orders.Order", "orders.OrderLine", "shipping.Shipment", "catalog.StockMove"}


@pytest.mark.django_db
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.model)
def test_a_rule_names_what_there_is_and_has_an_index_for_it(rule: retention.Rule) -> None:
    model = apps.get_model(rule.model)
    assert model._meta.db_table == rule.table
    for name, table, column in rule.parts:
        part = apps.get_model(name)
        assert part._meta.db_table == table
        assert column in {field.column for field in part._meta.local_fields}
    # Whatever refers to the rows goes along, or is set to nothing by the database's own rule.
    parts = {name for name, _table, _column in rule.parts}
    assert {one.related_model._meta.label for one in model._meta.related_objects} <= parts
    if rule.model == "account.EmailConfirmation":
        return  # allauth's, and few
    assert (
        any(index.fields[:1] == [rule.at] for index in model._meta.indexes) or model._meta.get_field(rule.at).db_index
    )


def rows(dropshipper: Any, age: dt.timedelta) -> list[Any]:
    """One row of everything that has a rule, so old."""
    at, person = timezone.now() - age, cast.user()
    shop = Shop.objects.create(
        dropshipper=dropshipper, platform="woocommerce", name="x", address=f"https://{uuid.uuid4()}.example"
    )
    order = stage.order(dropshipper, (stage.variant().sku, 1))
    run = DispatchRun.objects.create(dropshipper=dropshipper, state="done", finished_at=at)
    published = PublishRun.objects.create(dropshipper=dropshipper, shop=shop, state="stopped", finished_at=at)
    open_run = DispatchRun.objects.create(dropshipper=dropshipper, state="queued", created_at=at, finished_at=None)
    product = stage.variant().product
    key, _text = keys.make(dropshipper, name=uuid.uuid4().hex, scopes=["stock:read"], by=person)
    asked = {"dropshipper": dropshipper, "api_key": key, "method": "GET", "path": "/", "took_ms": 1}
    kept = [open_run, order, shop, key]
    return [
        kept,
        [
            Session.objects.create(session_key=uuid.uuid4().hex, session_data="", expire_date=at),
            ConnectAttempt.objects.create(
                token=uuid.uuid4().hex, dropshipper=dropshipper, by=person, platform="x", expires_at=at
            ),
            ShopEvent.objects.create(shop=shop, code="connected", at=at),
            SecurityEvent.objects.create(user=person, code="sign_in", at=at),
            OrderProof.objects.create(shop=shop, at=at, since=at, theirs=0, same=0),
            run,
            DispatchItem.objects.create(run=run, order=order, position=0),
            HalfTyped.objects.create(dropshipper=dropshipper, user=person, key=uuid.uuid4(), at=at),
            published,
            PublishItem.objects.create(run=published, product=product, position=0),
            MatchBatch.objects.create(shop=shop, at=at, changes=[]),
            ApiAnswer.objects.create(dropshipper=dropshipper, key=uuid.uuid4().hex, status=201, body={}, at=at),
            ApiRequest.objects.create(**asked, status=200, at=at),
            ShopAsk.objects.create(shop=shop, what="test", try_after=None, done_at=at),
        ],
    ]


def there(found: list[Any]) -> list[str]:
    return [row._meta.label for row in found if type(row)._base_manager.filter(pk=row.pk).exists()]


@pytest.mark.django_db
def test_what_is_old_goes_and_what_is_young_or_open_stays(dropshipper: Any) -> None:
    kept, old = rows(dropshipper, dt.timedelta(days=400))
    _kept, young = rows(dropshipper, dt.timedelta(days=20))
    gone = retention.sweep()
    assert there(old) == []
    # A session is over at once; all else is kept for at least a month.
    assert there(young) == [row._meta.label for row in young if not isinstance(row, Session)]
    assert len(there(kept)) == len(kept)
    assert gone["orders.DispatchRun"] == 1
    assert sum(retention.sweep().values()) == 0


@pytest.mark.django_db
def test_the_owner_decides_how_long(dropshipper: Any, settings: Any) -> None:
    settings.RETENTION_RUN_DAYS = 10
    _kept, young = rows(dropshipper, dt.timedelta(days=20))
    retention.sweep()
    assert "orders.DispatchRun" not in there(young)
    assert "connectors.ShopEvent" in there(young)


@pytest.mark.django_db
def test_a_batch_is_bounded_and_the_sweep_goes_on_until_nothing_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    at = timezone.now() - dt.timedelta(days=1)
    Session.objects.bulk_create(
        [Session(session_key=uuid.uuid4().hex, session_data="", expire_date=at) for _n in range(2500)]
    )
    sizes = []
    really = retention._batch
    monkeypatch.setattr(retention, "_batch", lambda rule: sizes.append(really(rule)) or sizes[-1])
    assert retention.sweep()["sessions.Session"] == 2500
    assert sizes[:4] == [1000, 1000, 500, 0]


@pytest.mark.django_db
def test_a_rule_that_fails_holds_up_none_of_the_others(dropshipper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _kept, old = rows(dropshipper, dt.timedelta(days=400))
    bad = retention.Rule("sessions.Session", "nowhere", 0, "expire_date", "a table that is not there")
    monkeypatch.setattr(retention, "RULES", [bad, *RULES])
    retention.sweep()
    assert there(old) == []


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_waits_for_the_next_time_and_delays_nobody(dropshipper: Any) -> None:
    import threading

    _kept, old = rows(dropshipper, dt.timedelta(days=400))
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        from django.db import transaction

        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM orders_dispatchrun WHERE state = 'done' FOR UPDATE")
                held.set()
                go_on.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    try:
        retention.sweep()
        assert there(old) == ["orders.DispatchRun", "orders.DispatchItem"]
    finally:
        go_on.set()
        ended([thread])
    retention.sweep()
    assert there(old) == []


@pytest.mark.django_db(transaction=True)
def test_an_old_row_that_somebody_renews_just_now_stays(dropshipper: Any) -> None:
    """Else it is deleted with what he has typed just now."""
    person, old = cast.user(), timezone.now() - dt.timedelta(days=400)
    row = HalfTyped.objects.create(dropshipper=dropshipper, user=person, key=uuid.uuid4(), at=old)
    [rule] = [rule for rule in RULES if rule.model == "orders.HalfTyped"]
    met = meet(
        lambda: HalfTyped.objects.filter(pk=row.pk).update(at=timezone.now()),
        lambda: retention._batch(rule),
    )
    assert (met.second, met.waited, there([row])) == (0, False, ["orders.HalfTyped"])


def test_the_sweep_is_in_the_beat_table() -> None:
    assert "mci.tasks.sweep_old" in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
