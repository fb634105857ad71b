from orders.models.case import Case, CaseLine, Claim
from orders.models.dispatch import DispatchItem, DispatchRun
from orders.models.event import OrderEvent
from orders.models.half_typed import HalfTyped
from orders.models.imports import Import, ImportArticle, ImportMapping, ImportRow
from orders.models.line import MOST_PIECES, OrderLine
from orders.models.manifest import Manifest, ManifestRow
from orders.models.order import Order
from orders.models.printing import PrintItem, PrintRun
from orders.models.problem import Problem
from orders.models.transport import TransportDocument
from orders.models.wave import IDLE, Packing, Wave, WaveOrder, WavePick
from orders.models.who_pays import PARTS, Fault, Payer, Reason, WhoPays

__all__ = [
    "IDLE",
    "MOST_PIECES",
    "PARTS",
    "Case",
    "CaseLine",
    "Claim",
    "DispatchItem",
    "DispatchRun",
    "Fault",
    "HalfTyped",
    "Import",
    "ImportArticle",
    "ImportMapping",
    "ImportRow",
    "Manifest",
    "ManifestRow",
    "Order",
    "OrderEvent",
    "OrderLine",
    "Packing",
    "Payer",
    "PrintItem",
    "PrintRun",
    "Problem",
    "Reason",
    "TransportDocument",
    "Wave",
    "WaveOrder",
    "WavePick",
    "WhoPays",
]
