"""Thousands of applications at once through one daemon, beside a plain `asyncio.gather`."""
