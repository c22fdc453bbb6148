"""Writes src/onmemos/generated, or into the folder named as the only argument. Run by ../generate.sh."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from synchronous import synchronous_text

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "src" / "onmemos"
CONTRACT = HERE.parent.parent / "openapi.json"
BIN = Path(sys.executable).parent
NOTE = "# Made by generate.sh from {source}: edit that instead.\n"


def wire_types(target: Path) -> None:
    """One record class for each schema of the contract."""
    # In a folder of its own: the generator is led by the settings of the project that it writes into.
    with tempfile.TemporaryDirectory() as folder:
        text = described_types(Path(folder) / "types.py")
    text = re.sub(r"\A(#.*\n)+", NOTE.format(source="sdk/openapi.json"), text)
    # Python 3.9 has no TypeAlias; an assignment is an alias as well.
    text = text.replace("from dataclasses import dataclass\n", "").replace(": TypeAlias =", " =")
    target.write_text(text, "utf-8")


def described_types(target: Path) -> str:
    """What the generator makes of the contract."""
    options = {
        "--input": str(CONTRACT),
        "--input-file-type": "openapi",
        "--openapi-scopes": "schemas",
        "--output": str(target),
        "--output-model-type": "dataclasses.dataclass",
        "--custom-template-dir": str(HERE / "templates"),
        "--target-python-version": "3.10",
        "--enum-field-as-literal": "all",
        "--naming-strategy": "parent-prefixed",
        "--output-datetime-class": "datetime",
        "--base-class": "onmemos.record.Record",
        "--additional-imports": "typing.TYPE_CHECKING,typing.overload,typing.Any",
        "--formatters": "builtin",
    }
    flags = ["--no-use-union-operator", "--use-schema-description", "--disable-timestamp"]
    words = [word for pair in options.items() for word in pair]
    subprocess.run([str(BIN / "datamodel-codegen"), *words, *flags], check=True)
    return target.read_text("utf-8")


def synchronous_client(target: Path) -> None:
    """The synchronous twin of every module of aio."""
    target.mkdir(parents=True, exist_ok=True)
    for source in sorted((PACKAGE / "aio").glob("*.py")):
        text = synchronous_text(source.read_text("utf-8"))
        (target / source.name).write_text(NOTE.format(source=f"src/onmemos/aio/{source.name}") + text, "utf-8")


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGE / "generated"
    target.mkdir(parents=True, exist_ok=True)
    (target / "__init__.py").write_text('"""What generate.sh makes. Nothing here is edited by hand."""\n', "utf-8")
    wire_types(target / "types.py")
    synchronous_client(target / "sync")
    digest = hashlib.sha256(CONTRACT.read_bytes()).hexdigest()
    (target / "openapi.sha256").write_text(f"{digest}\n", "utf-8")
    config = ["--config", str(HERE.parent / "pyproject.toml")]
    subprocess.run(
        [str(BIN / "ruff"), "check", "--quiet", "--select", "F401,I", "--fix", *config, str(target)], check=True
    )
    subprocess.run([str(BIN / "ruff"), "format", "--quiet", *config, str(target)], check=True)


if __name__ == "__main__":
    main()
