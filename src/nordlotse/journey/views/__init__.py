"""Pages of the company's way; what belongs to asking is offered here, the rest by its module."""

from nordlotse.journey.views.asking import (
    EXAMPLES,
    answer,
    ask,
    contact,
    desk,
    handle,
    operator,
    rate,
    sheet,
    start,
)

__all__ = ["EXAMPLES", "answer", "ask", "contact", "desk", "handle", "operator", "rate", "sheet", "start"]
