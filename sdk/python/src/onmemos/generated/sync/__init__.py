# Made by generate.sh from src/onmemos/aio/__init__.py: edit that instead.
"""The client."""
