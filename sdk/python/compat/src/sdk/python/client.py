"""The client under its first import path; the same objects as in `onmemos`."""

from onmemos import AsyncOnMemOSClient, OnMemOSClient, OnMemOSError

__all__ = ["AsyncOnMemOSClient", "OnMemOSClient", "OnMemOSError"]
