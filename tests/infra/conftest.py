"""The compiler, where there is one: the environment variable BICEP names it, or it is on the PATH."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

LONGEST_S = 120
CLIENT = "11111111-2222-3333-4444-555555555555"  # prod asks for one

sys.path.insert(0, str(pathlib.Path(__file__).parent))


@pytest.fixture(scope="session")
def bicep():
    """Run the compiler with some arguments; gives the finished process."""
    path = os.environ.get("BICEP") or shutil.which("bicep")
    if path is None:
        pytest.skip("no Bicep compiler: set BICEP, or put bicep on the PATH")
    environment = {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "APPROVAL_AUTH_CLIENT_ID": CLIENT, **os.environ}

    def run(*arguments, cwd=None):
        return subprocess.run(
            [path, *map(str, arguments)],
            capture_output=True, text=True, check=False, timeout=LONGEST_S, env=environment, cwd=cwd,
        )  # fmt: skip

    return run
