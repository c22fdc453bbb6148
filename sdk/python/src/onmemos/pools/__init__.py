"""Connections to a server, for threads and for asyncio. They stay in the process and loop that opened them."""
