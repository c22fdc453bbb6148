"""For receivers of webhooks: is a message from the server?"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Any, Dict, Mapping, Union

from onmemos.errors import InvalidSignature

TOLERANCE_S = 300.0

__all__ = ["verify_webhook"]


def verify_webhook(
    secret: str, headers: Mapping[str, str], body: Union[str, bytes], *, tolerance: float = TOLERANCE_S
) -> Dict[str, Any]:
    """Checks the signature of a message, in the form of Standard Webhooks, in constant time.

    Args:
        secret: the secret of the webhook (`whsec_...`).
        headers: the headers of the request, in any case.
        body: the body as it came, before it is parsed.
        tolerance: seconds that the message may be old, or that its sender's clock may be ahead.

    Returns:
        `id` (the same for each try), `type`, `timestamp` and `data` of the message.

    Raises:
        InvalidSignature: the message is not from the server, or it is too old.
    """
    found = {name.lower(): value for name, value in headers.items()}
    id_, at, given = (found.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not id_ or not given or not (at.isascii() and at.isdigit()):
        raise InvalidSignature("The headers webhook-id, webhook-timestamp and webhook-signature are not all there.")
    if abs(time.time() - int(at)) > tolerance:
        raise InvalidSignature("The message is too old, or this clock is wrong.")
    raw = body.encode() if isinstance(body, str) else bytes(body)
    own = _signature(secret, f"{id_}.{at}.".encode() + raw)
    for one in given.split(" "):
        version, _, signature = one.partition(",")
        if version == "v1" and hmac.compare_digest(own, signature.encode("utf-8", "replace")):
            return {"id": id_, **json.loads(raw)}
    raise InvalidSignature("The signature is not by this secret.")


def _signature(secret: str, signed: bytes) -> bytes:
    try:
        key = base64.b64decode(secret[6:] if secret.startswith("whsec_") else secret, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise InvalidSignature("The secret is not that of a webhook (whsec_...).")
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
