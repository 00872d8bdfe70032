"""Every read on the company's way; what belongs to asking is offered here, the rest by its module."""

from nordlotse.journey.queries.asking import (
    badly_rated,
    inquiry,
    open_questions,
    operator,
    unanswered,
)

__all__ = ["badly_rated", "inquiry", "open_questions", "operator", "unanswered"]
