"""Prints the reference of the Python package as Markdown, from its signatures and docstrings; the package is not run.

Usage: python_reference.py FOLDER, the one that holds the package `onmemos`.
"""

from __future__ import annotations

import re
import sys

import griffe
from markdown import code, docstring, signature, summary, table

INTRO = """# Python reference

Made by `npm run reference` from the docstrings and signatures of `sdk/python`: edit those. How to use it is in the
[quick start](../quick-start.md) and the [guides](../README.md).

`AsyncOnMemOSClient`, `AsyncSession`, `AsyncProcess` and `AsyncShell` have the same methods with the same arguments: what
answers is awaited, what is iterated is iterated with `async for`, and blocks are entered with `async with`."""

OBJECTS = ("Session", "Process", "Shell", "Page", "AsyncPage", "Chunk", "Record")
FIELDS = ("SessionFields", "SessionOptions", "ResourceSpec", "ImageSpec", "GPUSpec")
# What is only sent has its fields as keywords; frames of the wire are the client's own matter.
NOT_ANSWERED = re.compile(r".*(Create|Put|Update|Start)|(Execute|Stdin|Signal|Ready)$|Problem|Shell|Output")


class Package:
    """The package, and what of it is told."""

    def __init__(self, folder: str) -> None:
        loader = griffe.GriffeLoader(search_paths=[folder], allow_inspection=False)
        # By its name in that folder, not by the file of this name in the folder that this runs in.
        self._root = loader.load("onmemos", try_relative_path=False)
        loader.resolve_aliases(implicit=True, external=False)

    def named(self, name: str) -> griffe.Class:
        """A class that the package exports."""
        return self._class(self._root[name])

    def exported(self, module: str) -> list[griffe.Class]:
        """The exported classes that are written in a module, in its order."""
        names = set(self._root.exports or ())
        return [item for item in self.classes(module) if item.name in names]

    def classes(self, module: str) -> list[griffe.Class]:
        """The public classes of a module, in its order."""
        members = self._root[module].members.values()
        return [self._class(item) for item in members if not item.is_alias and item.is_class and item.name[0] != "_"]

    def resources(self) -> list[tuple[str, griffe.Class]]:
        """What hangs on the client, as `client.sessions` does: name and class."""
        found = []
        for name, member in self.named("OnMemOSClient").members.items():
            made = str(member.value).split("(")[0] if member.is_attribute and member.value is not None else ""
            if name[0] != "_" and made[:1].isupper():
                found.append((name, self._class(self._root["generated.sync.client"][made])))
        return found

    @staticmethod
    def _class(item: griffe.Object | griffe.Alias) -> griffe.Class:
        target = item.final_target if isinstance(item, griffe.Alias) else item
        assert isinstance(target, griffe.Class), f"{item.path} is no class"
        return target


def public(item: griffe.Class) -> list[griffe.Object]:
    """Its own and inherited members that users call or read, in the order of the source; inherited ones last."""
    bases = [base for base in item.mro() if ".generated.sync." in base.path]
    seen: dict[str, griffe.Object] = {}
    for owner in [item, *bases]:
        for name, member in owner.members.items():
            if name[0] != "_" and not member.is_alias and (member.docstring or not bases and member.is_attribute):
                seen.setdefault(name, member)
    return list(seen.values())


def member(item: griffe.Object, owner: str) -> str:
    """One method or property."""
    if isinstance(item, griffe.Function):
        return f"#### {owner}.{item.name}\n\n{signature(item)}\n\n{docstring(item)}"
    kind = f": {code(item.annotation)}" if getattr(item, "annotation", None) else ""
    return f"#### {owner}.{item.name}\n\n`{item.name}`{kind}\n\n{docstring(item)}".rstrip()


def klass(item: griffe.Class, owner: str, title: str) -> str:
    """A class with all that users have of it."""
    parts = [f"### {title}"]
    init = item.members.get("__init__")
    if isinstance(init, griffe.Function) and item.name.endswith("Client"):
        parts.append(signature(init, item.name))
    if item.docstring and not item.docstring.value.startswith("`client."):
        parts.append(docstring(item))
    return "\n\n".join([*parts, *(member(found, owner) for found in public(item))])


def meaning(found: griffe.Object) -> str:
    """What a field means; a field about which nothing is said stops the reference."""
    if not found.docstring:
        raise SystemExit(f"{found.path} has no docstring")
    return summary(found)


def fields(item: griffe.Class) -> str:
    """A class of fields, as a table."""
    rows = [
        (f"`{name}`", code(found.annotation), meaning(found))
        for name, found in item.members.items()
        if found.is_attribute and name[0] != "_"
    ]
    told = "" if summary(item).startswith("The wire's") else f"{docstring(item)}\n\n"
    return f"### {item.name}\n\n{told}{table(('Field', 'Type', 'Meaning'), rows)}"


def enum(item: griffe.Class) -> str:
    """Its members, and their values on the wire where these are not the names in small letters."""
    values = {name: str(found.value).strip("'\"") for name, found in item.members.items() if found.is_attribute}
    said = [f"`{name}`" + ("" if value == name.lower() else f" (`{value}`)") for name, value in values.items()]
    return f"### {item.name}\n\n{docstring(item)}\n\n{', '.join(said)}"


def error(item: griffe.Class) -> tuple[str, str, str, str]:
    """A row of the table of errors."""
    own = {name: str(found.value).strip("'\"") for name, found in item.members.items() if found.is_attribute}
    base = ", ".join(f"`{name}`" for name in map(str, item.bases))
    return f"`{item.name}`", base, summary(item), own.get("_hint", "")


def page(package: Package) -> str:
    """The whole reference."""
    client = package.named("OnMemOSClient")
    errors = [item for item in package.exported("errors") if item.name != "OnMemOSError"]
    return "\n\n".join(
        [
            INTRO,
            "## Client",
            klass(client, "client", "OnMemOSClient"),
            *(klass(item, f"client.{name}", f"client.{name}") for name, item in package.resources()),
            "## Objects",
            *(klass(package.named(name), name.lower(), name) for name in OBJECTS),
            "## What a session can be asked for",
            "The keywords of `client.session`, `client.sessions.create` and `client.sessions.estimate`: those of"
            " `SessionFields` and `SessionOptions` together.",
            *(fields(package.named(name)) for name in FIELDS),
            "## Names",
            "Each member is also its value on the wire, which is its name in small letters where nothing else is said.",
            *(enum(item) for item in package.exported("enums")),
            "## Errors",
            klass(package.named("OnMemOSError"), "error", "OnMemOSError"),
            table(("Class", "Is a", "When", "Hint"), [error(item) for item in errors]),
            "## Answers",
            "All are `Record`s: `answer.field` and `answer[\"field\"]`. They are in the module `onmemos.types`.",
            *(fields(item) for item in package.classes("generated.types") if not NOT_ANSWERED.match(item.name)),
        ]
    )


if __name__ == "__main__":
    print(page(Package(sys.argv[1])))
