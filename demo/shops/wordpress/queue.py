"""The plugin's queue: one row for each order that MCI should hear of, kept until MCI took it. What is said is built
when it is sent, so ten changes are one message, and an order that is gone by then is told as gone."""

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from demo.shops.outgoing import Answer, post
from demo.shops.woocommerce.php import iso
from demo.shops.woocommerce.webhooks import Arrange, Delivery, Pending, Transport, Webhooks

if TYPE_CHECKING:
    from .shop import Shop

WAITS_S = (60, 300, 900, 3600)  # after each failure; then hourly
KEPT = dt.timedelta(days=7)


class Queue(Webhooks):
    """Stands where the fake WooCommerce has its webhooks: its orders tell it of every change."""

    shop: "Shop"

    def __init__(self, shop: "Shop", transport: Transport = post) -> None:
        super().__init__(shop, transport)

    def enqueue(self, topic: str, resource: int) -> None:
        super().enqueue(topic, resource)  # webhooks of WooCommerce, where keys made some
        plugin = self.shop.plugin
        if not topic.startswith("order.") or not plugin.paired or plugin.off:
            return
        store, now = self.shop.store, self.shop.clock()
        with store.lock:
            row = store.get("queue", resource) or {"id": resource, "since": iso(now), "uuid": "", "changes": 0}
            due = now + dt.timedelta(seconds=self.shop.deliver_after or 0)
            fresh = {"tries": 0, "due": iso(due), "uuid": str(uuid.uuid4()), "changes": row["changes"] + 1, "last": ""}
            store.put("queue", {**row, **fresh, "at": plugin.stamp()})

    def rows(self) -> list[dict[str, Any]]:
        return sorted(self.shop.store.all("queue"), key=lambda row: (row["due"], row["id"]))

    def waiting(self) -> list[Pending]:
        return [Pending(0, "order.updated", row["id"], _moment(row["due"])) for row in self.rows()]

    def retry_now(self) -> None:
        with self.shop.store.lock:
            for row in self.rows():
                self.shop.store.put("queue", {**row, "due": iso(self.shop.clock())})

    def run(self, *, arrange: Arrange | None = None, only_due: bool = False) -> list[Delivery]:
        """Sends what waits; `arrange` may reorder. What MCI did not take stays and is tried again later."""
        if only_due:
            self.shop.plugin.woken()
        now = self.shop.clock()
        batch = [row for row in self.waiting() if not only_due or row.due <= now]
        done = super().run(arrange=arrange, only_due=only_due)
        for pending in arrange(batch) if arrange else batch:
            before = len(self.sent)
            self._tell(pending.resource)
            done += list(self.sent)[before:]
        return done

    def _tell(self, id_: int) -> None:
        shop, store = self.shop, self.shop.store
        row = store.get("queue", id_)
        if row is None or not shop.plugin.paired or shop.plugin.off:
            return
        doc = store.get("order", id_)
        if doc is None or doc["status"] == "trash":
            said = {"topic": "order.deleted", "at": row["at"], "id": id_}
        else:
            said = {"topic": "order.updated", "at": row["at"], "order": shop.order(doc)}
        status, error = shop.plugin.send(said, row["uuid"])
        with store.lock:
            now, current = shop.clock(), store.get("queue", id_)
            if current is None or current["changes"] != row["changes"]:
                return  # it changed meanwhile: it is told again
            if 200 <= status < 300 or now - _moment(row["since"]) > KEPT:
                store.drop("queue", id_)
                return
            wait = WAITS_S[min(row["tries"], len(WAITS_S) - 1)] if status not in (401, 410) else WAITS_S[-1]
            due = iso(now + dt.timedelta(seconds=wait))
            store.put("queue", {**row, "tries": row["tries"] + 1, "due": due, "last": str(status or error)})

    def note(self, topic: str, url: str, headers: list[tuple[str, str]], body: bytes) -> Answer:
        """One request to MCI, kept in the shop's log."""
        answer = self.transport(url, headers, body, 20.0)
        at = iso(self.shop.clock())
        self.sent.append(Delivery(topic, 0, url, headers, body, answer.status, at, answer.error))
        return answer


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
