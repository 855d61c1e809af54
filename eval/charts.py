"""Figures become the points of drawings; the template only draws them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.intervals import Figure
from eval.metrics import KS
from eval.refusal import Judged, calibration, thresholds

WIDTH, HEIGHT = 340, 230
LEFT, RIGHT, TOP, BOTTOM = 36, 12, 12, 40

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Dot:
    """A point that can be pointed at; `told` is what it says then."""

    x: float
    y: float
    r: float
    told: str


@dataclass(frozen=True, slots=True)
class Series:
    """A line; `band` is the outline of its interval, `kind` chooses its colour."""

    name: str
    kind: str
    line: str
    band: str = ""
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """A label and its place on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of `WIDTH` by `HEIGHT` whose y axis goes from 0 to 1.

    Attributes:
        told: what it shows, for those who cannot see it.
        diagonal: the line on which a perfect confidence would lie, or none.
        rule: an upright line, such as the threshold in force, or None.
    """

    title: str
    told: str
    x_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    series: tuple[Series, ...]
    diagonal: str = ""
    rule: Tick | None = None


def _x(share: float) -> float:
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _y(value: float) -> float:
    return round(TOP + (1 - value) * (HEIGHT - TOP - BOTTOM), 1)


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{_x(x)},{_y(y)}" for x, y in points)


_Y_TICKS = tuple(Tick(_y(n / 4), f"{n / 4:g}") for n in range(5))
_SHARE_TICKS = tuple(Tick(_x(n / 4), f"{n / 4:g}") for n in range(5))


def by_k(metrics: Mapping[str, Figure]) -> Chart | None:
    """How many questions find a right passage, and how much of what they need, by passages looked at."""
    series = []
    for name, kind in (("hit", "one"), ("coverage", "two")):
        figures = [(n / (len(KS) - 1), k, metrics.get(f"{name}@{k}")) for n, k in enumerate(KS)]
        known = [(x, k, figure) for x, k, figure in figures if figure]
        if not known:
            return None
        band = [(x, f.high) for x, _, f in known] + [(x, f.low) for x, _, f in reversed(known)]
        dots = tuple(
            Dot(_x(x), _y(f.mean), 3.5, f"{name}@{k}: {f.mean:.3f} ({f.low:.3f} to {f.high:.3f})")
            for x, k, f in known
        )
        series.append(
            Series(f"{name}@k", kind, _points([(x, f.mean) for x, _, f in known]), _points(band), dots)
        )
    ticks = tuple(Tick(_x(n / (len(KS) - 1)), str(k)) for n, k in enumerate(KS))
    told = "; ".join(dot.told for each in series for dot in each.dots)
    return Chart("Recall by passages", told, "passages looked at", ticks, _Y_TICKS, tuple(series))


def of_calibration(questions: Sequence[Judged]) -> Chart:
    """The share of questions that have an answer, by confidence."""
    bins = calibration(questions)
    most = max((each.n for each in bins), default=1)
    dots = tuple(
        Dot(
            _x(each.confidence),
            _y(each.answerable),
            round(3 + 6 * (each.n / most) ** 0.5, 1),
            f"confidence {each.confidence:.2f}: {each.answerable:.0%} of {each.n} have an answer",
        )
        for each in bins
    )
    line = _points([(each.confidence, each.answerable) for each in bins])
    return Chart(
        "Calibration",
        "; ".join(dot.told for dot in dots),
        "confidence",
        _SHARE_TICKS,
        _Y_TICKS,
        (Series("share that has an answer", "one", line, dots=dots),),
        diagonal=_points([(0, 0), (1, 1)]),
    )


def of_refusal(questions: Sequence[Judged], threshold: float) -> Chart | None:
    """Precision and recall of refusing below a threshold; None where every question has an answer.

    Args:
        threshold: the one in force.
    """
    curve = thresholds(questions)
    if not curve:
        return None
    now = min(curve, key=lambda each: abs(each.at - threshold))
    precision = "no question refused" if now.precision is None else f"precision {now.precision:.2f}"
    known = [(each.at, each.precision) for each in curve if each.precision is not None]
    return Chart(
        "Refusal",
        f"at the threshold of {threshold:g}: {precision}, recall {now.recall:.2f}",
        "refused below this confidence",
        _SHARE_TICKS,
        _Y_TICKS,
        (
            Series("precision", "one", _points(known)),
            Series("recall", "two", _points([(each.at, each.recall) for each in curve])),
        ),
        rule=Tick(_x(threshold), f"now {threshold:g}"),
    )
