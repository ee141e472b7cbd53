"""The host without one of devhost's changes to the SDK, so that each can be measured apart.

    python bench/without.py CHANGE... -- [options of devhost]

A change is the name of a function in ``devhost.app.sdk_patches``.
"""

import importlib
import sys
from collections.abc import Sequence

from devhost import cli

CHANGES = ("fast_timestamps", "shared_tuple_class", "direct_client")


def main(arguments: Sequence[str]) -> None:
    """Replaces these changes by nothing, then runs the command ``devhost``."""
    end = arguments.index("--")
    patches = importlib.import_module("devhost.app.sdk_patches")
    for change in arguments[:end]:
        assert callable(getattr(patches, change)), change
        setattr(patches, change, lambda *_: lambda: None)
    sys.argv[1:] = arguments[end + 1 :]
    cli.run()


if __name__ == "__main__":
    main(sys.argv[1:])
