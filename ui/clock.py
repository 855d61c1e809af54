"""Seconds as people read them."""


def clock(seconds: float | None) -> str:
    """`754.2` becomes `12:34`, `3754.2` becomes `1:02:34`, None becomes an empty string."""
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"
