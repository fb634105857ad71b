"""Settings of the API of resellers' programs (accounts/api/view.py): JSON in, JSON out, problems as RFC 9457 has them.
It is paced by core/inbound/throttles.py, in PostgreSQL: what counts in a cache lets parallel calls pass."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.key.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["core.api.parser.StrictJson"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.parser.Json"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.api.parser.OneForm",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.problems.handler",
    "UNAUTHENTICATED_USER": None,
}
API_MAX_BYTES = 256 * 1024
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "MCI",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,  # it would be in the language of who writes the file
    # A name of its own for each list of states: a new one must not rename the others.
    "ENUM_NAME_OVERRIDES": {
        "OrderState": "orders.models.Order.State",
        "OrderPayment": "orders.models.Order.Payment",
        "OrderPaymentSaid": ["prepaid", "cod"],
        "ShipmentState": "shipping.models.Shipment.State",
        "ShopState": "connectors.models.Shop.State",
        "MovementKind": "wallet.models.Entry.Kind",
    },
}
