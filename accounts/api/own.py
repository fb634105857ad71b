"""What a program may ask about itself: which key it has, and what it asked before."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.described import FIELDS, PAGED, listing, problems_of
from accounts.api.view import ApiView
from accounts.models import ApiRequest
from core.api import pages
from core.api.shapes import Moment, Shape


class MeShape(Shape):
    company = serializers.CharField(source="dropshipper.name")
    key = serializers.CharField(source="name", help_text="What the key is called in the settings.")
    prefix = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    expires_at = Moment(allow_null=True)


class RequestShape(Shape):
    request_id = serializers.CharField()
    method = serializers.CharField()
    path = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Of the problem; empty where there was none.")
    took_ms = serializers.IntegerField()
    key = serializers.CharField(source="api_key.name")
    at = Moment()


class Me(ApiView):
    needs = {"get": ""}

    @extend_schema(operation_id="me", parameters=[FIELDS], responses={200: MeShape, **problems_of()})
    def get(self, request: Request) -> Response:
        """The key that is used."""
        pages.known(request)
        return pages.one(request, MeShape, self.key)


class Requests(ApiView):
    needs = {"get": ""}

    @extend_schema(operation_id="requests", parameters=PAGED, responses={200: listing(RequestShape), **problems_of()})
    def get(self, request: Request) -> Response:
        """What this key asked in the last 30 days, newest first."""
        pages.known(request, "cursor", "limit")
        rows = ApiRequest.objects.filter(api_key=self.key).select_related("api_key")
        return pages.listed(request, rows, RequestShape)
