"""What the management API refuses, for a test that expects it."""

import pytest

from devhost.testing.host import Refused


def refused(call, *given):
    """The refusal of a call of the test host."""
    with pytest.raises(Refused) as raised:
        call(*given)
    return raised.value
