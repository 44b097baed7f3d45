"""Sessions on aiohttp, the retry loop, the shared pause, and the portal from synchronous code. Only here is aiohttp known."""
