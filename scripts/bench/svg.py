"""Two kinds of pictures as SVG, in light and dark: bars beside each other, and points with a straight line through them."""

from dataclasses import dataclass
from math import ceil, floor, log10
from xml.sax.saxutils import escape

WIDTH = 760
LABELS = 170
VALUES = 130
BAR = 16
GAP = 10
STYLE = """<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600 } .note, .tick { fill: #59636e }
.a, .dot { fill: #0b6e99 } .b { fill: #b0b8c1 } .line { stroke: #0b6e99; stroke-dasharray: 4 3 } .grid { stroke: #d1d9e0 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .note, .tick { fill: #9198a1 } .a, .dot { fill: #58b6dd } .b { fill: #6e7681 }
.line { stroke: #58b6dd } .grid { stroke: #3d444d } }
</style>"""


@dataclass(frozen=True)
class Bar:
    """One bar: what it is of, how long, and what stands behind it. `ours` is in our colour."""

    label: str
    value: float
    words: str
    ours: bool = True


@dataclass(frozen=True)
class Curve:
    """Points, and the line through them as (start, slope)."""

    title: str
    unit: str
    points: list[tuple[float, float]]
    line: tuple[float, float]


def bars(title: str, description: str, parts: list[tuple[str, list[Bar]]]) -> str:
    """Each part has a heading and a scale of its own, which begins at 0."""
    drawn, y = [], 30
    for heading, of_part in parts:
        drawn.append(_text(0, y + 12, heading, "note"))
        y += 24
        longest = max((bar.value for bar in of_part), default=0.0) or 1.0
        for bar in of_part:
            width = max(1.0, bar.value / longest * (WIDTH - LABELS - VALUES))
            drawn.append(_text(LABELS - 8, y + 12, bar.label, anchor="end"))
            drawn.append(f'<rect class="{"a" if bar.ours else "b"}" x="{LABELS}" y="{y}" width="{width:.1f}" height="{BAR}"/>')
            drawn.append(_text(LABELS + width + 6, y + 12, bar.words))
            y += BAR + GAP
        y += GAP
    return _picture(title, description, y, drawn)


def curves(title: str, description: str, panels: list[Curve]) -> str:
    """Panels beside each other; both axes begin at 0."""
    height, room = 260, WIDTH / len(panels)
    drawn = []
    for place, panel in enumerate(panels):
        drawn += _panel(panel, place * room, 40, room - 30, height - 40)
    return _picture(title, description, height + 60, drawn)


def _panel(panel: Curve, left: float, top: float, width: float, height: float) -> list[str]:
    margin = 52
    most_x, most_y = (max(values) for values in zip(*panel.points, strict=True))
    step_x, step_y = _step(most_x), _step(most_y)
    end_x, end_y = ceil(most_x / step_x) * step_x, ceil(most_y / step_y) * step_y
    across = lambda x: left + margin + x / end_x * (width - margin)  # noqa: E731
    up = lambda y: top + height - y / end_y * height  # noqa: E731
    drawn = [_text(left + margin, top - 8, f"{panel.title}, {panel.unit}", "note")]
    for number in range(floor(end_y / step_y) + 1):
        y = number * step_y
        drawn.append(f'<line class="grid" x1="{across(0):.1f}" x2="{across(end_x):.1f}" y1="{up(y):.1f}" y2="{up(y):.1f}"/>')
        drawn.append(_text(across(0) - 6, up(y) + 4, f"{y:,.10g}", "tick", "end"))
    for number in range(floor(end_x / step_x) + 1):
        x = number * step_x
        drawn.append(_text(across(x), top + height + 16, f"{x:,.10g}", "tick", "middle"))
    start, slope = panel.line
    ends = [(x, min(max(start + slope * x, 0.0), end_y)) for x in (0.0, most_x)]
    (x1, y1), (x2, y2) = ends
    drawn.append(f'<line class="line" x1="{across(x1):.1f}" x2="{across(x2):.1f}" y1="{up(y1):.1f}" y2="{up(y2):.1f}"/>')
    drawn += [f'<circle class="dot" cx="{across(x):.1f}" cy="{up(y):.1f}" r="4"/>' for x, y in panel.points]
    return drawn


def _step(most: float) -> float:
    """1, 2 or 5 times a power of ten, so that there are four to ten steps."""
    power = 10.0 ** floor(log10(most / 4)) if most > 0 else 1.0
    return next(power * times for times in (1, 2, 5, 10) if most / (power * times) <= 8)


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _picture(title: str, description: str, height: float, drawn: list[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-labelledby="t d">'
    names = f'<title id="t">{escape(title)}</title><desc id="d">{escape(description)}</desc>'
    return "\n".join([head, names, STYLE, _text(0, 16, title, "title"), *drawn, "</svg>\n"])
