"""Answers of the service: dictionaries whose fields are also attributes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Dict, List, Type, Union, get_args, get_origin, get_type_hints


class Record(Dict[str, Any]):
    """A dictionary in which `record["id"]` and `record.id` are the same.

    A field that the wire's description has and this answer has not is `None` as an attribute. A field whose name is a
    word of Python (`from`) has an underscore behind it as an attribute (`from_`).
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
        return f"{type(self).__name__}({super().__repr__()})"

    # Hidden from type checkers, which would take any misspelt name for a field.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            key = name[:-1] if name.endswith("_") and not name.endswith("__") else name
            if key in self:
                return self[key]
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


def _record_in(hint: Any) -> Union[Type[Record], None]:
    if isinstance(hint, type) and get_origin(hint) is None:
        return hint if issubclass(hint, Record) else None
    if get_origin(hint) in (Union, list, List):
        return next((found for found in map(_record_in, get_args(hint)) if found), None)
    return None
