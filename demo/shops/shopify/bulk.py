"""Bulk operations: a query whose whole result is a file of lines, and a mutation run for each line of an upload."""

import json
import re
import secrets
from typing import TYPE_CHECKING, Any

from graphql import OperationDefinitionNode
from graphql.execution.values import get_variable_values

from demo.shops.web import Request, Response

from .connections import EVERYTHING
from .execution import Run
from .gids import Doc, gid, number_of, stamp
from .permissions import WATCHED, guard

if TYPE_CHECKING:
    from .admin_api import Ask
    from .shop import Shop

_AT_ONCE = 5  # of each kind


def _error(code: str, message: str, field: str) -> Doc:
    return {"bulkOperation": None, "userErrors": [{"code": code, "field": [field], "message": message}]}


def _begin(ask: "Ask", kind: str, text: str, field: str, **more: Any) -> Doc:
    mine = [doc for doc in ask.shop.store.all("bulk") if doc["app"] == ask.app and doc["type"] == kind]
    if sum(doc["status"] in ("CREATED", "RUNNING") for doc in mine) >= _AT_ONCE:
        return _error("OPERATION_IN_PROGRESS", "A bulk operation for this app and shop is already in progress", field)
    prepared = ask.shop.api.prepare(text)
    wrong = prepared if isinstance(prepared, list) else prepared.errors
    if wrong:
        words = f"Invalid bulk {kind.lower()}: {wrong[0]['message']}"
        return _error("INVALID" if kind == "QUERY" else "INVALID_MUTATION", words, field)
    made = {"id": ask.shop.next_id(), "app": ask.app, "type": kind, "text": text, "status": "CREATED", "lines": []}
    made |= {
        "created_at": stamp(ask.shop.clock()),
        "completed_at": None,
        "left": ask.shop.jobs_take,
        "roots": 0,
        **more,
    }
    return {"bulkOperation": node(ask.shop, ask.shop.store.put("bulk", made)), "userErrors": []}


def run_query(ask: "Ask", *, query: str, groupObjects: bool = False) -> Doc:
    return _begin(ask, "QUERY", query, "query")


def run_mutation(ask: "Ask", *, mutation: str, stagedUploadPath: str, **_more: Any) -> Doc:
    upload = next((doc for doc in ask.shop.store.all("upload") if doc["key"] == stagedUploadPath), None)
    if upload is None:
        return _error("NO_SUCH_FILE", "The JSONL file could not be found.", "stagedUploadPath")
    return _begin(ask, "MUTATION", mutation, "mutation", upload=upload["text"])


def node(shop: "Shop", doc: Doc) -> Doc:
    done = doc["status"] == "COMPLETED"
    text = "\n".join(doc["lines"])
    return {
        "__typename": "BulkOperation",
        "id": gid("BulkOperation", doc["id"]),
        "status": doc["status"],
        "errorCode": None,
        "createdAt": doc["created_at"],
        "completedAt": doc["completed_at"],
        "objectCount": str(len(doc["lines"])),
        "rootObjectCount": str(doc["roots"]),
        "fileSize": str(len(text.encode())) if done else None,
        "url": f"{shop.public_url}/bulk/{doc['id']}.jsonl" if done and doc["lines"] else None,
        "partialDataUrl": None,
        "type": doc["type"],
    }


def find(ask: "Ask", *, id: str) -> Doc | None:
    """Each time it is asked for it comes nearer to its end."""
    doc = ask.shop.store.get("bulk", number_of(id, "BulkOperation") or 0)
    if doc is None or doc["app"] != ask.app:
        return None
    if doc["status"] != "COMPLETED":
        if doc["left"] > 0:
            doc = {**doc, "left": doc["left"] - 1, "status": "RUNNING"}
        else:
            lines, roots = _query(ask, doc) if doc["type"] == "QUERY" else _mutations(ask, doc)
            doc = {
                **doc,
                "status": "COMPLETED",
                "completed_at": stamp(ask.shop.clock()),
                "lines": lines,
                "roots": roots,
            }
            hooks = ask.shop.webhooks
            about = {"admin_graphql_api_id": gid("BulkOperation", doc["id"]), "status": "completed", "error_code": None}
            hooks.enqueue("bulk_operations/finish", doc["id"], event=hooks.event(), about=about)
        ask.shop.store.put("bulk", doc)
    return node(ask.shop, doc)


def _run(ask: "Ask", text: str, variables: Doc) -> Doc:
    from .answers import mutations, queries

    prepared = ask.shop.api.prepare(text)
    assert not isinstance(prepared, list)
    operation: OperationDefinitionNode = prepared.operations[0]
    values = get_variable_values(ask.shop.api.schema, operation.variable_definitions or (), variables)
    if isinstance(values, list):
        return {"errors": [{"message": error.message} for error in values]}
    run = Run(ask.shop.api.schema, prepared.fragments, values, guard(ask, None), WATCHED, prepared.plans)
    root = queries(ask) if operation.operation.value == "query" else mutations(ask, operation)
    answer: Doc = {"data": run.operation(operation, root)}
    return answer | ({"errors": run.errors} if run.errors else {})


def _query(ask: "Ask", doc: Doc) -> tuple[list[str], int]:
    """Flat: what is in a connection follows its parent, with its id as __parentId."""
    token = EVERYTHING.set(True)
    try:
        data = _run(ask, doc["text"], {})["data"] or {}
    finally:
        EVERYTHING.reset(token)
    lines: list[str] = []
    roots = [edge["node"] for root in data.values() if root for edge in root.get("edges", ())]
    for one in roots:
        _flatten(one, None, lines)
    return lines, len(roots)


def _flatten(one: Doc, parent: str | None, lines: list[str]) -> None:
    own = {key: value for key, value in one.items() if not (isinstance(value, dict) and "edges" in value)}
    lines.append(json.dumps(own | ({"__parentId": parent} if parent else {}), ensure_ascii=False))
    for value in one.values():
        if isinstance(value, dict) and "edges" in value:
            for edge in value["edges"]:
                _flatten(edge["node"], one.get("id"), lines)


def _mutations(ask: "Ask", doc: Doc) -> tuple[list[str], int]:
    rows = [json.loads(line) for line in doc["upload"].splitlines() if line.strip()]
    found = [{**_run(ask, doc["text"], row), "__lineNumber": n} for n, row in enumerate(rows)]
    return [json.dumps(one, ensure_ascii=False) for one in found], len(rows)


# The files.


def stage(ask: "Ask", *, input: list[Doc]) -> Doc:
    targets = []
    for given in input:
        key = f"tmp/{ask.shop.id}/bulk/{secrets.token_hex(8)}/{given['filename']}"
        url = f"{ask.shop.public_url}/staged"
        targets.append({"url": url, "resourceUrl": f"{url}/{key}", "parameters": [{"name": "key", "value": key}]})
    return {"stagedTargets": targets, "userErrors": []}


def serve(shop: "Shop", request: Request) -> Response | None:
    """The result of an operation, and where uploads go."""
    match = re.fullmatch(r"/bulk/(\d+)\.jsonl", request.path)
    doc = shop.store.get("bulk", int(match[1])) if match else None
    if doc:
        return Response(200, "\n".join(doc["lines"]).encode(), [("Content-Type", "application/jsonl")])
    if request.path == "/staged" and request.method == "POST":
        fields = _fields(request)
        if "key" not in fields or "file" not in fields:
            return Response(400, b"<Error><Code>InvalidArgument</Code></Error>", [("Content-Type", "application/xml")])
        shop.store.put("upload", {"id": shop.next_id(), "key": fields["key"], "text": fields["file"]})
        return Response(201, b"", [("Content-Type", "application/xml")])
    return None


def _fields(request: Request) -> dict[str, str]:
    """Of a multipart form."""
    match = re.search(r'boundary="?([^";]+)', request.header("Content-Type"))
    found = {}
    for part in request.body.split(b"--" + match[1].encode()) if match else ():
        head, _, body = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]+)"', head)
        if name:
            found[name[1].decode()] = body.removesuffix(b"\r\n").decode("utf-8", "replace")
    return found


ACTS = {
    "bulkOperationRunQuery": run_query,
    "bulkOperationRunMutation": run_mutation,
    "stagedUploadsCreate": stage,
}
