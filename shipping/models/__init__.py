from shipping.models.courier import Courier, Method, Rate, Zone, ZoneArea
from shipping.models.shipment import Shipment, ShipmentEvent

__all__ = [
    "Courier",
    "Method",
    "Rate",
    "Shipment",
    "ShipmentEvent",
    "Zone",
    "ZoneArea",
]
