"""Every write on the company's way; what belongs to asking is offered here, the rest by its module (`cases`, `services` …)."""

from nordlotse.journey.actions.asking import (
    KEEP_WORDS,
    MAX_EMPLOYEES,
    MAX_QUESTION,
    answer_dict,
    answered,
    ask,
    check_employees,
    check_question,
    describe_operator,
    erase,
    erase_expired,
    handle,
    rate,
    tidy,
)

__all__ = [
    "KEEP_WORDS",
    "MAX_EMPLOYEES",
    "MAX_QUESTION",
    "answer_dict",
    "answered",
    "ask",
    "check_employees",
    "check_question",
    "describe_operator",
    "erase",
    "erase_expired",
    "handle",
    "rate",
    "tidy",
]
