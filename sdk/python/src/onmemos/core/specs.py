"""The body of a create, from keywords or a dictionary."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any, Dict, Mapping, Optional, get_type_hints

from onmemos.core.instants import text_of
from onmemos.fields import SessionFields, SessionOptions

_SHORT = {
    "cpu_size": "resource_spec",
    "memory_size": "resource_spec",
    "image_type": "image_spec",
    "image_tag": "image_spec",
    "image_url": "image_spec",
}
_KEYWORDS = frozenset(get_type_hints(SessionFields))
_PLACE = _KEYWORDS - frozenset(get_type_hints(SessionOptions))


def session_body(spec: Optional[Mapping[str, Any]] = None, **fields: Any) -> Dict[str, Any]:
    """What `POST /v1/sessions` is sent.

    A dictionary is taken as it is, so that fields of a newer server can be sent; keywords are checked.

    Raises:
        TypeError: a keyword that no session has.
    """
    unknown = sorted(set(fields) - _KEYWORDS - {"image_url"})
    if unknown:
        raise TypeError(f"a session has no field {', '.join(unknown)}; there are: {', '.join(sorted(_KEYWORDS))}")
    asked = {name: wire(value) for name, value in {**(spec or {}), **fields}.items() if value is not None}
    body: Dict[str, Any] = {}
    for name, value in asked.items():
        group = _SHORT.get(name)
        if group is None:
            body[name] = {**body.get(name, {}), **value} if name in _SHORT.values() else value
        else:
            body[group] = {**body.get(group, {}), name: value}
    return body


def for_somebody(body: Mapping[str, Any], user: Optional[str]) -> Mapping[str, Any]:
    """The body with the user it is for, where it names none and there is one."""
    return body if user is None or body.get("user") is not None else {**body, "user": user}


def check_options(options: Mapping[str, Any]) -> Dict[str, Any]:
    """Options of a convenience method, which names the place by its own arguments.

    Raises:
        TypeError: a keyword that this method does not have.
    """
    twice = sorted(set(options) & _PLACE)
    if twice:
        raise TypeError(f"unexpected keyword {', '.join(twice)}")
    return {name: value for name, value in options.items() if value is not None}


def wire(value: Any) -> Any:
    """A value as JSON has it: enum members by value, tuples as lists, instants as texts."""
    if isinstance(value, datetime):
        return text_of(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(wire(name)): wire(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [wire(item) for item in value]
    return value


def compact(**values: Any) -> Dict[str, Any]:
    """The values that are not None, as JSON has them."""
    return {name: wire(value) for name, value in values.items() if value is not None}
