"""The plugin's own signatures, written apart from MCI's: two hands that must agree (docs/connectors/wordpress.md)."""

import hashlib
import hmac


def signature(secret: str, timestamp: int, body: bytes) -> str:
    return "v1=" + hmac.new(secret.encode(), b"%d.%s" % (timestamp, body), hashlib.sha256).hexdigest()


def proof(code: str, challenge: str) -> str:
    return hmac.new(code.encode(), f"prove.{challenge}".encode(), hashlib.sha256).hexdigest()
