"""Runs a module of the measurements inside an installation, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests.conftest import ROOT
from tests.web.installation import Installation


def python(installation: Installation, module: str, *arguments: str, given: object = None) -> dict[str, Any]:
    """Run `python -m MODULE` with the installation's environment and return the JSON it prints; `given` is its stdin."""
    environment = {k: v for k, v in installation.environment.items() if not k.startswith("NORDLOTSE_FAULT")}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment,
        input=json.dumps(given) if given is not None else "",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return dict(json.loads(done.stdout.splitlines()[-1]))
