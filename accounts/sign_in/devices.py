"""What a browser says of itself, in words for people: "Chrome · Windows". A hint, not a proof: it can lie."""

from __future__ import annotations

from django.http import HttpRequest

# The first that is found is it: the later ones are also named by the earlier.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("FxiOS", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "Python"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def device(request: HttpRequest) -> str:
    """Browser and system of a request, as far as known; empty when it says nothing."""
    said = request.headers.get("User-Agent", "")[:400]
    found = [
        next((name for mark, name in names if mark.lower() in said.lower()), "") for names in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(filter(None, found))
