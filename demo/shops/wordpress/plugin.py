"""The plugin's state in the shop: its pairing with MCI, and how it pairs and unpairs."""

import datetime as dt
import json
import re
import time
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from demo.shops.woocommerce.php import json_encode

from .signing import signature

if TYPE_CHECKING:
    from .shop import Shop

VERSION = "1.2.0"
USER_AGENT = "mci-connector/1.2.0"
MINUTE_S = 60.0  # how often it asks without its page: WordPress wakes it so
PAIRING_S = 3600.0  # how long the plugin asks for the answer to its code


class Plugin:
    """What the plugin keeps in WordPress's options. `clock_off`: how wrong the shop's clock is, in seconds; `skew`:
    what the plugin knows of it from MCI. `off`: WordPress has it switched off."""

    def __init__(self, shop: "Shop") -> None:
        self._shop = shop
        self.version, self.clock_off, self.off = VERSION, 0.0, False
        doc = shop.store.get("plugin", 1)
        if doc is None:
            blank = {"secret": "", "webhook_address": "", "shop": "", "paired_at": "", "last_event_at": "", "cut": ""}
            doc = {"id": 1, "install": str(uuid.uuid4()), "portal": "", "skew": 0, **blank}
        self.state: dict[str, Any] = shop.store.put("plugin", doc)
        self._waiting: tuple[str, float] = ("", 0.0)  # the code of a pairing that is going on, and until when
        self._asked_at = 0.0
        self.waits_at = ""  # the portal where it was handed in
        self.asked: dict[str, str] = {}  # code, portal and receiver, while the admin is asked whether he means it

    def keep(self, **fields: Any) -> None:
        self.state = self._shop.store.put("plugin", {**self.state, **fields})

    @property
    def paired(self) -> bool:
        return bool(self.state["secret"])

    @property
    def waiting_code(self) -> str:
        code, until = self._waiting
        return code if time.monotonic() < until else ""

    def now(self) -> int:
        """The shop's clock, in unix seconds."""
        return int(time.time() + self.clock_off)

    def stamp(self) -> str:
        return dt.datetime.fromtimestamp(self.now(), dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def about(self) -> dict[str, Any]:
        """What the plugin says of itself and of its shop."""
        shop = self._shop
        return {
            "protocol": 1,
            "plugin": self.version,
            "wordpress": "7.1",
            "woocommerce": "" if shop.without_woocommerce else "11.0.1",
            "php": "8.2",
            "name": shop.name,
            "home": shop.public_url,
            "install": self.state["install"],
            "store_id": "" if shop.without_woocommerce else shop.store_id,
            "currency": shop.settings["general"]["woocommerce_currency"],
            **self._tax(),
            "time_zone": str(shop.zone),
            "language": "it_IT",
            "hpos": True,
            "gateways": [{key: row[key] for key in ("id", "title", "enabled")} for row in shop.gateways],
        }

    def _tax(self) -> dict[str, Any]:
        if self.version == "1.0.0":
            return {}
        taxed = self._shop.settings["general"]["woocommerce_calc_taxes"] == "yes"
        names = ("country", "state", "rate", "priority", "postcodes", "cities")
        rows = [
            {"class": "" if row["class"] == "standard" else row["class"], **{name: row[name] for name in names}}
            for row in self._shop.taxes.rates
            if row["country"] in ("", "IT")
        ]
        return {"taxed": taxed, "tax_rates": rows if taxed else []}

    def ping(self) -> int:
        """The button "Invia prova"."""
        return self.send({"topic": "ping", "at": self.stamp()}, str(uuid.uuid4()))[0]

    def who(self, code: str, portal: str) -> str:
        """Asks MCI who would be given the orders, and remembers it for the page that asks the admin; "", or what to
        tell him instead."""
        code, portal = code.strip(), portal.strip().rstrip("/")
        if not re.fullmatch(r"https?://[^/\s]+", portal) or not code:
            return "Incolla il codice e l’indirizzo del portale."
        status, data, error = self._ask(portal, {"code": code, "ask": "who", "language": "it_IT"}, 20.0)
        if status != 200 or not data.get("receiver"):
            return str(data.get("message") or f"MCI non ha risposto ({status or error}).")
        self.asked = {"code": code, "portal": portal, "receiver": str(data["receiver"])}
        return ""

    def pair(self, code: str, portal: str) -> str:
        """Hands the code in, after the admin has seen who will be given the orders; "" when it is paired or MCI is
        still at it (then `ask_again`), else what to tell."""
        code, portal = code.strip(), portal.strip().rstrip("/")
        if not re.fullmatch(r"https?://[^/\s]+", portal) or not code:
            return "Incolla il codice e l’indirizzo del portale."
        self._waiting = (code, time.monotonic() + PAIRING_S)
        self.waits_at, self.asked = portal, {}
        return self._hand_in("pair")

    def ask_again(self) -> str:
        """How it stands, while the page is open and once a minute without it; as `pair`."""
        return self._hand_in("again") if self.waiting_code else ""

    def woken(self) -> None:
        """Without its page: the one that it was handed in on may be closed, or opened in a browser without scripts."""
        if self.waiting_code and not self.off and time.monotonic() >= self._asked_at + MINUTE_S:
            self.ask_again()

    def give_up(self) -> None:
        """The admin does not want it after all."""
        self._waiting, self.asked = ("", 0.0), {}

    def _hand_in(self, ask: str) -> str:
        self._asked_at = time.monotonic()
        code, portal = self.waiting_code, self.waits_at
        said = {
            "code": code,
            "ask": ask,
            "pairing": 2,
            "rest": f"{self._shop.public_url}/wp-json/mci/v1/call",
            "orders": len(self._shop.store.all("order")),
            **self.about(),
        }
        status, data, error = self._ask(portal, said, 20.0)
        if status == 202 or (ask == "again" and status in (0, 429, 500, 502, 503, 504)):
            return ""
        if not status:
            return f"MCI non ha risposto ({error})."
        self._waiting = ("", 0.0)
        if status != 200 or len(data.get("secret", "")) != 64:
            return str(data.get("message") or f"MCI non ha risposto ({status}).")
        self.keep(
            secret=data["secret"],
            webhook_address=data["webhook_address"],
            shop=data["shop"],
            portal=portal,
            paired_at=self.stamp(),
            skew=int(data["time"]) - self.now(),
            cut="",
        )
        return ""

    def _ask(self, portal: str, said: dict[str, Any], patience_s: float) -> tuple[int, dict[str, Any], str]:
        """Status (0: no answer), the data of the answer, why there was none."""
        answer = self._shop.webhooks.transport(
            f"{portal}/connect/wordpress/callback/",
            [("User-Agent", USER_AGENT), ("Content-Type", "application/json"), ("Connection", "close")],
            json_encode(said).encode(),
            patience_s,
        )
        try:
            data = json.loads(answer.body) if answer.body else {}
        except ValueError:
            data = {}
        return answer.status, data if isinstance(data, dict) else {}, answer.error

    def unpair(self) -> None:
        """The admin cuts the connection: MCI is told, then the secret is forgotten."""
        if self.paired:
            self.send({"topic": "plugin.unpaired", "at": self.stamp()}, str(uuid.uuid4()))
        self.forget()

    def forget(self) -> None:
        self.keep(secret="", webhook_address="", paired_at="", cut="")

    def send(self, said: dict[str, Any], id_: str) -> tuple[int, str]:
        """One signed event; status and, without an answer, why. A clock that MCI finds wrong is set right once."""
        shop, topic, body = self._shop, said["topic"], json_encode(said).encode()
        for again in (False, True):
            timestamp = self.now() + self.state["skew"]
            headers = [
                ("User-Agent", USER_AGENT),
                ("Content-Type", "application/json"),
                ("X-MCI-Topic", topic),
                ("X-MCI-Home", shop.public_url),
                ("X-MCI-Id", id_),
                ("X-MCI-Timestamp", str(timestamp)),
                ("X-MCI-Signature", signature(self.state["secret"], timestamp, body)),
                ("Connection", "close"),
            ]
            answer = shop.queue.note(topic, self.state["webhook_address"], headers, body)
            theirs = answer.headers.get("x-mci-time", "")
            if answer.status != 401 or not theirs.isdigit() or again:
                break
            self.keep(skew=int(theirs) - self.now())
        if 200 <= answer.status < 300:
            self.keep(last_event_at=self.stamp(), cut="")
        elif answer.status in (401, 410):
            self.keep(cut=str(answer.status))
        return answer.status, answer.error

    def provision(self, secret: str, address: str) -> None:
        """Paired in advance, for the demo; may be called again."""
        parts = urlsplit(address)
        self.keep(
            secret=secret,
            webhook_address=address,
            shop=self._shop.name,
            portal=f"{parts.scheme}://{parts.netloc}",
            paired_at=self.state["paired_at"] or self.stamp(),
            cut="",
        )
