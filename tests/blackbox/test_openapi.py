"""The description of the API: valid, complete, and true of thousands of requests."""

import subprocess
import sys
from pathlib import Path

import pytest
from caller import send
from openapi_spec_validator import OpenAPIV31SpecValidator

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance",
)  # fmt: skip
ALL_PHASES = "examples,coverage,fuzzing,stateful"
SCHEME = {"kind": "scheme", "amount": "60000.00", "category": 0}


@pytest.fixture(scope="module")
def described(county):
    """The description, which needs no session."""
    answer = send("GET", f"{county.url}/api/openapi.json")
    assert answer.status == 200
    return answer.json


def test_the_description_is_valid(described):
    """OpenAPI 3.1."""
    assert described["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []


@pytest.mark.parametrize(("phases", "examples"), [("fuzzing", 8), pytest.param(ALL_PHASES, 24, marks=pytest.mark.long)])
def test_no_answer_is_undocumented_and_none_is_a_fault_of_ours(county, tmp_path, phases, examples):
    """For requests that fit the description, and for those that do not, by somebody who is signed in."""
    case = county.submitted("dana", SCHEME)
    case.counts("ruth")
    command = [
        Path(sys.executable).with_name("st"), "run", f"{county.url}/api/openapi.json", "--no-color",
        "--header", f"Cookie: {county.cookie('dana')}", "--checks", ",".join(CHECKS), "--exclude-path", "/api/health",
        "--mode", "all", "--phases", phases, "--max-examples", str(examples), "--seed", "13",
        "--generation-deterministic", "--continue-on-failure",
        "--generation-allow-x00", "false", "--warnings", "off",
    ]  # fmt: skip
    for name, value in county.caller.own_headers.items():
        command += ["--header", f"{name}: {value}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
