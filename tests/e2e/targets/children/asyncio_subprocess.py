import asyncio
import sys


async def main():
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(input()[::-1])", stdin=-1, stdout=-1)
    print(await child.communicate(b"olleh\n"), child.returncode)


asyncio.run(main())
