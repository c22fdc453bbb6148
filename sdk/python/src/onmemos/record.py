"""Answers of the service: dictionaries whose fields are also attributes."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Dict, FrozenSet, List, Type, Union, get_args, get_origin, get_type_hints

from onmemos.core.instants import instant_of
from onmemos.core.shown import html_fields, short


class Record(Dict[str, Any]):
    """A dictionary in which `record["id"]` and `record.id` are the same.

    A field that the wire's description has and this answer has not is `None` as an attribute. A field whose name is a
    word of Python (`from`) has an underscore behind it as an attribute (`from_`).

    An instant is a `datetime` in UTC as an attribute, and the text of the wire as an item: `record.created_at`,
    `record["created_at"]`.
    """

    def __init__(self, *args: Any, **fields: Any) -> None:
        super().__init__(*args, **fields)
        for name, kind in _nested(type(self)).items():
            value = self.get(name)
            if isinstance(value, dict) and not isinstance(value, kind):
                self[name] = kind(value)
            elif isinstance(value, list):
                self[name] = [kind(item) if isinstance(item, dict) else item for item in value]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({short(self)})"

    def _repr_html_(self) -> str:
        return html_fields(self)

    # Hidden from type checkers, which would take any misspelt name for a field.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            key = name[:-1] if name.endswith("_") and not name.endswith("__") else name
            if key in self:
                return instant_of(self[key]) if key in _instants(type(self)) else self[key]
            if name in _hints(type(self)):
                return None
            raise AttributeError(f"{type(self).__name__} has no field {name!r}")


class CommandResult(Record):
    """The result of a command in a shell."""

    stdout: str
    stderr: str
    returncode: int
    success: bool


@cache
def _hints(kind: Type[Record]) -> Dict[str, Any]:
    return get_type_hints(kind)


@cache
def _nested(kind: Type[Record]) -> Dict[str, Type[Record]]:
    """Fields that hold another record, or a list of them."""
    found = ((name.rstrip("_"), _record_in(hint)) for name, hint in _hints(kind).items())
    return {name: record for name, record in found if record is not None}


@cache
def _instants(kind: Type[Record]) -> FrozenSet[str]:
    """Fields that are instants."""
    hints = _hints(kind).items()
    return frozenset(name.rstrip("_") for name, hint in hints if hint is datetime or datetime in get_args(hint))


def _record_in(hint: Any) -> Union[Type[Record], None]:
    if isinstance(hint, type) and get_origin(hint) is None:
        return hint if issubclass(hint, Record) else None
    if get_origin(hint) in (Union, list, List):
        return next((found for found in map(_record_in, get_args(hint)) if found), None)
    return None
