"""The companies of the examples, and submissions to them."""

from datetime import UTC, datetime

from places import ROOT

from approval.acts import Name
from approval.policy import file as policy_file
from approval.policy.frozen import FrozenPolicy
from approval.policy.model import PolicyFile
from approval.policy.routing import route_of
from approval.submission import Submission

AT = datetime(2026, 11, 25, 16, 40, tzinfo=UTC)
CASE = "P-7K3M9QXV"


def read_file(text):
    """The model of a policy file without mistakes."""
    read = policy_file.read(text)
    assert isinstance(read, PolicyFile), read
    return read


def company(name):
    """The model of an example: ``county`` or ``software``."""
    return read_file((ROOT / "examples/policies" / f"{name}.toml").read_text(encoding="utf-8"))


def submission(file, author, values, contributors=(), title="Mill Lane bridge"):
    """A proposal of an author with these values, under the policy that the file's routes give it."""
    policy = file.policies[route_of(file.routes, values).policy]
    names = {each: Name(each, file.people[each].name) for each in (author, *contributors)}
    return Submission(
        CASE, title, None, values, (), names[author], tuple(names[each] for each in contributors), "local", AT,
        FrozenPolicy.of(file, policy, "sha256:f"), "sha256:b",
    )  # fmt: skip
