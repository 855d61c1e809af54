"""Nothing is left to the garbage collector that has to be closed in its own event loop."""

import gc
import sys
from collections.abc import Awaitable
from typing import TypeVar

from index.errors import OnRecordError

T = TypeVar("T")


async def tidily(step: Awaitable[T]) -> T:
    """Do it, and leave no generator to the garbage collector, which may close it in another thread."""
    left: list[str] = []
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(firstiter=hooks.firstiter, finalizer=lambda generator: left.append(str(generator)))
    try:
        return await step
    except OnRecordError as error:
        raise error.with_traceback(None) from None  # it holds the frames that ought to be gone
    finally:
        sys.set_asyncgen_hooks(*hooks)
        gc.collect()
        assert not left
