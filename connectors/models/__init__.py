from connectors.models.attempt import HOLDS_SECRETS, NO_SECRETS, ConnectAttempt
from connectors.models.listing import Listing, PriceRule, PublishItem, PublishRun
from connectors.models.records import NEVER, MatchBatch, OrderProof, RemoteItem, ShopAsk, ShopCall, ShopEvent, Visit
from connectors.models.shop import Delivery, InboxOrder, Match, PaymentRule, Shop, first_look_back, in_a_while, new_key

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
