"""A test's clock ends with the test, whatever was imported before it."""

from __future__ import annotations

import subprocess
import sys

from tests.iot.clocked import TELLS

_FRESH = f"""
import sys
import django
import pytest
django.setup()
from nordlotse.iot.actions import results
from nordlotse.iot.queries import states
from tests.iot.clocked import clocked
assert "nordlotse.iot.views.working" not in sys.modules  # pages come with the first request
with pytest.MonkeyPatch.context() as patch:
    clocked(patch, lambda: 7)
    from nordlotse.iot.views import orders, report, working
    held = [one for name, one in sys.modules.items() if name.startswith("nordlotse.iot.") and hasattr(one, "{TELLS}")]
    print(all(one.{TELLS}() == 7 for one in held), {{working, orders, report, results, states}} <= set(held))
print(all(one.{TELLS}() > 7 for one in held))
"""


def test_pages_imported_while_a_test_sets_the_clock_do_not_keep_it() -> None:
    done = subprocess.run([sys.executable, "-c", _FRESH], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True"] * 3, done.stderr
