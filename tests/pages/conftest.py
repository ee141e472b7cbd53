"""Two hosts for people: one with the county's policy file, one without any."""

import pytest
from page_host import people_host
from visitor import Visitor


@pytest.fixture(scope="session")
def county_host(tmp_path_factory):
    """With the county's policy file."""
    made = people_host(tmp_path_factory.mktemp("county"), "examples/policies/county.toml")
    yield made
    made.close()


@pytest.fixture(scope="session")
def plain_host(tmp_path_factory):
    """Without a policy file."""
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
