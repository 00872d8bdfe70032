"""Forms of the company's way."""

from nordlotse.journey.forms.asking import REASON_NAMES, OperatorForm

__all__ = ["REASON_NAMES", "OperatorForm"]
