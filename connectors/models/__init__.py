from connectors.models.ask import ShopAsk
from connectors.models.attempt import HOLDS_SECRETS, NO_SECRETS, ConnectAttempt
from connectors.models.delivery import Delivery
from connectors.models.inbox_order import InboxOrder
from connectors.models.listing import Listing, PriceRule
from connectors.models.match import Match, MatchBatch, RemoteItem
from connectors.models.payment_rule import PaymentRule
from connectors.models.proof import OrderProof
from connectors.models.publishing import PublishItem, PublishRun
from connectors.models.shop import Shop, first_look_back, in_a_while, new_key
from connectors.models.shop_log import ShopCall, ShopEvent
from connectors.models.visit import NEVER, Visit

__all__ = [
    "HOLDS_SECRETS",
    "NEVER",
    "NO_SECRETS",
    "ConnectAttempt",
    "Delivery",
    "InboxOrder",
    "Listing",
    "Match",
    "MatchBatch",
    "OrderProof",
    "PaymentRule",
    "PriceRule",
    "PublishItem",
    "PublishRun",
    "RemoteItem",
    "Shop",
    "ShopAsk",
    "ShopCall",
    "ShopEvent",
    "Visit",
    "first_look_back",
    "in_a_while",
    "new_key",
]
