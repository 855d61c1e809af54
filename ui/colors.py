"""A site's colour, kept readable: contrast as in WCAG 2.2, section 1.4.3."""

import re

PAPER, PAPER_DARK = "#faf8f4", "#161412"
INK, INK_DARK = "#1d1a16", "#ece6dc"
READABLE = 4.5
"""The least contrast of text."""

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.ASCII | re.IGNORECASE)


def is_color(text: str) -> bool:
    """Whether it is `#rgb` or `#rrggbb`; no other way of writing a colour is taken."""
    return _HEX.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def style_of(color: str) -> str:
    """The embed page's custom properties for a colour: its buttons have it, its small text where it can be read."""
    on_it = max("#000000", "#ffffff", key=lambda text: contrast(text, color))
    light, dark = (
        color if contrast(color, paper) >= READABLE else ink
        for paper, ink in ((PAPER, INK), (PAPER_DARK, INK_DARK))
    )
    return (
        f":root[data-theme]{{--fill:{color};--on-fill:{on_it};--accent-light:{light};--accent-dark:{dark}}}"
    )


def _luminance(color: str) -> float:
    digits = color.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue = (_linear(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
