"""Who may call the REST API: consumer keys by Basic, by query, or by one-legged OAuth 1.0a."""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from demo.shops.web import Request

from .errors import RestError

if TYPE_CHECKING:
    from .shop import Shop

READS = ("GET", "HEAD")
_OAUTH = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")
_WINDOW = 15 * 60  # seconds


def _refuse(message: str, code: str = "woocommerce_rest_authentication_error") -> RestError:
    return RestError(code, message, 401)


def oauth_signature(method: str, base_url: str, params: dict[str, str], secret: str, algorithm: str) -> str:
    """The signature WooCommerce expects: sorted parameters, keys and values percent-encoded twice, key `secret&`."""

    def encode(text: str) -> str:
        return quote(unquote(text), safe="-._~").replace("%", "%25")

    pairs = sorted((key, value) for key, value in params.items() if key != "oauth_signature")
    query = "%26".join(f"{encode(key)}%3D{encode(value)}" for key, value in pairs)
    text = f"{method.upper()}&{quote(base_url, safe='-._~')}&{query}"
    digest = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}[algorithm]
    return base64.b64encode(hmac.new(f"{secret}&".encode(), text.encode(), digest).digest()).decode()


class Keys:
    """The shop's consumer keys. `capable` is False once the key's owner has lost the role: 403 instead of 401."""

    def __init__(self, shop: "Shop") -> None:
        self._shop = shop

    def add(
        self, key: str = "", secret: str = "", *, permissions: str = "read_write", description: str = "MCI"
    ) -> dict[str, Any]:
        """Makes a key, or gives the one that exists already under the same consumer key."""
        store = self._shop.store
        with store.lock:
            for doc in store.all("key"):
                if key and doc["consumer_key"] == key:
                    doc.update(consumer_secret=secret, permissions=permissions)
                    return store.put("key", doc)
            return store.put(
                "key",
                {
                    "id": store.next("key"),
                    "consumer_key": key or f"ck_{secrets.token_hex(20)}",
                    "consumer_secret": secret or f"cs_{secrets.token_hex(20)}",
                    "permissions": permissions,
                    "description": description,
                    "capable": True,
                },
            )

    def remove(self, consumer_key: str) -> None:
        doc = self._find(consumer_key)
        if doc:
            self._shop.store.drop("key", doc["id"])

    def demote(self, consumer_key: str) -> None:
        """The owner of the key loses the role: the key still authenticates, but may do nothing (403)."""
        doc = self._find(consumer_key)
        if doc:
            self._shop.store.put("key", {**doc, "capable": False})

    def _find(self, consumer_key: str) -> dict[str, Any] | None:
        return next((doc for doc in self._shop.store.all("key") if doc["consumer_key"] == consumer_key), None)

    def identify(self, request: Request) -> dict[str, Any] | None:
        """The key behind a request; None when there is none that counts. Raises RestError (401) on a wrong one."""
        doc = None
        if request.https or (self._shop.insecure_basic_ok and request.loopback):
            doc = self._by_basic(request)
        doc = doc or self._by_oauth(request)
        if doc is None:
            return None
        if request.method in READS and doc["permissions"] not in ("read", "read_write"):
            raise _refuse("The API key provided does not have read permissions.")
        if request.method in ("POST", "PUT", "PATCH", "DELETE") and doc["permissions"] not in ("write", "read_write"):
            raise _refuse("The API key provided does not have write permissions.")
        return doc

    def _by_basic(self, request: Request) -> dict[str, Any] | None:
        key, secret = request.param("consumer_key"), request.param("consumer_secret")
        header = request.header("Authorization")
        if not (key and secret) and header.lower().startswith("basic "):
            try:
                key, _, secret = base64.b64decode(header[6:], validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return None
        if not key or not secret:
            return None
        doc = self._find(key)
        if doc is None:
            return None  # an unknown key reads like no key at all
        if not hmac.compare_digest(doc["consumer_secret"].encode(), secret.encode()):
            raise _refuse("Consumer secret is invalid.")
        return doc

    def _by_oauth(self, request: Request) -> dict[str, Any] | None:
        params = dict(request.query)
        header = request.header("Authorization")
        if header.lower().startswith("oauth "):
            for part in header[6:].split(","):
                name, _, value = part.strip().partition("=")
                if name.startswith("oauth_"):
                    params[name] = unquote(value.strip('"'))
        missing = [name for name in _OAUTH if not params.get(name)]
        if len(missing) == len(_OAUTH):
            return None
        if missing:
            word = "parameter" if len(missing) == 1 else "parameters"
            text = f"Missing OAuth {word} {', '.join(missing)}"
            raise _refuse(text, "woocommerce_rest_authentication_missing_parameter")
        doc = self._find(params["oauth_consumer_key"])
        if doc is None:
            raise _refuse("Consumer key is invalid.")
        if params["oauth_signature_method"] not in ("HMAC-SHA1", "HMAC-SHA256"):
            raise _refuse("Invalid signature - signature method is invalid.")
        folder = urlsplit(self._shop.public_url).path  # WordPress takes it off before it puts its home address on
        base = self._shop.home(request) + request.full_path.removeprefix(folder)
        wanted = oauth_signature(request.method, base, params, doc["consumer_secret"], params["oauth_signature_method"])
        given = unquote(params["oauth_signature"].replace(" ", "+"))
        if not hmac.compare_digest(wanted.encode(), given.encode()):
            raise _refuse("Invalid signature - provided signature does not match.")
        self._check_nonce(doc, params)
        return doc

    def _check_nonce(self, doc: dict[str, Any], params: dict[str, str]) -> None:
        try:
            stamp = int(params["oauth_timestamp"])
        except ValueError:
            stamp = 0
        now = int(time.time())
        if abs(now - stamp) > _WINDOW:
            raise _refuse("Invalid timestamp.")
        with self._shop.store.lock:
            used: dict[str, int] = doc.setdefault("nonces", {})
            if params["oauth_nonce"] in used:
                raise _refuse("Invalid nonce - nonce has already been used.")
            used[params["oauth_nonce"]] = stamp
            doc["nonces"] = {nonce: at for nonce, at in used.items() if now - at <= _WINDOW}
            self._shop.store.put("key", doc)
