"""Every read on the company's way; what belongs to asking is offered here, the rest by its module."""

from nordlotse.journey.queries.asking import (
    DeskCounts,
    badly_rated,
    desk_counts,
    inquiry,
    open_questions,
    operator,
    unanswered,
)

__all__ = ["DeskCounts", "badly_rated", "desk_counts", "inquiry", "open_questions", "operator", "unanswered"]
