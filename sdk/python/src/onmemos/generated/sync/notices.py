# Made by generate.sh from src/onmemos/aio/notices.py: edit that instead.
"""Watching for notices: time or money is about to end."""

from __future__ import annotations

import warnings
from typing import Awaitable, Callable, List, Optional, Set, Tuple

from onmemos.core.notices import NOTICE, is_last, passes
from onmemos.errors import OnMemOSError
from onmemos.generated import types
from onmemos.pages.synchronous import Page
from onmemos.runtime import synchronous as runtime

OnNotice = Callable[[types.AuditEvent], Optional[Awaitable[None]]]
"""Called with each notice, once. It may be a coroutine function in asynchronous code."""


class NoticeWatch:
    """A watch for notices, beside the program. It does not keep the program running."""

    def __init__(
        self,
        pages: Callable[[], Page[types.AuditEvent]],
        told: OnNotice,
        every: float,
        newest: Optional[int] = None,
    ) -> None:
        self._pages = pages
        self._told = told
        self._every = every
        self._newest = newest
        self._began = newest is None
        self._seen: Set[str] = set()
        self._stopped = False
        self.error: Optional[BaseException] = None
        """What ended it, if it was neither stopped nor ended with its session."""
        self._beside = runtime.Beside(self._watch)

    def __enter__(self) -> NoticeWatch:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends it. A callback that runs is not broken off."""
        self._stopped = True

    def join(self) -> None:
        """Waits until it has ended. Raises the error that ended it, if there is one."""
        self._beside.join()
        if self.error is not None:
            raise self.error

    def _goes_on(self) -> bool:
        return not self._stopped

    def _watch(self) -> None:
        try:
            while self._goes_on():
                entries, last = self._ask()
                for entry in entries:
                    if not self._goes_on():
                        return
                    runtime.told(self._told, entry)
                if last:
                    return
                self._pause()
        except Exception as error:
            self.error = error
            warnings.warn(f"The watch for notices has ended: {error}", stacklevel=2)

    def _pause(self) -> None:
        """Waits for the next question, in short pieces: a stop is soon noticed."""
        left = self._every
        while left > 0 and self._goes_on():
            runtime.sleep(min(left, 0.2))
            left -= 0.2

    def _ask(self) -> Tuple[List[types.AuditEvent], bool]:
        """The notices that are new, in order, and whether nothing more can come."""
        try:
            entries = self._read()
        except OnMemOSError as error:
            if passes(error):
                return [], False
            raise
        found = [entry for entry in entries if entry.action == NOTICE and entry.id not in self._seen]
        self._seen.update(entry.id for entry in found)
        if not self._began:
            # Of a user only what comes from now on is told; of a session all.
            self._began = True
            found = []
        return sorted(found, key=lambda entry: entry.id), any(is_last(entry.action) for entry in entries)

    def _read(self) -> List[types.AuditEvent]:
        entries: List[types.AuditEvent] = []
        for entry in self._pages():
            entries.append(entry)
            if len(entries) == self._newest:
                break
        return entries
