"""Lists for threads."""

from __future__ import annotations

from typing import Any, Callable, Iterator, List, Optional, Sequence, Tuple, TypeVar, Union, overload

from onmemos.pages.base import PageBase

T = TypeVar("T")


class Page(PageBase[T], Sequence[T]):
    """A list that reads on as it is used. The first page is read at once.

    It has what a list has, but for changing it. `len(page)`, `page[-1]` and `==` read all of it; `page[:10]`, `page[3]`
    and iterating read as far as they need to.
    """

    def __init__(self, read: Callable[[Optional[str]], Tuple[List[T], Optional[str]]]) -> None:
        super().__init__()
        self._read = read
        self._own: Optional[Iterator[T]] = None
        self.next_page()

    def next_page(self) -> List[T]:
        """Reads the next page, and returns its items; none where all were read."""
        if self._ended:
            return []
        at = self._read_pages
        items, cursor = self._read(self._cursor)
        self._take(at, items, cursor)
        return items

    def all(self) -> List[T]:
        """All items, in a list of your own."""
        self._reach(None)
        return list(self._items)

    def __len__(self) -> int:
        self._reach(None)
        return len(self._items)

    def __bool__(self) -> bool:
        self._reach(1)
        return bool(self._items)

    def __iter__(self) -> Iterator[T]:
        place = 0
        while self._reach(place + 1):
            yield self._items[place]
            place += 1

    def __next__(self) -> T:
        """The next item of an iteration that all who call this share."""
        if self._own is None:
            self._own = iter(self)
        return next(self._own)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> List[T]: ...
    def __getitem__(self, index: Union[int, slice]) -> Union[T, List[T]]:
        if isinstance(index, slice):
            ends = (index.start, index.stop)
            forward = index.stop is not None and all(end is None or end >= 0 for end in ends)
            self._reach(index.stop if forward and (index.step or 1) > 0 else None)
        else:
            self._reach(index + 1 if index >= 0 else None)
        return self._items[index]

    def __add__(self, other: Any) -> List[T]:
        return self.all() + list(other)

    def __radd__(self, other: Any) -> List[T]:
        return list(other) + self.all()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (list, Page)):
            return self.all() == list(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def _reach(self, count: Optional[int]) -> bool:
        """Reads until there are so many items, or all; says whether there are so many."""
        while not self._ended and (count is None or len(self._items) < count):
            self.next_page()
        return count is None or len(self._items) >= count
