"""One class name means one thing: a reader who knows a class need not ask which one is meant."""

from pathlib import Path

from class_names import defined_twice

ROOT = Path(__file__).parents[2]
DEPLOYED = [path.parent for path in ROOT.glob("*/__init__.py")]


def test_no_class_name_means_two_things():
    """Among all packages that are deployed; a script is read on its own."""
    assert {path.name for path in DEPLOYED} >= {"adapters", "approval", "functions", "service", "web"}
    assert defined_twice(*DEPLOYED) == {}
