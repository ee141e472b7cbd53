"""What the start of the app imports: what only requests need comes with the first of them."""

import subprocess
import sys

import pytest
from places import ROOT

LATER = ("pydantic", "jinja2", "cryptography", "itsdangerous", "smtplib", "web")
CODE = f"import sys, function_app; print(*(name for name in {LATER!r} if name in sys.modules))"


@pytest.mark.parametrize("settings", [{}, {"PATTERNS": "off"}, {"APPROVAL_POLICIES": "examples/policies/county.toml"}])
def test_the_start_does_not_pay_for_what_only_requests_need(settings):
    """Seen with ``bench/startup.py``: all of it would make the start of the app twice that of the bare SDK."""
    done = subprocess.run(
        [sys.executable, "-c", CODE], check=False, cwd=ROOT, env=settings, capture_output=True, encoding="utf-8"
    )
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, [], "")
