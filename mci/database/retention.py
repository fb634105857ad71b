"""How long what grows with time is kept: the one table that says it, and the sweep that keeps to it.

Every model stands in exactly one of three lists: RULES (deleted here), ELSEWHERE (a sweep of its own does it) or KEPT
(for ever, with the reason); tests/mci/test_retention.py holds that to be so. With nothing due it reads next to nothing
(tests/mci/test_history_unread.py). Nothing of the books is ever deleted, and nothing that proves money."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from accounts.people import unproven
from accounts.sign_in import sessions
from core.inbound import throttles
from core.outbound import breaker

log = logging.getLogger(__name__)

BATCH = 1000  # rows of one transaction: nothing is locked for long


@dataclass(frozen=True, slots=True)
class Rule:
    """`days`: a number, or the name of a setting where the owner decides; `at`: the column (with an index) whose rows
    are old when it is that long ago; `only`: what must hold beside. `parts`: (model, table, column) of rows that go
    along."""

    model: str
    table: str
    days: int | str
    at: str
    why: str
    only: str = "true"
    parts: tuple[tuple[str, str, str], ...] = ()
    key: str = "id"
    batch: int = BATCH
    locks: bool = True  # False: of rows that nobody may change, the application may lock none (mci/database/roles.py)

    @property
    def number(self) -> int:
        return self.days if isinstance(self.days, int) else int(getattr(settings, self.days))


RULES = [
    Rule("sessions.Session", "django_session", 0, "expire_date", "over", key="session_key"),
    Rule("accounts.KeptForm", "accounts_keptform", 0, "expires_at", "typed when a session was over: for an hour"),
    Rule(
        "accounts.ApiAnswer", "accounts_apianswer", 30, "at", "a program that sends a write again gets the same answer"
    ),
    Rule("accounts.ApiRequest", "accounts_apirequest", 30, "at", "the log in which a reseller looks for a mistake"),
    Rule(
        "account.EmailConfirmation",
        "account_emailconfirmation",
        30,
        "created",
        "a letter's link is good for three days",
    ),
    Rule(
        "connectors.ConnectAttempt",
        "connectors_connectattempt",
        30,
        "expires_at",
        "answers a question of support; what it kept sealed was emptied when it was used",
        only="try_after IS NULL",  # a worker is at it
    ),
    Rule(
        "connectors.ShopAsk",
        "connectors_shopask",
        30,
        "done_at",
        "what came of a button's work on a shop",
        only="try_after IS NULL",
    ),
    Rule(
        "accounts.SecurityEvent",
        "accounts_securityevent",
        "RETENTION_EVENT_DAYS",
        "at",
        "the log of an account's keys, which its owner reads",
        locks=False,
    ),
    Rule(
        "connectors.ShopEvent", "connectors_shopevent", "RETENTION_EVENT_DAYS", "at", "the log of a shop's health card"
    ),
    Rule(
        "connectors.OrderProof",
        "connectors_orderproof",
        "RETENTION_EVENT_DAYS",
        "at",
        "the daily proofs of a shop's orders",
    ),
    Rule(
        "orders.HalfTyped",
        "orders_halftyped",
        30,
        "at",
        "the order that somebody is typing: personal data of a customer; taken up again or not, it is not for ever",
    ),
    Rule(
        "orders.DispatchRun",
        "orders_dispatchrun",
        "RETENTION_RUN_DAYS",
        "finished_at",
        "what a click was answered, and its key; what it did stands in the order, its history and the books",
        only="state IN ('done', 'stopped')",
        parts=(("orders.DispatchItem", "orders_dispatchitem", "run_id"),),
        batch=10,  # of up to a thousand orders each
    ),
    Rule(
        "orders.PrintRun",
        "orders_printrun",
        7,
        "finished_at",
        "a file for the printer, with recipients; it can be made again, and the parcels' history says who printed what",
        only="state IN ('done', 'stopped')",
        parts=(("orders.PrintItem", "orders_printitem", "run_id"),),
        batch=10,
    ),
    Rule(
        "orders.Import",
        "orders_import",
        30,
        "created_at",
        "a file of orders and what came of it: those that were made are orders, the others hold a customer's data",
        only="lease_token IS NULL",
        parts=(("orders.ImportRow", "orders_importrow", "batch_id"),),
        batch=1,  # of up to five thousand rows
    ),
    Rule(
        "orders.Wave",
        "orders_wave",
        90,
        "ended_at",
        "who picked what when; the history of the orders says when each was packed",
        only="state IN ('done', 'dropped')",
        parts=(("orders.WaveOrder", "orders_waveorder", "wave_id"), ("orders.WavePick", "orders_wavepick", "wave_id")),
        batch=10,
    ),
    Rule(
        "connectors.PublishRun",
        "connectors_publishrun",
        "RETENTION_RUN_DAYS",
        "finished_at",
        "what was published stands in the listings",
        only="state IN ('done', 'stopped')",
        parts=(("connectors.PublishItem", "connectors_publishitem", "run_id"),),
        batch=10,
    ),
    Rule(
        "connectors.MatchBatch",
        "connectors_matchbatch",
        "RETENTION_RUN_DAYS",
        "at",
        "so long what was matched together can be undone together",
    ),
]

ELSEWHERE = {
    "core.Throttle": "core/inbound/throttles.py, with this sweep: as soon as the limit is whole again",
    "core.Outage": "core/outbound/breaker.py, with this sweep: a day after the host was last called",
    "accounts.OpenSession": "accounts/sign_in/sessions.py, with this sweep: when its session is over",
    "connectors.Delivery": "connectors/intake/privacy.py, daily: RETENTION_MESSAGE_DAYS after it came and was read",
    "connectors.ShopCall": "connectors/shops/calls.py, hourly: a week, and the last 200 of a shop",
    "connectors.Listing": (
        "connectors/listings/compare.py: as many as the shop has products; gone ones with its comparison"
    ),
    "connectors.RemoteItem": (
        "connectors/listings/compare.py: as many as the shop has articles; gone ones with its comparison"
    ),
    "orders.Packing": "orders/warehouse/packing.py: gone when the parcel is closed or left; one an open order at most",
    "wallet.OpenItem": "wallet_postings_added(): gone when it is settled",
}

_BOOKS = "the books: ten years by law (art. 2220 c.c.), and each entry vouches for the one before"
_ORDER = "what was sold and sent, to whom it was charged; the customer is forgotten after RETENTION_CUSTOMER_DAYS"
_MASTER = "grows with what the supplier or a reseller sets up, not with time"
_UNPROVEN = _MASTER  # sign-ups that nobody proved go with this sweep (accounts/people/unproven.py)
KEPT = {
    "wallet.Account": _BOOKS,
    "wallet.Entry": _BOOKS,
    "wallet.Posting": _BOOKS,
    "wallet.Seal": _BOOKS,
    "wallet.Proposal": "who proposed a movement of money and who let it: part of the books",
    "wallet.TopUp": "says for which transfer money was credited or refused",
    "orders.Order": _ORDER,
    "orders.OrderLine": _ORDER,
    "orders.OrderEvent": _ORDER,
    "orders.Case": "what came back, was lost or asked about, and what it did to the money",
    "orders.CaseLine": "the pieces of a case, and how they were found",
    "orders.Claim": "what a courier was asked to pay, and what it paid",
    "orders.WhoPays": "who paid what on which day: rules are only added",
    "orders.Problem": "of open orders, and alerts; goes when it is solved",
    "orders.Manifest": "what a driver signed for: the proof that a parcel was handed over",
    "orders.ManifestRow": "what a driver signed for: the proof that a parcel was handed over",
    "orders.TransportDocument": "a paper of the books: ten years by law (art. 2220 c.c.); no number may be missing",
    "shipping.PaperStyle": _MASTER,
    "shipping.Piece": _ORDER,
    "shipping.Shipment": _ORDER,
    "shipping.ShipmentEvent": _ORDER,
    "catalog.StockMove": "stock is the sum of its moves",
    "connectors.Visit": "the turns of a company: a few rows each, taken and given back",
    "connectors.InboxOrder": "says that a shop's order exists here once; its body goes with the messages",
    "admin.LogEntry": "what staff changed by hand, and who",
    "core.Place": _MASTER,
    "mci.Sweep": "a row a seat of a sweep",
    "mci.Heartbeat": "a row a queue",
    "mfa.Authenticator": "the second factors that somebody has",
    "accounts.EmailChange": "who proved which address when; rarely anybody changes it",
    "accounts.Invitation": "who let whom into a company; capped",
    "accounts.CompanyChange": "which data an invoice was to bear, and who let it; the staff looks at each",
    "accounts.ApiKey": "which program acted for whom, and who let it; few work at a time, and making one is paced",
    "accounts.User": _UNPROVEN,
    "accounts.User_groups": _MASTER,
    "accounts.User_user_permissions": _MASTER,
    "accounts.Dropshipper": _UNPROVEN,
    "accounts.Member": _UNPROVEN,
    "catalog.Category": _MASTER,
    "catalog.Maker": _MASTER,
    "catalog.Product": _MASTER,
    "catalog.ProductImage": _MASTER,
    "catalog.Variant": _MASTER,
    "catalog.Location": _MASTER,
    "catalog.Stock": _MASTER,
    "shipping.Courier": _MASTER,
    "shipping.Zone": _MASTER,
    "shipping.ZoneArea": _MASTER,
    "shipping.Method": _MASTER,
    "shipping.Rate": _MASTER,
    "connectors.Shop": "orders say which shop they came from; a shop that left is marked as gone",
    "connectors.PriceRule": _MASTER,
    "connectors.PaymentRule": _MASTER,
    "connectors.Match": _MASTER,
    "orders.ImportArticle": _MASTER,
    "orders.ImportMapping": _MASTER,
    "account.EmailAddress": _UNPROVEN,
    "auth.Permission": _MASTER,
    "auth.Group": _MASTER,
    "auth.Group_permissions": _MASTER,
    "contenttypes.ContentType": _MASTER,
}
# Tables without a model.
TABLES = {
    "core_cache": (
        "the cache: what is over is thrown out, and never more than MAX_ENTRIES are kept (mci/database/cache.py)"
    ),
    "django_migrations": "a row a migration",
}


def sweep(*, budget_s: float = 120.0) -> dict[str, int]:
    """Deletes what is due, a batch a transaction, until nothing is or the time is over; how many rows of what. May run
    twice or half. A rule that fails is logged and holds up none of the others."""
    until, gone = time.monotonic() + budget_s, {"core.Throttle": throttles.sweep(), "core.Outage": breaker.sweep()}
    for rule in RULES:
        gone[rule.model] = 0
        try:
            while time.monotonic() < until and (deleted := _batch(rule)):
                gone[rule.model] += deleted
        except DatabaseError:  # something new refers to them
            log.exception("The rows of %s that are due were not deleted.", rule.model)
    gone["accounts.OpenSession"] = sessions.forget_dead()
    gone["accounts.User"] = unproven.forget()
    if any(gone.values()):
        log.info("Swept: %s.", ", ".join(f"{number} {model}" for model, number in gone.items() if number))
    return gone


def _batch(rule: Rule) -> int:
    """Rows that somebody holds are left for the next time."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {rule.key} FROM {rule.table} WHERE {rule.at} < now() - %s * interval '1 day' AND {rule.only}"  # noqa: S608
            f" ORDER BY {rule.at} LIMIT %s {'FOR UPDATE SKIP LOCKED' if rule.locks else ''}",
            [rule.number, rule.batch],
        )
        keys = [key for (key,) in cursor.fetchall()]
        if keys:
            for _model, table, column in rule.parts:
                cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY (%s)", [keys])  # noqa: S608
            cursor.execute(f"DELETE FROM {rule.table} WHERE {rule.key} = ANY (%s)", [keys])  # noqa: S608
        return len(keys)
