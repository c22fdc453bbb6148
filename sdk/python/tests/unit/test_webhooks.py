"""Messages of webhooks: those of the server are taken, others are not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Dict

import pytest

from onmemos import InvalidSignature, verify_webhook

# The example of the Standard Webhooks specification, by which other libraries are tested as well.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = '{"type":"webhook.test","timestamp":"2026-01-01T00:00:00.000Z","data":{"é":1}}'


def signed(at: float, secret: str = SECRET) -> Dict[str, str]:
    key = base64.b64decode(secret[6:])
    stamp = str(int(at))
    mac = hmac.new(key, f"evt-1.{stamp}.{BODY}".encode(), hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(mac).decode()
    return {"webhook-id": "evt-1", "webhook-timestamp": stamp, "webhook-signature": signature}


def test_knows_the_signature_of_the_example() -> None:
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    message = verify_webhook(SECRET, headers, '{"test": 2432232314}', tolerance=float("inf"))
    assert message == {"id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "test": 2432232314}


def test_takes_what_the_secret_has_signed() -> None:
    headers = signed(time.time())
    expected = {"id": "evt-1", "type": "webhook.test", "timestamp": "2026-01-01T00:00:00.000Z", "data": {"é": 1}}
    assert verify_webhook(SECRET, headers, BODY) == expected
    assert verify_webhook(SECRET, {name.title(): value for name, value in headers.items()}, BODY.encode()) == expected
    # While a secret is replaced, a message has two signatures.
    two = {**headers, "webhook-signature": f"v1,AAAA v2,é {headers['webhook-signature']}"}
    assert verify_webhook(SECRET, two, BODY) == expected


@pytest.mark.parametrize(
    ("change", "body", "secret", "says"),
    [
        ({}, BODY + " ", SECRET, "not by this secret"),
        ({}, BODY, "whsec_" + base64.b64encode(b"x" * 24).decode(), "not by this secret"),
        ({"webhook-id": "evt-2"}, BODY, SECRET, "not by this secret"),
        ({"webhook-signature": "v1,é"}, BODY, SECRET, "not by this secret"),
        ({"webhook-signature": "v2,AAAA"}, BODY, SECRET, "not by this secret"),
        ({"webhook-timestamp": "1614265330"}, BODY, SECRET, "too old"),
        ({"webhook-timestamp": "99999999999"}, BODY, SECRET, "too old"),
        ({"webhook-timestamp": "²"}, BODY, SECRET, "headers"),
        ({"webhook-signature": ""}, BODY, SECRET, "headers"),
        ({}, BODY, "whsec_", "secret"),
        ({}, BODY, "whsec_???", "secret"),
    ],
)
def test_refuses_what_is_changed_old_or_by_another(change: Dict[str, str], body: str, secret: str, says: str) -> None:
    with pytest.raises(InvalidSignature, match=says):
        verify_webhook(secret, {**signed(time.time()), **change}, body)
