"""Lists that are read page by page, once for threads and once for asyncio."""
