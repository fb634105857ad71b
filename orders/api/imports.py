"""Files of orders by a program: uploaded, looked at, imported. The acts of the pages."""

from __future__ import annotations

import base64
import binascii
from functools import partial
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.described import FIELDS, PAGED, REPEAT_KEY, listing, problems_of, text
from accounts.api.view import ApiView
from accounts.keys.once import Answer
from core.api import pages
from core.api.parser import StrictJson
from core.api.problems import FieldError, Problem
from core.api.shapes import Amount, Body, Moment, Shape, Text
from orders import tasks
from orders.api.body import checked
from orders.imports import acts, grid, looks, taking
from orders.imports.words import sentence
from orders.models import Import, ImportRow


class ImportBody(Body):
    name = Text(max_length=120, required=False, default="", help_text="Of the file, for people.")
    marketplace = Text(max_length=60, required=False, default="", help_text="Where the file does not say it itself.")
    content = Text(
        allow_blank=False, help_text="The file's bytes in base64: CSV, TXT or XLSX, at most 5,000 rows and 4 MB."
    )


class ImportShape(Shape):
    id = serializers.CharField(source="pk")
    name = serializers.CharField()
    state = serializers.ChoiceField(
        Import.State.choices, help_text="checking, importing and undoing go on by themselves: ask again."
    )
    report = serializers.CharField(help_text="Which report it is; mapped: a table whose columns a person named.")
    marketplace = serializers.CharField()
    created_at = Moment()
    rows = serializers.SerializerMethodField(help_text="How many orders of the file are in which state.")

    def get_rows(self, batch: Import) -> dict[str, int]:
        return looks.counts(batch)


class ImportIssueShape(Shape):
    level = serializers.CharField(help_text="error, held or warning.")
    code = serializers.CharField()
    column = serializers.CharField()
    title = serializers.CharField()


class ImportRowShape(Shape):
    id = serializers.CharField(source="pk")
    line = serializers.IntegerField(help_text="Of the file.")
    reference = serializers.CharField(source="number", help_text="The marketplace's own number.")
    state = serializers.ChoiceField(ImportRow.State.choices)
    cost = Amount(allow_null=True, help_text="EUR, VAT included, by today's tariff.")
    order_id = serializers.SerializerMethodField(help_text="Made of it, or there already.")
    left_out = serializers.CharField(source="left", help_text="Why it is left out; empty when it is not.")
    issues = serializers.SerializerMethodField()

    def get_order_id(self, row: ImportRow) -> str | None:
        return str(row.order_id) if row.order_id else None

    @extend_schema_field(ImportIssueShape(many=True))
    def get_issues(self, row: ImportRow) -> Any:
        return [
            {"level": level, "code": code, "column": column, "title": sentence(code, params)}
            for level, code, column, params in row.issues
        ]


class FileJson(StrictJson):
    """A body that carries a file in base64."""

    most = grid.MOST_BYTES * 4 // 3 + 1024


class Imports(ApiView):
    parser_classes = [FileJson]
    needs = {"get": "orders:read", "post": "orders:write"}

    @extend_schema(operation_id="imports", parameters=PAGED, responses={200: listing(ImportShape), **problems_of()})
    def get(self, request: Request) -> Response:
        """Files of orders, newest first."""
        pages.known(request, "cursor", "limit")
        return pages.listed(request, taking.imports_of(self.dropshipper.pk), ImportShape)

    @extend_schema(
        operation_id="import_create",
        parameters=[REPEAT_KEY],
        request=ImportBody,
        responses={201: ImportShape, **problems_of(409, 413, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """Uploads a file, which is then checked. The same file again is the same import."""
        said = checked(ImportBody, request.data)
        try:
            data = base64.b64decode(said["content"], validate=True)
        except (binascii.Error, ValueError):
            raise Problem(
                422, "invalid", errors=[FieldError("/content", "not_base64", _("Send the file in base64."))]
            ) from None

        def take(_key: str) -> Answer:
            batch, _new = taking.take(
                data,
                name=said["name"],
                marketplace=said["marketplace"],
                dropshipper_id=self.dropshipper.pk,
                by=self.key.made_by_id,
            )
            transaction.on_commit(partial(tasks.nudge_imports))
            return Answer(201, dict(ImportShape(batch).data), location=f"/api/v1/imports/{batch.pk}")

        return self.once(request, take)


class OneImport(ApiView):
    needs = {"get": "orders:read"}

    @extend_schema(operation_id="import", parameters=[FIELDS], responses={200: ImportShape, **problems_of(404)})
    def get(self, request: Request, pk: int) -> Response:
        """One import."""
        pages.known(request)
        return pages.one(request, ImportShape, _access(self.dropshipper.pk, pk))


class ImportRows(ApiView):
    needs = {"get": "orders:read"}

    @extend_schema(
        operation_id="import_rows",
        parameters=[*PAGED, text("state", enum=list(ImportRow.State.values))],
        responses={200: listing(ImportRowShape), **problems_of(404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        """The orders of the file, newest first, with what is wrong in each."""
        pages.known(request, "cursor", "limit", "state")
        rows = _access(self.dropshipper.pk, pk).rows.all()
        if state := pages.one_of(request, "state", ImportRow.State.values):
            rows = rows.filter(state=state)
        return pages.listed(request, rows, ImportRowShape)


class StartImport(ApiView):
    needs = {"post": "orders:write"}

    @extend_schema(
        operation_id="import_start",
        parameters=[REPEAT_KEY],
        request=None,
        responses={200: ImportShape, **problems_of(404, 409, 413, 415, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Makes orders of the valid rows. Nothing is charged before `send`."""
        batch = _access(self.dropshipper.pk, pk)

        def start(_key: str) -> Answer:
            begun = acts.start(batch.key, by=self.key.made_by_id, dropshipper_id=self.dropshipper.pk)
            transaction.on_commit(partial(tasks.nudge_imports))
            return Answer(200, dict(ImportShape(begun).data))

        return self.once(request, start)


def _access(dropshipper_id: int, pk: int) -> Import:
    found = taking.imports_of(dropshipper_id).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
