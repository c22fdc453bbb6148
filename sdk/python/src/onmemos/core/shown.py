"""How answers look in a terminal and in a notebook: short, and without what is secret."""

from __future__ import annotations

from html import escape
from typing import Any, List, Mapping, Sequence

SECRET_FIELDS = frozenset({"secret", "ticket", "subprotocol"})
"""Fields of answers that let whoever reads them act."""

MOST_FIELDS = 6
MOST_COLUMNS = 8
MOST_CHARACTERS = 60


def short(fields: Mapping[str, Any]) -> str:
    """The first fields that say something, as keywords: `key_id='k', name='nightly', secret=…`."""
    told = [name for name, value in fields.items() if _tells(value)]
    shown = [f"{name}={_value(name, fields[name])}" for name in told[:MOST_FIELDS]]
    return ", ".join([*shown, "…"] if len(fields) > len(shown) else shown)


def html_fields(fields: Mapping[str, Any]) -> str:
    """A table with a line for each field."""
    lines = [f"<tr><th>{escape(name)}</th><td>{_cell(name, value)}</td></tr>" for name, value in fields.items()]
    return f"<table>{''.join(lines)}</table>"


def html_rows(items: Sequence[Any], notes: Sequence[str]) -> str:
    """A table with a line for each item, and notes below it."""
    records = [item if isinstance(item, Mapping) else {"": item} for item in items]
    names: List[str] = []
    for record in records:
        names += [name for name, value in record.items() if name not in names and _tells(value)]
    names = names[:MOST_COLUMNS]
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    lines = ["".join(f"<td>{_cell(name, record.get(name))}</td>" for name in names) for record in records]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    below = "".join(f"<p>{escape(note)}</p>" for note in notes)
    return f"<table><tr>{head}</tr>{body}</table>{below}"


def _tells(value: Any) -> bool:
    return value is not None and not isinstance(value, (dict, list, tuple))


def _value(name: str, value: Any) -> str:
    if name in SECRET_FIELDS:
        return "…"
    text = repr(value)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    return escape(value if isinstance(value, str) and name not in SECRET_FIELDS else _value(name, value))
