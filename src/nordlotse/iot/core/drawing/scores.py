"""How unusual a machine was over time, with the limit as a line: a column for each stretch, red where it was over."""

from __future__ import annotations

from collections.abc import Sequence

from nordlotse.iot.core.drawing.svg import BLUE, RED, WIDTHS, Size, box, frame, n, rule, text

_HEIGHT, _LEFT, _BELOW, _TOP = 150.0, 44.0, 24.0, 18.0
#: Beyond so many limits a column is cut.
_HIGHEST = 4.0


def scores(peaks: Sequence[float | None], begin: str, end: str, limit: str, name: str, size: Size = "wide") -> str:
    """Return the picture of the highest score of each stretch (1 is the limit, None unseen); "" where nothing was seen.

    `begin`, `end`: what stands below both ends; `limit`: the word at the line; `name`: what the picture is called.
    """
    seen = [peak for peak in peaks if peak is not None]
    if not seen:
        return ""
    high = min(max(1.25, *seen), _HIGHEST)
    width = WIDTHS[size] - _LEFT
    step = width / len(peaks)

    def y(value: float) -> float:
        return _TOP + _HEIGHT * (1 - min(value, high) / high)

    parts = [rule(_LEFT, _TOP + _HEIGHT, _LEFT + width, _TOP + _HEIGHT, strong=True)]
    for place, peak in enumerate(peaks):
        if peak is not None:
            over = peak > 1.0
            kind = "work__bar work__bar--stop" if over else "work__bar work__bar--plain"
            x = _LEFT + place * step
            parts.append(box(x, y(peak), max(step - 0.6, 0.6), _TOP + _HEIGHT - y(peak), kind, RED if over else BLUE))
    line = f'<line class="chart__axis" x1="{n(_LEFT)}" y1="{n(y(1.0))}" x2="{n(_LEFT + width)}" y2="{n(y(1.0))}" stroke="{RED}" stroke-width="2"'
    parts.append(line + ' stroke-dasharray="6 4"/>')
    parts.append(text(_LEFT - 6, y(1.0) + 5, limit, anchor="end", size=12))
    parts.append(text(_LEFT, _TOP + _HEIGHT + 18, begin, quiet=True, size=12))
    parts.append(text(_LEFT + width, _TOP + _HEIGHT + 18, end, anchor="end", quiet=True, size=12))
    return frame(parts, size, _TOP + _HEIGHT + _BELOW, name)
