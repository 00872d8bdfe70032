"""The states of a day as a strip of colours above hours, and the values of a signal as a hill range with the limits between states."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from nordlotse.foundation.language import Lang
from nordlotse.iot.core.drawing.svg import BLUE, RED, WIDTHS, Size, box, frame, n, rule, state_box, text
from nordlotse.iot.core.oee.written import number as written
from nordlotse.iot.core.states.values import SECOND, Span

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def strip(spans: Sequence[Span], begin: int, end: int, zone: str, name: str, size: Size = "wide") -> str:
    """Return the states of [begin, end) µs as one strip with the hours below; "" for an empty stretch."""
    if end <= begin:
        return ""
    width = WIDTHS[size] - 2
    scale = width / (end - begin)
    parts = [
        state_box(
            1 + (max(s.begin, begin) - begin) * scale, 4, (min(s.end, end) - max(s.begin, begin)) * scale, 46, s.state
        )
        for s in spans
        if s.end > begin and s.begin < end
    ]
    hours = max(1, round((end - begin) / (3600 * SECOND)))
    every = next(step for step in (1, 2, 3, 6, 12, 24, 48, 10_000) if hours / step <= (6 if size == "narrow" else 12))
    tick = int(begin // (3600 * SECOND)) * 3600 * SECOND
    while tick <= end:
        local = (_EPOCH + timedelta(microseconds=tick)).astimezone(ZoneInfo(zone))
        if tick >= begin and local.hour % every == 0 and local.minute == 0:
            x = 1 + (tick - begin) * scale
            parts += [rule(x, 50, x, 56, strong=True)]
            if 16 < x < width - 14 or every >= hours:
                parts.append(text(x, 72, f"{local.hour}:00", anchor="middle", size=13))
        tick += 3600 * SECOND
    return frame(parts, size, 78, name)


def levels(
    hills: Sequence[tuple[float, float]],
    limits: Sequence[tuple[float, str]],
    unit: str,
    name: str,
    lang: Lang,
    size: Size = "wide",
) -> str:
    """Return how often each value occurs (square root of the share, so that rare levels are seen) and the limits between states."""
    if len(hills) < 2:
        return ""
    low, step = hills[0][0], hills[1][0] - hills[0][0]
    high = hills[-1][0] + step
    width, height = WIDTHS[size] - 2, 120.0
    scale = width / (high - low)
    top = max(share for _, share in hills) ** 0.5 or 1.0
    parts = [
        box((edge - low) * scale, 30 + height * (1 - share**0.5 / top), step * scale * 0.9, height * share**0.5 / top, "work__bar work__bar--plain", BLUE)
        for edge, share in hills
        if share > 0
    ]  # fmt: skip
    parts.append(rule(0, 30 + height, width, 30 + height, strong=True))
    for place, (value, said) in enumerate(sorted(limits)):
        x = min(max((value - low) * scale, 0), width)
        y = 12 if place % 2 == 0 else 26
        parts.append(
            f'<line class="work__limit" x1="{n(x)}" x2="{n(x)}" y1="{n(y + 3)}" y2="{n(30 + height)}" stroke="{RED}" stroke-width="2" stroke-dasharray="5 3"/>'
        )
        anchor = "end" if x > width * 0.6 else "start"
        parts.append(text(x + (-5 if anchor == "end" else 5), y, said, anchor=anchor, size=13, strong=True))
    for share in (0.0, 0.5, 1.0):
        anchor = ("start", "middle", "end")[round(share * 2)]
        parts.append(
            text(
                share * width,
                height + 48,
                f"{written(Fraction(low + share * (high - low)), 1).get(lang)} {unit}",
                anchor=anchor,
                size=13,
            )
        )
    return frame(parts, size, height + 54, name)
