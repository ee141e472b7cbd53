"""Two hosts for people: one with the county's policy file, one without any.

With ``--base-url`` the tests of the county go to that host, which has the county's policy file and ``IDENTITY=local``.
"""

from types import SimpleNamespace

import pytest
from page_host import people_host
from visitor import Visitor


@pytest.fixture(scope="session")
def county_host(request, tmp_path_factory):
    """With the county's policy file."""
    if given := request.config.getoption("--base-url"):
        yield SimpleNamespace(origin=given)
        return
    made = people_host(tmp_path_factory.mktemp("county"), "examples/policies/county.toml")
    yield made
    made.close()


@pytest.fixture(scope="session")
def plain_host(request, tmp_path_factory):
    """Without a policy file."""
    if request.config.getoption("--base-url"):
        pytest.skip("that host has a policy file")
    made = people_host(tmp_path_factory.mktemp("plain"))
    yield made
    made.close()


@pytest.fixture
def county(county_host):
    """A new browser for somebody of the county."""
    return lambda person: Visitor(county_host.origin).sign_in(person)


@pytest.fixture
def plain(plain_host):
    """A new browser for one of the three people."""
    return lambda person: Visitor(plain_host.origin).sign_in(person)
