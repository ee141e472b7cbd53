"""What keeps the app's code easy to find one's way in: one meaning for each class name, and short modules."""

from pathlib import Path

import pytest
from class_names import defined_twice
from long_modules import long_without_reason

ROOT = Path(__file__).parents[2]
DEPLOYED = [path.parent for path in ROOT.glob("*/__init__.py")]


def test_no_class_name_means_two_things():
    """Among all packages that are deployed; a script is read on its own."""
    assert {path.name for path in DEPLOYED} >= {"adapters", "approval", "functions", "service", "web"}
    assert defined_twice(*DEPLOYED) == {}


def test_a_long_module_says_why_it_is_long():
    """Within its first lines."""
    assert long_without_reason(*DEPLOYED, ROOT / "scripts") == []


@pytest.mark.parametrize("package", ["approval", "approval/policy", "approval/review", "service", "web"])
def test_the_map_of_a_package_has_every_module(package):
    """One line for each, and none for a module that is gone; packages inside count too."""
    folder = ROOT / package
    lines = (folder / "__init__.py").read_text(encoding="utf-8").split('"""')[1].split("\n\n")[1].splitlines()
    inside = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__init__.py")}
    assert sorted(line.split(maxsplit=1)[0] for line in lines) == sorted(inside - {"__init__"})
