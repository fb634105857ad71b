from shipping.models.courier import Courier, Method, Rate, Zone, ZoneArea
from shipping.models.paper_style import PaperStyle
from shipping.models.shipment import Piece, Shipment, ShipmentEvent

__all__ = [
    "Courier",
    "Method",
    "PaperStyle",
    "Piece",
    "Rate",
    "Shipment",
    "ShipmentEvent",
    "Zone",
    "ZoneArea",
]
