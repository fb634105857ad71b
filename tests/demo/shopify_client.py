"""A client that speaks to the fake Shopify store as an app does, and the operations that the tests send."""

import http.client
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from demo.shops.shopify import FakeShop

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "shopify"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def codes(self) -> list[str]:
        return [error.get("extensions", {}).get("code", "") for error in self.json.get("errors", [])]


class Client:
    """Asks by GraphQL with a token, or any path of the store by `raw`."""

    def __init__(self, shop: FakeShop, token: str = "") -> None:
        self.shop = shop
        self.token = token or shop.install()["access_token"]
        self.version = "2026-10"

    def raw(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        parts = urlsplit(self.shop.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read().decode())
        finally:
            connection.close()

    def ask(self, text: str, /, **variables: Any) -> Answer:
        body = json.dumps({"query": text, "variables": variables}).encode()
        headers = {"Content-Type": "application/json", "X-Shopify-Access-Token": self.token}
        return self.raw("POST", f"/admin/api/{self.version}/graphql.json", body, headers)

    def __call__(self, text: str, /, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = self.ask(text, **variables)
        assert answer.status == 200, answer.text
        assert "errors" not in answer.json, answer.text
        return answer.json["data"]

    def form(self, path: str, **fields: str) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.raw("POST", path, urlencode(fields).encode(), kind)


ORDER = """
query MciOrder($id: ID!) {
  order(id: $id) {
    id name updatedAt cancelledAt test tags note edited sourceName displayFinancialStatus displayFulfillmentStatus
    unpaid canMarkAsPaid paymentGatewayNames email phone
    transactions(first: 10) { id kind status gateway manualPaymentGateway amountSet { shopMoney { amount } } }
    shippingAddress { name address1 zip city provinceCode countryCodeV2 phone }
    lineItems(first: 50) { nodes { id sku name quantity currentQuantity unfulfilledQuantity requiresShipping } }
    totalPriceSet { ...M } totalOutstandingSet { ...M } totalReceivedSet { ...M } totalRefundedSet { ...M }
    currentTotalPriceSet { ...M } totalDiscountsSet { ...M }
  }
}
fragment M on MoneyBag { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }
"""
PULL = """
query MciOrders($first: Int!, $after: String, $query: String!) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes { id name updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}
"""
FULFILMENT_ORDERS = """
query MciOrderFulfillmentOrders($id: ID!) {
  order(id: $id) {
    displayFulfillmentStatus
    fulfillmentOrders(first: 20) {
      nodes {
        id status fulfillAt
        assignedLocation { name location { id } }
        supportedActions { action }
        fulfillmentHolds { reason reasonNotes }
        lineItems(first: 50) { nodes { id sku totalQuantity remainingQuantity lineItem { id } } }
      }
    }
    fulfillments(first: 20) { id status displayStatus trackingInfo(first: 5) { company number url } }
  }
}
"""
FULFIL = """
mutation MciFulfillmentCreate($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id status displayStatus totalQuantity trackingInfo(first: 5) { company number url } }
    userErrors { field message }
  }
}
"""


def orders(data: Any) -> list[str]:
    return [node["name"] for node in data["orders"]["nodes"]]
