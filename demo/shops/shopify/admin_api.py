"""POST /admin/api/<version>/graphql.json: who asks, what it costs, whether it is allowed, and the answer."""

import json
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    is_enum_type,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from demo.shops.web import Request, Response

from . import refusals, schema
from .answers import mutations, queries
from .cost import MOST, Bucket, Pricer
from .execution import FieldError, Run
from .faults import Fault
from .gids import Doc
from .permissions import WATCHED, forced, guard
from .tokens import covered

if TYPE_CHECKING:
    from .shop import Shop

_BAD_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"
_LIMITS = "https://shopify.dev/api/usage/rate-limits"
_LONG_LISTS = ("productSet", "productVariantsBulkCreate", "productVariantsBulkUpdate")
_KEPT = 200  # documents whose parse and validation are remembered


@dataclass
class Prepared:
    document: DocumentNode
    operations: list[OperationDefinitionNode]
    fragments: dict[str, FragmentDefinitionNode]
    errors: list[Doc]
    plans: dict[Any, Any] = field(default_factory=dict)


@dataclass
class Ask:
    """One request while it is answered: who asks, with which rights, by which version."""

    shop: "Shop"
    app: str
    scopes: set[str]
    version: str
    variables: dict[str, Any]
    key: str | None = None  # of @idempotent, on the mutation that is running
    warnings: list[Doc] = field(default_factory=list)


def _json(payload: Any, status: int = 200) -> Response:
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, body, [("Content-Type", "application/json; charset=utf-8")])


class AdminApi:
    def __init__(self, shop: "Shop", real_schema: Path | None) -> None:
        self._shop, self.schema = shop, schema.load(real_schema)
        self._prepared: OrderedDict[str, Prepared] = OrderedDict()
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}

    def bucket(self, app: str) -> Bucket:
        size, restore = self._shop.bucket_of
        return self._buckets.setdefault(app, Bucket(self._shop.clock, size, restore))

    def respond(self, request: Request, version: str) -> Response:
        answered = self._version(version)
        response = self._respond(request, answered)
        response.headers.append(("X-Shopify-API-Version", self._shop.answered_version or answered))
        response.headers.append(("X-Request-Id", f"{secrets.token_hex(16)}-{int(self._shop.clock().timestamp())}"))
        return response

    def _version(self, asked: str) -> str:
        """A version that has retired falls forward to the oldest that is supported."""
        supported = self._shop.versions
        return asked if asked in supported else supported[0] if asked < supported[0] else supported[-1]

    def _respond(self, request: Request, version: str) -> Response:
        if request.method != "POST":
            return _json({"errors": "Not Found"}, 404)
        token = self._shop.tokens.who(request.header("X-Shopify-Access-Token"))
        if token is None:
            return _json({"errors": _BAD_TOKEN}, 401)
        try:
            given = json.loads(request.body)
            text, variables = given["query"], given.get("variables") or {}
        except (ValueError, KeyError, TypeError, AttributeError):
            return _json({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        if not isinstance(text, str) or not isinstance(variables, dict):
            return _json({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        installed = self._shop.tokens.installation(token["app"])
        scopes = covered(set(installed["scopes"] if installed else ()))
        ask = Ask(self._shop, token["app"], scopes, version, variables)
        return self._graphql(ask, text, given.get("operationName"))

    def prepare(self, text: str) -> Prepared | list[Doc]:
        with self._lock:
            known = self._prepared.get(text)
            if known:
                self._prepared.move_to_end(text)
                return known
        try:
            document = parse(text)
        except GraphQLSyntaxError as error:
            return refusals.unparsable(error)
        errors = validate(self.schema, document)
        made = Prepared(
            document,
            [d for d in document.definitions if isinstance(d, OperationDefinitionNode)],
            {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)},
            refusals.invalid(document, errors) if errors else [],
        )
        with self._lock:
            self._prepared[text] = made
            while len(self._prepared) > _KEPT:
                self._prepared.popitem(last=False)
        return made

    def _graphql(self, ask: Ask, text: str, wanted: str | None) -> Response:
        prepared = self.prepare(text)
        if isinstance(prepared, list):
            return _json({"errors": prepared})
        named = [op for op in prepared.operations if not wanted or (op.name and op.name.value == wanted)]
        if len(named) != 1:
            word = f'No operation named "{wanted}"' if wanted else "An operation name is required"
            return _json({"errors": [{"message": word}]})
        operation = named[0]
        names = _names(operation)
        self._shop.calls.append((names[0], ask.variables))
        fault = self._shop.faults.take(names)
        if fault:
            self._shop.sleep(fault.slow)
            if fault.before_acting:
                spoiled = fault.answer()
                assert spoiled is not None
                return spoiled
        if prepared.errors:
            return _json({"errors": prepared.errors})
        values = get_variable_values(self.schema, operation.variable_definitions or (), ask.variables)
        if isinstance(values, list):
            return _json({"errors": refusals.bad_variables(operation, values, ask.variables, self._enum)})
        response = self._paid(ask, prepared, operation, values, fault)
        return _spoil(response, fault)

    def _enum(self, name: str) -> str:
        type_ = self.schema.type_map.get(name)
        return ", ".join(type_.values) if is_enum_type(type_) else ""

    def _paid(
        self, ask: Ask, prepared: Prepared, operation: OperationDefinitionNode, values: Any, fault: Fault | None
    ) -> Response:
        pricer = Pricer(self.schema, dict(prepared.fragments), values.coerced)
        price, bucket = pricer.price(operation), self.bucket(ask.app)
        if price > MOST or (fault and fault.kind == "max_cost"):
            return _json({"errors": [_too_dear(max(price, MOST + 1))]})
        throttled = fault is not None and fault.kind == "throttled"
        if throttled or not bucket.take(price):
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": _LIMITS}}
            status = bucket.status() | ({"currentlyAvailable": 0.0} if throttled else {})
            return _json({"errors": [error], "extensions": {"cost": _cost(price, None, status)}})
        top = fault.errors() if fault else []
        if top and not (fault and fault.after):
            return _json({"errors": top})
        watched = None if forced(fault) else WATCHED
        run = Run(self.schema, prepared.fragments, values, guard(ask, fault), watched, prepared.plans)
        is_query = operation.operation.value == "query"
        with self._shop.store.lock:
            try:
                self._check_input_size(operation, ask)
                root = queries(ask) if is_query else mutations(ask, operation, fault)
                data = run.operation(operation, root)
            except FieldError as error:  # of the whole request, not of one field
                return _json({"errors": [{"message": error.message, "extensions": error.extensions}]})
        pricer.sizes = run.sizes
        actual = min(price, pricer.price(operation)) if is_query else price
        bucket.give_back(price - actual)
        answer: Doc = {"data": data}
        if run.errors or top:
            answer["errors"] = run.errors + top
        extensions: Doc = {"cost": _cost(price, actual, bucket.status())}
        if ask.warnings:
            extensions["search"] = ask.warnings
        return _json(answer | {"extensions": extensions})

    def _check_input_size(self, operation: OperationDefinitionNode, ask: Ask) -> None:
        """No list that is sent may have more than 250 entries; variants of a product 2,048."""
        most = 2048 if _names(operation)[-1] in _LONG_LISTS else 250
        for name, value in ask.variables.items():
            found = _longest(value)
            if found[0] > most:
                text = f"The input array size of {found[0]} is greater than the maximum allowed of {most}."
                raise FieldError(text, "MAX_INPUT_SIZE_EXCEEDED", path=[_names(operation)[-1], name, *found[1]])


def _longest(value: Any) -> tuple[int, list[str]]:
    if isinstance(value, list):
        return max([(len(value), []), *(_longest(each) for each in value)], key=lambda one: one[0])
    if isinstance(value, dict):
        inner = [(size, [key, *path]) for key, each in value.items() for size, path in [_longest(each)]]
        return max(inner, key=lambda one: one[0], default=(0, []))
    return 0, []


def _names(operation: OperationDefinitionNode) -> list[str]:
    """The operation's name, then its root fields: what a fault may be asked for by."""
    fields = [node.name.value for node in operation.selection_set.selections if node.kind == "field"]  # type: ignore[attr-defined]
    return [operation.name.value if operation.name else "", *fields]


def _cost(requested: int, actual: int | None, status: Doc) -> Doc:
    return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}


def _too_dear(price: int) -> Doc:
    text = (
        f"Query cost is {price}, which exceeds the single query max cost limit ({MOST}).\n\n"
        "See https://shopify.dev/concepts/about-apis/rate-limits for more information on how the\n"
        "cost of a query is calculated.\n\n"
        "To query larger amounts of data with fewer limits, bulk operations should be used instead.\n"
    )
    more = {"code": "MAX_COST_EXCEEDED", "cost": price, "maxCost": MOST, "documentation": _LIMITS}
    return {"message": text, "extensions": more}


def _spoil(response: Response, fault: Fault | None) -> Response:
    if fault is None:
        return response
    if fault.after:
        return fault.answer() or response
    if fault.kind == "truncated":
        response.body = response.body[: len(response.body) // 2]
    return response


__all__ = ["AdminApi", "Ask", "GraphQLError"]
