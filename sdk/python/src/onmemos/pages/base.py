"""What a list that is read page by page has in both forms."""

from __future__ import annotations

from typing import Generic, List, Optional, TypeVar

from onmemos.core.shown import html_rows

T = TypeVar("T")
SHOWN = 5
SHOWN_IN_HTML = 50


class PageBase(Generic[T]):
    """The items that were read so far, and where the next ones begin."""

    def __init__(self) -> None:
        self._items: List[T] = []
        self._cursor: Optional[str] = None
        self._ended = False
        self._read_pages = 0

    @property
    def has_more(self) -> bool:
        """Whether more pages follow those that were read."""
        return not self._ended

    def __repr__(self) -> str:
        shown = [repr(item) for item in self._items[:SHOWN]]
        more = len(self._items) - SHOWN
        if more > 0:
            shown.append(f"… {more} more")
        if not self._ended:
            shown.append("… more to read")
        return f"{type(self).__name__}([{', '.join(shown)}])"

    def _repr_html_(self) -> str:
        left = len(self._items) - SHOWN_IN_HTML
        notes = [f"… {left} more"] if left > 0 else []
        if not self._ended:
            notes.append("… more to read")
        return html_rows(self._items[:SHOWN_IN_HTML], notes)

    def _take(self, at: int, items: List[T], cursor: Optional[str]) -> None:
        """Takes the page that was asked for when `at` pages were there, unless somebody else did meanwhile."""
        if self._read_pages == at:
            self._read_pages += 1
            self._items += items
            self._cursor, self._ended = cursor, cursor is None
