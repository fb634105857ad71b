"""What every view of the API is: it knows the key, sees its company's rows alone, asks for the scope, counts, and
answers problems as JSON."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.key import REALM
from accounts.keys import keys, requests
from accounts.keys.once import Answer, digest_of, once
from accounts.models import ApiKey, Dropshipper
from core import tenancy
from core.api import problems
from core.api.problems import NEVER, Problem
from core.errors import TooManyTries
from core.inbound import client, throttles

# By the key: calls a minute. Money counts by itself, so that reading does not starve sending.
PACES = {"read": 120, "write": 60, "send": 30}
_MINUTE = 60  # seconds
_VISIBLE = re.compile(r'"?[!-~]{1,200}"?', re.ASCII)


class KeyScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.api.key.KeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "mci_live_…"}


class ApiView(APIView):
    """`needs`: by method (get, post, patch) the scope that it asks for; "" lets any key in. `pace` counts writes, where
    reads have their own. `keeps_nothing`: a POST that only asks, and so needs no Idempotency-Key."""

    needs: ClassVar[Mapping[str, str]] = {}
    pace: ClassVar[str] = "write"
    keeps_nothing: ClassVar[bool] = False
    http_method_names = ["get", "head", "post", "patch"]

    key: ApiKey
    request_id: str

    @property
    def dropshipper(self) -> Dropshipper:
        return self.key.dropshipper

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.request_id, began = f"req_{secrets.token_hex(8)}", time.monotonic()
        self._headers: dict[str, str] = {"X-Request-Id": self.request_id}
        with ExitStack() as self._within:
            answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[assignment]
            answer = self._finished(request, answer)
            key = getattr(self, "key", None)
            if key is not None:
                requests.note(
                    key,
                    request_id=self.request_id,
                    method=request.method or "",
                    path=request.path,
                    status=answer.status_code,
                    code=getattr(getattr(answer, "problem", None), "code", ""),
                    took_ms=round((time.monotonic() - began) * 1000),
                    address=client.address(request),
                )
            return answer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who it is, from where, whether it may, how often; then whether a write has its key."""
        super().initial(request, *args, **kwargs)
        key = request.auth
        if not isinstance(key, ApiKey):
            raise Problem(401, "key_missing", retry=NEVER, headers={"WWW-Authenticate": REALM})
        self._within.enter_context(tenancy.of(key.dropshipper_id))
        self.key = key
        address = client.address(request._request)
        if not keys.may_come_from(key, address):
            raise Problem(403, "address_not_allowed", retry=NEVER)
        if not key.dropshipper.is_active:
            raise Problem(403, "company_not_active", retry=NEVER)
        scope = self.needs.get("get" if request.method == "HEAD" else (request.method or "").lower())
        if scope is None:
            self.http_method_not_allowed(request)
        if scope and scope not in key.scopes:
            wanted = f'{REALM}, error="insufficient_scope", scope="{scope}"'
            raise Problem(
                403, "scope_missing", retry=NEVER, params={"scope": scope}, headers={"WWW-Authenticate": wanted}
            )
        self._counted("read" if request.method in ("GET", "HEAD") else self.pace)
        keys.seen(key, address)
        if request.method in ("POST", "PATCH") and not self.keeps_nothing:
            self._repeat_key(request)

    @property
    def sees_money(self) -> bool:
        """Whether the key may read the wallet: a refusal for want of money tells the others no amount."""
        return "wallet:read" in self.key.scopes

    def _counted(self, pace: str) -> None:
        most = PACES[pace]
        self._headers["RateLimit-Policy"] = f'"{pace}";q={most};w={_MINUTE}'
        try:
            left = throttles.take(f"api-{pace}", str(self.key.pk), limit=most, seconds=_MINUTE)
        except TooManyTries as error:
            wait = max(1, round(error.after.total_seconds())) if error.after else 1
            self._headers["RateLimit"] = f'"{pace}";r=0;t={wait}'
            raise
        self._headers["RateLimit"] = f'"{pace}";r={left.tries};t={left.whole_in_s}'

    def _repeat_key(self, request: Request) -> str:
        text = request.headers.get("Idempotency-Key", "")
        if not text:
            raise Problem(400, "idempotency_key_missing")
        if not _VISIBLE.fullmatch(text) or not (bare := text.strip('"')):
            raise Problem(400, "idempotency_key_bad")
        return bare

    def once(self, request: Request, act: Callable[[str], Answer]) -> Response:
        """What `act` answers, given the Idempotency-Key; or what it answered to it before."""
        name = self._repeat_key(request)
        answer = once(
            lambda: act(name),
            key=name,
            digest=digest_of(request.method or "", request.path, request.data),
            dropshipper_id=self.dropshipper.pk,
        )
        if answer.status >= 400:
            found = Response({**answer.body, "request_id": self.request_id}, status=answer.status)
            found.content_type = problems.MEDIA_TYPE
            found.problem = Problem(answer.status, answer.body["code"])  # type: ignore[attr-defined]
        else:
            found = Response(answer.body, status=answer.status)
        if answer.location:
            found["Location"] = answer.location
        if answer.replayed:
            found["Idempotency-Replayed"] = "true"
        return found

    def _finished(self, request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        for name, value in self._headers.items():
            answer[name] = value
        answer.headers.pop("Allow", None) if answer.status_code != 405 else None
        if isinstance(answer, Response):
            answer.render()
        if request.method in ("GET", "HEAD") and answer.status_code == 200:
            tag = f'"{hashlib.sha256(answer.content).hexdigest()[:32]}"'
            asked = {one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")}
            if tag in asked:
                same = HttpResponseNotModified()
                for name, value in self._headers.items():
                    same[name] = value
                answer = same
            answer["ETag"] = tag
        return answer
