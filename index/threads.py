"""How many threads the numeric libraries take, each for itself.

Where questions are answered side by side, more than one is a loss: the threads of OpenBLAS that have nothing to do wait
by running, for tens of milliseconds after every product, on processors that others need.
"""


def limit_threads(count: int) -> None:
    """Let torch, OpenBLAS and OpenMP use `count` threads each from now on, in this process."""
    import faiss  # noqa: F401 - brings an OpenBLAS of its own, which is limited only once it is there
    import torch
    from threadpoolctl import threadpool_limits

    threadpool_limits(count)
    torch.set_num_threads(count)
