"""The baseline of the intake: a Django view that does nothing but insert the same body, on the same server.

No middleware, no signature, no check for a repeat. Run as a WSGI application of its own settings."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from mci import environment

settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    # As ours, whatever form the address has, but as the owner, by Django's own backend, and without the check of each
    # connection.
    DATABASES={
        "default": {
            **environment.database(),
            **environment.owner_database(),
            "ENGINE": "django.db.backends.postgresql",
            "CONN_HEALTH_CHECKS": False,
        }
    },
    USE_TZ=True,
)


def _insert(request: HttpRequest, table: str) -> HttpResponse:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (shop_id, event_id, topic, received_at, body)"
            " VALUES (1, %s, 'order.updated', now(), %s)",
            [os.urandom(12).hex(), request.body.decode() if table == "bench_json" else request.body],
        )
    return HttpResponse(status=200)


def in_json(request: HttpRequest) -> HttpResponse:
    return _insert(request, "bench_json")


def in_raw(request: HttpRequest) -> HttpResponse:
    return _insert(request, "bench_raw")


urlpatterns = [path("in_json", in_json), path("in_raw", in_raw)]
application = get_wsgi_application()
