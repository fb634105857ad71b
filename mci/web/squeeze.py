"""Pages go compressed: a full inbox is 190 kB as text and a tenth of that on the wire."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# Pages that show or take a key, where the length of an answer must say nothing (BREACH); on the others Django adds
# random length, and every token is masked anew.
_PLAIN = re.compile(r"/account/|/shops/connect|/shops/\d+/reconnect/", re.ASCII)


class SqueezeMiddleware(GZipMiddleware):
    """Of what views answer only whole pages: files are streamed, and pictures are small already."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if not is_page or not isinstance(response, HttpResponse) or _PLAIN.match(request.path_info):
            return response
        return super().process_response(request, response)
