"""Lists that are read page by page."""

from __future__ import annotations

import asyncio
from operator import add
from typing import List, Optional, Tuple

import pytest

from onmemos import AsyncPage, OnMemOSError, Page, types


class Pages:
    """Numbers from 0 to 9 in pages of 3; counts how many were read."""

    def __init__(self, most: int = 10) -> None:
        self.read = 0
        self._most = most

    def page(self, cursor: Optional[str]) -> Tuple[List[int], Optional[str]]:
        self.read += 1
        start = int(cursor or 0)
        return list(range(start, min(start + 3, self._most))), str(start + 3) if start + 3 < self._most else None

    async def page_later(self, cursor: Optional[str]) -> Tuple[List[int], Optional[str]]:
        return self.page(cursor)


def test_is_a_list_over_all_pages() -> None:
    pages = Pages()
    page = Page(pages.page)
    assert (len(page), page[-1], page[4], 9 in page, 10 in page) == (10, 9, 4, True, False)
    assert (page == list(range(10)), page != [1], list(page) == page.all()) == (True, True, True)
    assert (add(page, [10]), add([-1], page)) == ([*range(11)], [*range(-1, 10)])
    assert (list(reversed(page)), page.index(5), page.count(3), sorted(page)) == (
        [*range(9, -1, -1)],
        5,
        1,
        [*range(10)],
    )
    assert pages.read == 4


@pytest.mark.parametrize(
    "which", [slice(None), slice(2), slice(2, 8), slice(-2, None), slice(None, None, -1), slice(8, 2, -2)]
)
def test_slices_are_those_of_the_whole_list(which: slice) -> None:
    assert Page(Pages().page)[which] == list(range(10))[which]


def test_reads_no_further_than_it_has_to() -> None:
    for use, read in ((lambda page: page[0], 1), (lambda page: page[:3], 1), (lambda page: page[3], 2), (bool, 1)):
        pages = Pages()
        use(Page(pages.page))
        assert pages.read == read
    pages = Pages()
    for number in Page(pages.page):
        if number == 3:
            break
    assert pages.read == 2


def test_is_iterated_again_and_by_next() -> None:
    page = Page(Pages().page)
    assert (next(page), next(page), list(page), next(page)) == (0, 1, list(range(10)), 2)
    assert (page.next_page(), page.has_more) == ([], False)
    assert not Page(Pages(0).page)
    with pytest.raises(IndexError):
        page[10]


def test_shows_a_few_and_says_that_more_follow() -> None:
    page = Page(Pages().page)
    assert repr(page) == "Page([0, 1, 2, … more to read])"
    assert len(page) == 10
    assert repr(page) == "Page([0, 1, 2, 3, 4, … 5 more])"
    keys = Page(lambda _cursor: ([types.Key({"key_id": "<k>", "secret": "omk_1"})], None))
    assert "&lt;k&gt;" in keys._repr_html_()
    assert "omk_1" not in keys._repr_html_() + repr(keys)


def test_in_an_event_loop_it_is_awaited_or_iterated() -> None:
    async def work() -> None:
        pages = Pages()
        assert [number async for number in AsyncPage(pages.page_later)] == list(range(10))
        page = await AsyncPage(Pages().page_later)
        assert (len(page), page[-1], page[:2], 3 in page, list(page)) == (10, 9, [0, 1], True, list(range(10)))
        assert await AsyncPage(Pages().page_later).first(4) == [0, 1, 2, 3]
        assert await AsyncPage(Pages().page_later).all() == list(range(10))
        by_hand = AsyncPage(Pages().page_later)
        assert (await by_hand.__anext__(), await by_hand.__anext__()) == (0, 1)
        both = await asyncio.gather(AsyncPage(Pages().page_later), AsyncPage(Pages(1).page_later))
        assert [list(one) for one in both] == [list(range(10)), [0]]

    asyncio.run(work())


def test_in_an_event_loop_it_never_takes_a_part_for_the_whole() -> None:
    async def work() -> None:
        page = AsyncPage(Pages().page_later)
        await page.next_page()
        for use in (len, list, lambda part: part[0], lambda part: 1 in part, lambda part: add(part, [1])):
            with pytest.raises(OnMemOSError, match="not been read to its end"):
                use(page)
        assert repr(page) == "AsyncPage([0, 1, 2, … more to read])"

    asyncio.run(work())
