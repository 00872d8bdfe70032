"""Seeing a part: one close look at it, the data of the turning picture, six drawn views, and the colours of all of them."""

from nordlotse.print3d.core.seeing.colours import Key, colour_of, legend, limit_of
from nordlotse.print3d.core.seeing.look import Numbered, Seen, look_at, look_closely, numbered
from nordlotse.print3d.core.seeing.picture import picture_data, read_picture
from nordlotse.print3d.core.seeing.views import VIEW_NAMES, VIEWS, View, drawn, marks_in, views

__all__ = [
    "VIEWS",
    "VIEW_NAMES",
    "Key",
    "Numbered",
    "Seen",
    "View",
    "colour_of",
    "drawn",
    "legend",
    "limit_of",
    "look_at",
    "look_closely",
    "marks_in",
    "numbered",
    "picture_data",
    "read_picture",
    "views",
]
