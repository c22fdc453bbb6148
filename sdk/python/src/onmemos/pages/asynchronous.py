"""Lists for event loops."""

from __future__ import annotations

from typing import (
    Any,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Generic,
    Iterator,
    List,
    Optional,
    Tuple,
    TypeVar,
    Union,
    overload,
)

from onmemos.errors import OnMemOSError
from onmemos.pages.base import PageBase

T = TypeVar("T")


class AsyncPage(PageBase[T], Generic[T]):
    """A list that is read as it is used: `async for item in page` reads page by page, and `await page` reads all of it.

    After `await` it has what a list has, but for changing it: `len`, indexes, slices, `in`, iterating. Before that they
    raise, since nothing can be read without `await`.
    """

    def __init__(self, read: Callable[[Optional[str]], Awaitable[Tuple[List[T], Optional[str]]]]) -> None:
        super().__init__()
        self._read = read
        self._own: Optional[AsyncIterator[T]] = None

    def __await__(self) -> Generator[Any, None, AsyncPage[T]]:
        return self._complete().__await__()

    async def next_page(self) -> List[T]:
        """Reads the next page, and returns its items; none where all were read."""
        if self._ended:
            return []
        at = self._read_pages
        items, cursor = await self._read(self._cursor)
        self._take(at, items, cursor)
        return items

    async def all(self) -> List[T]:
        """All items, in a list of your own."""
        return list(await self)

    async def first(self, count: int) -> List[T]:
        """The first so many items; no more pages are read than that takes."""
        while not self._ended and len(self._items) < count:
            await self.next_page()
        return self._items[:count]

    async def __aiter__(self) -> AsyncIterator[T]:
        place = 0
        while True:
            while place < len(self._items):
                yield self._items[place]
                place += 1
            if self._ended:
                return
            await self.next_page()

    async def __anext__(self) -> T:
        """The next item of an iteration that all who call this share."""
        if self._own is None:
            self._own = self.__aiter__()
        return await self._own.__anext__()

    def __len__(self) -> int:
        return len(self._whole())

    def __bool__(self) -> bool:
        return bool(self._items) or bool(self._whole())

    def __iter__(self) -> Iterator[T]:
        return iter(self._whole())

    def __reversed__(self) -> Iterator[T]:
        return reversed(self._whole())

    def __contains__(self, item: object) -> bool:
        return item in self._whole()

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> List[T]: ...
    def __getitem__(self, index: Union[int, slice]) -> Union[T, List[T]]:
        return self._whole()[index]

    def __add__(self, other: Any) -> List[T]:
        return self._whole() + list(other)

    def __radd__(self, other: Any) -> List[T]:
        return list(other) + self._whole()

    async def _complete(self) -> AsyncPage[T]:
        while not self._ended:
            await self.next_page()
        return self

    def _whole(self) -> List[T]:
        if not self._ended:
            raise OnMemOSError(
                "This list has not been read to its end",
                hint="Read it first (`page = await client.….list()`), or use `async for`.",
            )
        return self._items
