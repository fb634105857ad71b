"""Who may call the API: apps, their installations, access and refresh tokens and how they end."""

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from .gids import Doc, moment_of, stamp

if TYPE_CHECKING:
    from .shop import Shop

ACCESS_S, REFRESH_S, OWN_S = 3600, 90 * 24 * 3600, 86_399
ALL_SCOPES = (
    "read_orders write_orders read_all_orders read_products write_products read_inventory write_inventory "
    "read_locations read_merchant_managed_fulfillment_orders write_merchant_managed_fulfillment_orders "
    "read_fulfillments write_fulfillments read_publications write_publications read_customers read_payment_terms"
).split()


@dataclass
class App:
    """An app as the developer dashboard knows it. `public`: a token that never expires is refused by the API."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uris: list[str] = field(default_factory=list)  # none: any is taken (a fake's kindness)
    compliance_uri: str = ""
    public: bool = False
    own_shop: bool = False  # app and store are of one organisation: the client-credentials grant works
    title: str = "MCI"


class OAuthError(Exception):
    """What POST /admin/oauth/access_token answers: JSON, or an HTML page for a shop that has no such app."""

    def __init__(self, error: str, description: str = "", *, html: bool = False, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.description, self.html, self.status = error, description, html, status


def signed(params: dict[str, str], secret: str) -> str:
    """The `hmac` of a query that Shopify sends: hex SHA-256 over the sorted, percent-encoded pairs."""
    text = urlencode(sorted(params.items()), quote_via=quote, safe="*").replace("~", "%7E")
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def covered(granted: set[str]) -> set[str]:
    """The scopes with what they imply: write_x holds read_x."""
    return granted | {scope.replace("write_", "read_", 1) for scope in granted if scope.startswith("write_")}


def _compact(scopes: set[str]) -> list[str]:
    """As Shopify echoes them: a read that is implied by a write is left out."""
    implied = {scope.replace("write_", "read_", 1) for scope in scopes if scope.startswith("write_")}
    return sorted(scopes - implied)


class Tokens:
    """Documents "installation" (app, scopes), "code" and "token" (a pair, or an access token alone)."""

    def __init__(self, shop: "Shop") -> None:
        self._shop = shop
        self.apps: dict[str, App] = {}
        for doc in shop.store.all("installation"):
            if doc.get("secret"):
                self._of_the_admin(doc)

    # Authorisation.

    def grant_code(self, app: App, redirect_uri: str, scopes: set[str], state: str) -> str:
        """The merchant has agreed: the address to send him back to, with a code that works once."""
        shop = self._shop
        code = secrets.token_hex(16)
        with shop.store.lock:
            made = {"id": shop.next_id(), "code": code, "app": app.client_id, "scopes": sorted(scopes), "used": False}
            shop.store.put("code", made)
        params = {
            "code": code,
            "host": base64.b64encode(f"{shop.domain}/admin".encode()).decode().rstrip("="),
            "shop": shop.domain,
            "state": state,
            "timestamp": str(int(shop.clock().timestamp())),
        }
        return self.callback(app, redirect_uri, params)

    def callback(self, app: App, redirect_uri: str, params: dict[str, str]) -> str:
        full = {**params, "hmac": signed(params, app.client_secret)}
        return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(full)}"

    def exchange(self, given: dict[str, Any]) -> Doc:
        """POST /admin/oauth/access_token: a code, or a refresh token, for a token or a pair."""
        app = self.apps.get(str(given.get("client_id", "")))
        if app is None:
            raise OAuthError("application_cannot_be_found", html=True)
        if not hmac.compare_digest(str(given.get("client_secret", "")).encode(), app.client_secret.encode()):
            raise OAuthError("invalid_client", "The client_id or client_secret is invalid.")
        kind = str(given.get("grant_type") or "authorization_code")
        with self._shop.store.lock:
            if kind == "refresh_token":
                return self._refresh(app, str(given.get("refresh_token", "")))
            if kind == "authorization_code":
                return self._redeem(
                    app, str(given.get("code", "")), str(given.get("expiring", "")) in ("1", "true", "True")
                )
            if kind == "client_credentials":
                return self._own(app)
        raise OAuthError("unsupported_grant_type", "The grant type is not supported.")

    def _own(self, app: App) -> Doc:
        """A token of a day for an app of the store's own organisation; nothing renews it but asking again."""
        installed = self.installation(app.client_id)
        if not app.own_shop:
            raise OAuthError("shop_not_permitted", html=True)
        if installed is None:
            raise OAuthError("app_not_installed", html=True)
        made = self._make(app, set(installed["scopes"]), expiring=False)
        until = stamp(self._shop.clock() + dt.timedelta(seconds=OWN_S))
        token = self._shop.store.put("token", {**made, "access_until": until, "legacy": True})
        return {**self._answer(token), "expires_in": OWN_S}

    def _redeem(self, app: App, code: str, expiring: bool) -> Doc:
        doc = next((each for each in self._shop.store.all("code") if each["code"] == code), None)
        if doc is None or doc["used"] or doc["app"] != app.client_id:
            raise OAuthError("invalid_request", "The authorization code was not found or was already used")
        doc["used"] = True
        self._shop.store.put("code", doc)
        return self.install(app, set(doc["scopes"]), expiring=expiring)

    def _refresh(self, app: App, refresh: str) -> Doc:
        """A new pair. The old refresh token goes on working until the new pair is used: a lost answer costs nothing."""
        shop, now = self._shop, self._shop.clock()
        found = next((each for each in shop.store.all("token") if refresh and each["refresh"] == refresh), None)
        if found is not None and self.installation(found["app"]) is None:
            raise OAuthError("app_not_installed", html=True)
        if found is None or found["app"] != app.client_id or found["retired"]:
            raise OAuthError("invalid_grant", "This request requires an active refresh_token")
        if moment_of(found["refresh_until"]) <= now:
            raise OAuthError("invalid_grant", "This request requires an active refresh_token")
        for other in shop.store.all("token"):
            if other["app"] == app.client_id and other["before"] == found["id"]:  # asked for again, never used
                shop.store.drop("token", other["id"])
        self._use(found)
        return self._answer(self._make(app, set(found["scopes"]), expiring=True, before=found["id"]))

    # Installations and tokens.

    def install(self, app: App, scopes: set[str], *, expiring: bool, access: str = "") -> Doc:
        shop = self._shop
        installed = self.installation(app.client_id)
        made = installed or {"id": shop.next_id(), "app": app.client_id, "at": stamp(shop.clock())}
        shop.store.put("installation", {**made, "scopes": sorted(scopes)})
        for old in shop.store.all("token"):
            if old["app"] == app.client_id:
                shop.store.drop("token", old["id"])
        return self._answer(self._make(app, scopes, expiring=expiring, access=access))

    def grant(self, client_id: str, scopes: set[str]) -> Doc:
        """Other scopes for what is installed, as the owner may grant or take them: all its tokens have them at once."""
        installed = self.installation(client_id)
        assert installed is not None
        before = installed["scopes"]
        self._shop.store.put("installation", {**installed, "scopes": sorted(scopes)})
        return {"previous": before, "current": sorted(scopes)}

    def installation(self, client_id: str) -> Doc | None:
        return next((doc for doc in self._shop.store.all("installation") if doc["app"] == client_id), None)

    def _make(self, app: App, scopes: set[str], *, expiring: bool, before: int = 0, access: str = "") -> Doc:
        shop, now = self._shop, self._shop.clock()
        access_until = stamp(now + dt.timedelta(seconds=ACCESS_S)) if expiring else None
        return shop.store.put(
            "token",
            {
                "id": shop.next_id(),
                "app": app.client_id,
                "scopes": sorted(scopes),
                "access": access or f"shpat_{secrets.token_hex(16)}",
                "refresh": f"shprt_{secrets.token_hex(16)}" if expiring else "",
                "access_until": access_until,
                "refresh_until": stamp(now + dt.timedelta(seconds=REFRESH_S)),
                "before": before,
                "used": False,
                "retired": False,
                "legacy": False,
            },
        )

    def legacy(self, scopes: set[str], secret: str = "") -> str:
        """The token of an app that the merchant made in his admin: it never expires, and nothing renews it. `secret`
        signs its webhooks."""
        shop = self._shop
        id_ = shop.next_id()
        made = {"id": id_, "app": f"admin-{id_}", "at": stamp(shop.clock()), "scopes": sorted(scopes)}
        made["secret"] = secret or secrets.token_hex(16)
        app = self._of_the_admin(shop.store.put("installation", made))
        token = self._make(app, scopes, expiring=False)
        return str(shop.store.put("token", {**token, "legacy": True})["access"])

    def _of_the_admin(self, installed: Doc) -> App:
        app = App(installed["app"], installed["secret"], title="App del negozio")
        return self.apps.setdefault(app.client_id, app)

    def _answer(self, token: Doc) -> Doc:
        answer = {"access_token": token["access"], "scope": ",".join(_compact(set(token["scopes"])))}
        if token["refresh"]:
            answer |= {
                "expires_in": ACCESS_S,
                "refresh_token": token["refresh"],
                "refresh_token_expires_in": REFRESH_S,
            }
        return answer

    def who(self, access: str) -> Doc | None:
        """The token that this is; None: unknown, expired, of an app that is gone. Its use retires its forerunner."""
        shop = self._shop
        with shop.store.lock:
            token = next((doc for doc in shop.store.all("token") if access and doc["access"] == access), None)
            if token is None or token["retired"] or self.installation(token["app"]) is None:
                return None
            if token["access_until"] and moment_of(token["access_until"]) <= shop.clock():
                return None
            app = self.apps.get(token["app"])
            if app is None or (app.public and not token["refresh"] and not token["legacy"]):
                return None  # public apps: expiring tokens only
            self._use(token)
            return token

    def _use(self, token: Doc) -> None:
        if token["used"]:
            return
        store = self._shop.store
        store.put("token", {**token, "used": True})
        forerunner = store.get("token", token["before"])
        if forerunner:
            store.put("token", {**forerunner, "retired": True})

    def expire(self) -> None:
        """An hour passes for every access token; the refresh tokens live."""
        past = stamp(self._shop.clock() - dt.timedelta(seconds=1))
        for token in self._shop.store.all("token"):
            if token["access_until"]:
                token["access_until"] = past
                self._shop.store.put("token", token)

    def remove(self, client_id: str) -> None:
        """Uninstalled: every token is dead at once."""
        for kind in ("token", "installation"):
            for doc in self._shop.store.all(kind):
                if doc["app"] == client_id:
                    self._shop.store.drop(kind, doc["id"])
