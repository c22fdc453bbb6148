"""Run many jobs at the same time, each in its own session, with at most four sessions at once."""

import asyncio

from onmemos import AsyncOnMemOSClient

JOBS = range(8)


async def job(client: AsyncOnMemOSClient, slots: asyncio.Semaphore, number: int) -> tuple[int, float]:
    async with slots, client.session(user="ada", ttl_minutes=10, labels={"job": str(number)}) as session:
        result = await session.run(f"echo $(({number} * {number}))", timeout=60, check=True)
        cost = await session.cost()
        return int(result.stdout), cost.cost_so_far or 0.0


async def main() -> None:
    slots = asyncio.Semaphore(4)
    async with AsyncOnMemOSClient() as client:
        done = await asyncio.gather(*(job(client, slots, number) for number in JOBS))
    print([square for square, _ in done])  # -> [0, 1, 4, 9, 16, 25, 36, 49]
    print(f"{sum(cost for _, cost in done):.4f} USD")  # -> 0.0... USD


asyncio.run(main())
