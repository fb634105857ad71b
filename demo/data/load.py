"""All of the demo, told in one transaction: it stands whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import StringIO

from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from catalog.models import Variant
from core.models import Place
from demo.clock import Diary
from demo.data import catalogue, couriers, people, shopfront
from demo.data.busy import Busy
from demo.data.troubled import Troubled
from demo.data.warehouse import Routine

Say = Callable[[str], object]


def load(*, say: Say) -> None:
    """Makes the supplier, the goods, the resellers and their two months. `say` hears how it goes."""
    began = time.monotonic()
    now = timezone.now()

    def step(words: str) -> None:
        say(f"{time.monotonic() - began:5.1f} s  {words}")

    if not Place.objects.exists():
        call_command("load_places", stdout=StringIO())
        step("comuni e CAP")
    front = shopfront.read(now)
    step(f"{len(front.orders)} orders in the demo shop")
    with transaction.atomic():
        with connection.cursor() as cursor:  # the books check each entry at the end: that takes its time
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '5min'")
            cursor.execute("SET LOCAL statement_timeout = '5min'")
        who = people.make(now)
        methods = couriers.make()
        step("people and couriers")
        goods = catalogue.make(now, by=who.staff)
        step(f"{Variant.objects.count()} articles")
        diary = Diary(now)
        routine = Routine(diary, by=who.warehouse)
        usual = methods["nord-standard"]
        rare = (
            Variant.objects.select_related("product").filter(stock__on_hand__lt=5, stock__on_hand__gt=0).order_by("pk")
        )
        busy = Busy(diary, who, routine, front, goods, usual)
        troubled = Troubled(diary, who, routine, goods, rare[0], usual)
        busy.plan()
        troubled.plan()
        step("two months of orders are told: the longest part …")
        diary.live(lambda percent: step(f"two months of orders: {percent} %"))
        busy.finish()
        step("two months of orders")


def draw(*, say: Say) -> None:
    """Gives the goods that have no picture theirs."""
    began = time.monotonic()

    def told(done: int, of: int) -> None:
        say(f"{time.monotonic() - began:5.1f} s  pictures: {done} of {of}")

    if drawn := catalogue.draw_missing(told):
        say(f"{time.monotonic() - began:5.1f} s  {drawn} pictures")
