"""The client under its first import path; the same objects as in `onmemos`."""

from onmemos import AsyncOnMemOSClient, OnMemOSClient

__all__ = ["AsyncOnMemOSClient", "OnMemOSClient"]
