"""The wallet for programs: what the page shows, from the same queries. EUR."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.described import FIELDS, PAGED, listing, problems_of, text
from accounts.api.view import ApiView
from core.api import pages
from core.api.shapes import Amount, Moment, Shape
from wallet import queries
from wallet.models import Account, Entry
from wallet.statement import history
from wallet.statement.movement_words import label_of
from wallet.statement.periods import Period

ACCOUNTS = (Account.Kind.WALLET.value, Account.Kind.HELD.value, Account.Kind.COD_DUE.value)


class BalanceShape(Shape):
    available = Amount(help_text="In the wallet.")
    spendable = Amount(help_text="What may be spent: down to the floor of the wallet.")
    held = Amount(help_text="Guarantees of COD parcels on the road.")
    cod_due = Amount(help_text="Your part of COD that is not remitted yet.")


class MovementShape(Shape):
    id = serializers.CharField(source="pk")
    kind = serializers.ChoiceField(choices=Entry.Kind.choices)
    reference = serializers.SerializerMethodField(help_text="The order's number, where it is about one.")
    amount = Amount(help_text="Signed.")
    balance_after = Amount()
    memo = serializers.CharField()
    reverses = serializers.CharField(source="reverses_id", allow_null=True)
    at = Moment()

    def get_reference(self, entry: Entry) -> str:
        return label_of(entry.reference)


class Wallet(ApiView):
    needs = {"get": "wallet:read"}

    @extend_schema(operation_id="wallet", parameters=[FIELDS], responses={200: BalanceShape, **problems_of()})
    def get(self, request: Request) -> Response:
        """The balances."""
        pages.known(request)
        return pages.one(request, BalanceShape, queries.balances(self.dropshipper.pk))


class Movements(ApiView):
    needs = {"get": "wallet:read"}

    @extend_schema(
        operation_id="movements",
        parameters=[
            *PAGED,
            text("account", "wallet without it.", enum=list(ACCOUNTS)),
            text("type", enum=list(history.TYPES)),
        ],
        responses={200: listing(MovementShape), **problems_of()},
    )
    def get(self, request: Request) -> Response:
        """What moved an account, newest first, each with the balance after it."""
        pages.known(request, "cursor", "limit", "account", "type")
        name = pages.one_of(request, "account", ACCOUNTS, ACCOUNTS[0])
        kind = pages.one_of(request, "type", list(history.TYPES))
        with history.one_moment():
            account = history.accounts_of(self.dropshipper.pk).get(name)
            if account is None:
                return pages.listed(request, Entry.objects.none(), MovementShape, by=("-at", "-id"))

            def with_balances(rows: list[Entry]) -> list[Any]:
                if rows:
                    history.set_balances(account, rows)
                return rows

            rows = history.movements(account, Period(), kind)
            return pages.listed(request, rows, MovementShape, by=("-at", "-id"), made=with_balances)
