"""The GraphQL Admin API of one shop: its token, its pace, and what its answers mean for us.

Shopify says most of its noes with HTTP 200: throttled, too costly, forbidden in part. Each has its own outcome here. A
query may be sent again by the client; a change never is: whoever asked for it reads first whether it was done."""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from connectors.platforms.base import Access, ShopBusy, ShopUnreachable
from connectors.platforms.shopify import bucket
from connectors.platforms.shopify.answers import (
    NotFound,
    Reply,
    Stumbled,
    Throttled,
    TooCostly,
    block,
    code_of,
    decode,
    denied_of,
    fetch,
    is_denial,
    judge_status,
    number,
    path_of,
    said,
)
from connectors.platforms.shopify.refusals import MissingScope, ProtectedData
from core import http
from core.strict import text

log = logging.getLogger(__name__)

VERSION = "2026-10"  # the one place; Shopify says in each answer which version it really used
RENEW_BEFORE = dt.timedelta(minutes=5)
_FOLDER = Path(__file__).parent / "documents"
_SPREAD = re.compile(r"\.\.\.(Mci\w+)")
_THROTTLED_TRIES = 4
_LONGEST_SLEEP_S = 8.0  # for points of the cost bucket; whoever would wait longer comes again later

_costs: dict[str, float] = {}  # what a document was reckoned at when it was sent last


@cache
def document(name: str) -> str:
    """The text of an operation, with the fragments that it and they spread (documents/fragments/)."""
    found = [(_FOLDER / f"{name}.graphql").read_text(encoding="utf-8")]
    known: set[str] = set()
    for part in found:  # grows while it is walked
        for fragment in _SPREAD.findall(part):
            if fragment not in known:
                known.add(fragment)
                found.append((_FOLDER / "fragments" / f"{fragment}.graphql").read_text(encoding="utf-8"))
    return "\n".join(found)


class Client:
    """Calls one shop. Raises ShopUnreachable, ShopBusy, ShopFrozen (try later), ReconnectNeeded, MissingScope, NotAShop
    (a person must act), TooCostly and NotFound. `interactive`: somebody waits for it, so it may use the part of the
    cost bucket that the workers leave."""

    def __init__(self, access: Access, *, deadline_s: float = 30.0, interactive: bool = False) -> None:
        self._access, self._credentials = access, access.credentials
        self._deadline_s, self._interactive = deadline_s, interactive
        self.other_version = ""  # the version that Shopify used, where it is not ours

    def query(self, name: str, /, **variables: Any) -> Reply:
        """Sent once more when Shopify stumbles (INTERNAL_SERVER_ERROR): reading twice does no harm."""
        try:
            return self.query_or_stumble(name, **variables)
        except Stumbled as error:
            raise ShopUnreachable(reason=str(error)) from None

    def query_or_stumble(self, name: str, /, **variables: Any) -> Reply:
        """The same for those who can go around what Shopify cannot show. Raises Stumbled besides."""
        try:
            return self._send(name, variables)
        except Stumbled:
            return self._send(name, variables)

    def change(self, name: str, /, **variables: Any) -> Mapping[str, Any]:
        """A mutation's payload (the first and only root field), with its userErrors left for the caller. Never sent
        twice after an answer that does not say what happened."""
        try:
            reply = self._send(name, variables)
        except Stumbled as error:
            raise ShopUnreachable(reason=str(error)) from None
        payload = next(iter(reply.data.values()), None)
        if not isinstance(payload, dict):
            raise ShopUnreachable(reason=f"JSON: {name}")
        return payload

    def _send(self, name: str, variables: Mapping[str, Any]) -> Reply:
        """What was throttled was not done: it is sent again, also when it is a change."""
        body = json.dumps({"query": document(name), "variables": variables}).encode()
        for _try in range(_THROTTLED_TRIES):
            try:
                return self._attempt(name, body)
            except Throttled as error:
                if error.seconds > min(_LONGEST_SLEEP_S, http.left()):
                    raise ShopBusy(after=dt.timedelta(seconds=error.seconds)) from None
                time.sleep(error.seconds)
        raise ShopBusy

    def _attempt(self, name: str, body: bytes) -> Reply:
        reserved = _costs.get(name, 60.0)
        self._wait_for(reserved)
        answer = self._post(name, body)
        if answer.status == 401 and self._renews():  # ended before its time, or by a new connection
            self._renew()
            answer = self._post(name, body)
        self._check_version(answer)
        judge_status(answer)
        return self._judge(name, decode(answer), reserved)

    def _post(self, name: str, body: bytes) -> http.Answer:
        if self._runs_out():
            self._renew()
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "X-Shopify-Access-Token": self._credentials.get("access_token", ""),
        }
        url = f"{self._access.address}/admin/api/{VERSION}/graphql.json"
        return fetch("POST", url, headers, body, deadline_s=self._deadline_s, label=name)

    # ---- the token

    def _renews(self) -> bool:
        return self._access.renew is not None and bool(self._credentials.get("refresh_token"))

    def _runs_out(self) -> bool:
        ends = self._credentials.get("expires_at", "")
        return self._renews() and bool(ends) and float(ends) - time.time() < RENEW_BEFORE.total_seconds()

    def _renew(self) -> None:
        assert self._access.renew is not None
        self._credentials = self._access.renew(self._credentials)

    # ---- the pace

    def _wait_for(self, cost: float) -> None:
        """Takes points from the bucket that all workers share, or waits for them a little."""
        waited = 0.0
        while wait := bucket.reserve(self._access.address, cost, interactive=self._interactive):
            if waited + wait > _LONGEST_SLEEP_S or wait > http.left():
                raise ShopBusy(after=dt.timedelta(seconds=wait))
            time.sleep(wait)
            waited += wait

    # ---- the answer

    def _check_version(self, answer: http.Answer) -> None:
        used = text(answer.headers.get("x-shopify-api-version", ""), 20)
        if used and used != VERSION and not self.other_version:
            self.other_version = used
            log.error("Shopify answered with its version %s instead of %s.", used, VERSION)

    def _judge(self, name: str, answer: Mapping[str, Any], reserved: float) -> Reply:
        extensions = answer.get("extensions")
        cost = block(block(extensions).get("cost"))
        status = block(cost.get("throttleStatus"))
        if status:
            _costs[name] = number(cost.get("requestedQueryCost")) or reserved
            bucket.correct(self._access.address, status)
        data = answer.get("data")
        errors = answer.get("errors")
        if isinstance(errors, str):
            raise said(errors)
        found = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
        codes = {code_of(error) for error in found}
        if "THROTTLED" in codes:
            raise Throttled(cost, status)
        if codes & {"MAX_COST_EXCEEDED", "MAX_INPUT_SIZE_EXCEEDED"}:
            raise TooCostly(name)
        denied = tuple(denied_of(error) for error in found if is_denial(error))
        if denied and (not isinstance(data, dict) or all(value is None for value in data.values())):
            first = denied[0]
            raise ProtectedData() if first.protected else MissingScope(scope=first.needs or "?")
        if "INTERNAL_SERVER_ERROR" in codes:
            paths = tuple(path_of(error) for error in found if code_of(error) == "INTERNAL_SERVER_ERROR")
            raise Stumbled("INTERNAL_SERVER_ERROR", paths)
        if codes & {"RESOURCE_NOT_FOUND", "NOT_FOUND"}:
            raise NotFound
        others = [error for error in found if not is_denial(error)]
        if others or not isinstance(data, dict):
            words = text(str(others[0].get("message", "")), 80) if others else "JSON"
            # A document that the schema refuses, say: a fault of ours, which waits for us and loses nothing.
            log.error("Shopify refused %s: %s", name, words)
            raise ShopUnreachable(reason=f"{name}: {words}")
        return Reply(data, denied)
