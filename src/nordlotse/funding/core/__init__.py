"""Who pays for this? Programmes, eligibility and the de-minimis rule, from the dated records.

`parse_applicant` understands a form or a command line, `find` answers, `as_dict` makes it JSON-ready.
"""

from nordlotse.funding.core.applicant import PURPOSE_NAMES, SECTOR_NAMES, Applicant, parse_applicant
from nordlotse.funding.core.eligibility import Eligible, Reason, Verdict, Weight, assess
from nordlotse.funding.core.finding import Ended, Finding, as_dict, find, verdict_as_dict

__all__ = [
    "PURPOSE_NAMES",
    "SECTOR_NAMES",
    "Applicant",
    "Eligible",
    "Ended",
    "Finding",
    "Reason",
    "Verdict",
    "Weight",
    "as_dict",
    "assess",
    "find",
    "parse_applicant",
    "verdict_as_dict",
]
