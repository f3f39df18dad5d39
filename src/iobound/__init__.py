"""iobound: is my program waiting or computing, and what would threads, processes or asyncio gain?"""

__version__ = "0.1.0"
