"""The host under test: the one that ``--base-url`` names, or a devhost of our own with four seconds to decide."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TIMEOUT = "PT4S"
# Of a host of our own where people sign in; docs/reference/settings.md says what each is.
KEYS = {
    "IDENTITY": "local",
    "SEAL_KEY": f"2026-11:{'A' * 43}=",
    "ID_KEY": "for the ids of cases in these tests",
    "SESSION_KEY": "for the sessions of people in these tests",
}
# The tests import the module beside this file by its plain name.
sys.path.insert(0, str(HERE))

from caller import Caller  # noqa: E402 - after the path that leads to it
from company import Company  # noqa: E402

from devhost.testing.process import HostProcess  # noqa: E402


@pytest.fixture(scope="session")
def caller(request, base_url) -> Caller:
    """A client of the host under test."""
    return Caller(base_url, request.config.getoption("--function-key"))


@pytest.fixture(scope="session")
def base_url(request, tmp_path_factory) -> Iterator[str]:
    """Where the host under test listens."""
    given = request.config.getoption("--base-url")
    if given:
        yield given.rstrip("/")
        return
    host = HostProcess(ROOT, tmp_path_factory.mktemp("state"), APPROVAL_TIMEOUT=TIMEOUT)
    try:
        host.start()
        yield host.origin
    finally:
        host.close()


@pytest.fixture(scope="session")
def county(request, tmp_path_factory) -> Iterator[Company]:
    """The county's highways department: the host that ``--county-url`` names, or one of our own."""
    yield from _company(request, tmp_path_factory, "county")


@pytest.fixture(scope="module")
def hurried_county(request, tmp_path_factory) -> Iterator[Company]:
    """The county on a clock that the tests move; where a host is named, that one, and waits are real."""
    if request.config.getoption("--base-url"):
        yield request.getfixturevalue("county")
    else:
        yield from _own_host(tmp_path_factory, ROOT / "examples/policies/county.toml", "--movable-time")


@pytest.fixture(scope="session")
def software(request, tmp_path_factory) -> Iterator[Company]:
    """The software company: the host that ``--software-url`` names, or one of our own."""
    yield from _company(request, tmp_path_factory, "software")


@pytest.fixture(scope="session")
def private(request, tmp_path_factory) -> Iterator[Company]:
    """The county, where only those who take part in a case see it; always a host of our own."""
    if request.config.getoption("--base-url"):
        pytest.skip("there is no option that names such a host")
    text = (ROOT / "examples/policies/county.toml").read_text(encoding="utf-8")
    file = tmp_path_factory.mktemp("private") / "private.toml"
    file.write_text(text.replace('visible_to = "staff"', 'visible_to = "parties"'), encoding="utf-8")
    yield from _own_host(tmp_path_factory, file)


@pytest.fixture(scope="session")
def built_in(request, tmp_path_factory) -> Iterator[Company]:
    """Three people and no policy file; always a host of our own."""
    if request.config.getoption("--base-url"):
        pytest.skip("there is no option that names such a host")
    yield from _own_host(tmp_path_factory, None)


def _company(request, tmp_path_factory, name: str) -> Iterator[Company]:
    key, given = request.config.getoption("--function-key"), request.config.getoption(f"--{name}-url")
    if given:
        yield Company(Caller(given.rstrip("/"), key))
        return
    if request.config.getoption("--base-url"):
        pytest.skip(f"no host with this policy file: --{name}-url names one")
    yield from _own_host(tmp_path_factory, ROOT / f"examples/policies/{name}.toml")


def _own_host(tmp_path_factory, policies: Path | None, *options: str) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp(policies.stem if policies else "built-in")
    more = {"APPROVAL_POLICIES": str(policies or ""), "OUTBOX": str(folder / "outbox")}
    host = HostProcess(ROOT, folder / "state", *options, **more, **KEYS)
    host.environment["PUBLIC_BASE_URL"] = host.origin
    try:
        host.start()
        yield Company(Caller(host.origin), is_movable="--movable-time" in options)
    finally:
        host.close()


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository, for the example proposals in it."""
    return ROOT
