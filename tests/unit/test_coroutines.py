"""Making something in a thread while an event loop goes on."""

from __future__ import annotations

import asyncio
import os
import sys
import threading

import pytest

from iobound.pipeline.coroutines import in_a_thread

linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's list of threads is read")


@linux
def test_the_thread_is_over_when_the_thing_is_there() -> None:
    """Whoever looks at the program from then on sees none of ours."""

    async def main() -> None:
        for _ in range(50):
            made_by = await in_a_thread(threading.get_native_id, lambda _: None)
            assert made_by != threading.get_native_id()
            assert not os.path.exists(f"/proc/self/task/{made_by}")

    asyncio.run(main())


def test_the_loop_goes_on_meanwhile() -> None:
    async def main() -> None:
        go_on = threading.Event()
        asyncio.get_running_loop().call_soon(go_on.set)
        assert await in_a_thread(lambda: go_on.wait(20), lambda _: None)

    asyncio.run(main())


def test_what_is_made_for_nobody_is_removed() -> None:
    removed: list[str] = []

    async def main() -> None:
        go_on = threading.Event()

        def make() -> str:
            go_on.wait(20)
            return "thing"

        task = asyncio.create_task(in_a_thread(make, removed.append))
        await asyncio.sleep(0)
        task.cancel()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        while not removed:
            await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(main(), 20))
    assert removed == ["thing"]


def test_what_goes_wrong_is_told() -> None:
    def make() -> str:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        asyncio.run(in_a_thread(make, lambda _: None))
