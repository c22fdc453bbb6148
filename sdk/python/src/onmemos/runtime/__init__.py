"""What waits and connects, once for threads and once for asyncio: all that the two clients do not share."""
