"""The pictures of the products, which shops fetch: public, and never a page of ours whatever lies there."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.static import serve

PICTURES = ("image/webp", "image/jpeg", "image/png", "image/gif")


def media(request: HttpRequest, path: str) -> HttpResponseBase:
    try:
        answer = serve(request, path, document_root=settings.MEDIA_ROOT)
    except (OSError, ValueError):  # a name that no file system takes
        raise Http404 from None
    if answer.status_code == 200 and answer.headers["Content-Type"] not in PICTURES:
        answer.headers["Content-Type"] = "application/octet-stream"
        answer.headers["Content-Disposition"] = "attachment"
    return answer
