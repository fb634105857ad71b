from shipping.models.shipment import Courier, Method, Rate, Shipment, ShipmentEvent, Zone, ZoneArea

__all__ = [
    "Courier",
    "Method",
    "Rate",
    "Shipment",
    "ShipmentEvent",
    "Zone",
    "ZoneArea",
]
