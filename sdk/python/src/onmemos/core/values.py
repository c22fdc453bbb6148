"""What people type, as settings and arguments: one function for each kind of value. It is brought into form, or refused
with the name of the setting.
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Optional
from urllib.parse import urlsplit

from onmemos.errors import InvalidOption

_NO_ADDRESS = re.compile(r"[\s\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff*]")
_KEY = re.compile(r"[\x21-\x7e]+")
_LONGEST_IDEMPOTENCY_KEY = 255
_LONGEST_USER = 128
_NO_USER = re.compile(r"/|^\.{1,2}$")


def address(name: str, text: str) -> str:
    """The address of a server, without a slash at its end.

    Raises:
        InvalidOption: it is none of http or https, or has a user or a password in it, which errors would show.
    """
    # By hand: `urlsplit` drops line breaks, and a port that is none is found only when it is asked for.
    try:
        if not isinstance(text, str) or _NO_ADDRESS.search(_trimmed(text)) or re.search("[?#]", text):
            raise ValueError
        parts = urlsplit(_trimmed(text))
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _refused(name, "must be such as http://127.0.0.1:8080") from None
    if "@" in parts.netloc:
        raise _refused(name, "must not have a user or password in it; the key is api_key")
    if parts.scheme not in ("http", "https") or not host:
        raise _refused(name, f"must be such as http://127.0.0.1:8080, not {_trimmed(text)!r}")
    where = f"[{host}]" if ":" in host else host
    standard = port == {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{where}{'' if port is None or standard else f':{port}'}{parts.path.rstrip('/')}"


def api_key(name: str, text: Optional[str]) -> Optional[str]:
    """A key without the blanks around it; None where there is none.

    Raises:
        InvalidOption: no key has such characters. The sentence does not have the key.
    """
    if text is None:
        return None
    if not isinstance(text, str):
        raise _refused(name, f"must be a text, not {type(text).__name__}")
    key = _trimmed(text)
    if key and not _KEY.fullmatch(key):
        raise _refused(
            name,
            "is not a key: it has characters that no key has, such as a line break, a blank or an invisible character",
            "Copy the key again, in one piece.",
        )
    return key or None


def idempotency_key(name: str, text: Optional[str]) -> Optional[str]:
    """A key by which a call is known when it is repeated.

    Raises:
        InvalidOption: it can't be sent in a header.
    """
    if text is None:
        return None
    if not isinstance(text, str) or not _KEY.fullmatch(text) or len(text) > _LONGEST_IDEMPOTENCY_KEY:
        raise _refused(name, f"must be 1 to {_LONGEST_IDEMPOTENCY_KEY} visible ASCII characters without blanks")
    return text


def user(name: str, text: Optional[str]) -> Optional[str]:
    """A user's name in one spelling (NFC), without the blanks around it; None where there is none.

    Raises:
        InvalidOption: no user has such a name.
    """
    who = unicodedata.normalize("NFC", _trimmed(text or ""))
    if not who:
        return None
    if len(who) > _LONGEST_USER or _NO_USER.search(who) or any(map(_unseen, who)):
        raise _refused(name, f"has 1 to {_LONGEST_USER} characters, no slash, and no control or invisible characters")
    return who


def _unseen(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _trimmed(text: str) -> str:
    """Without blanks, line ends and the byte order mark of an editor around it."""
    return text.strip().strip("\ufeff").strip()


def at_least(name: str, value: float, least: float) -> float:
    """A number of at least this.

    Raises:
        InvalidOption: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < least:
        raise _refused(name, f"must be a number of at least {least:g}")
    return value


def _refused(name: str, why: str, hint: Optional[str] = None) -> InvalidOption:
    return InvalidOption(f"{name} {why}", hint=hint or f"Correct {name}.")
