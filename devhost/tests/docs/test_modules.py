"""What keeps devhost's code easy to find one's way in: one meaning for each class name, and short modules."""

from pathlib import Path

from class_names import defined_twice
from long_modules import long_without_reason

DEVHOST = Path(__file__).parents[2]


def test_no_class_name_means_two_things():
    """Among all modules of devhost; a script is read on its own."""
    assert defined_twice(DEVHOST / "src") == {}


def test_two_classes_of_one_name_are_found(tmp_path):
    """In two modules, also below other folders; private names may come again."""
    (tmp_path / "below").mkdir()
    for name in ("a.py", "below/b.py"):
        (tmp_path / name).write_text("class Case: ...\nclass _Own: ...\n")
    (tmp_path / "c.py").write_text("class Other: ...\n")
    assert defined_twice(tmp_path) == {"Case": ["a.py", "b.py"]}


def test_a_long_module_says_why_it_is_long():
    """Within its first lines."""
    assert long_without_reason(DEVHOST / "src", DEVHOST / "scripts") == []


def test_a_long_module_without_a_reason_is_found(tmp_path):
    """A short one needs none."""
    (tmp_path / "long.py").write_text('"""A module."""\n' + "pass\n" * 400)
    (tmp_path / "explained.py").write_text('"""A module. One long file: it is a table."""\n' + "pass\n" * 400)
    (tmp_path / "short.py").write_text('"""A module."""\n' + "pass\n" * 399)
    assert long_without_reason(tmp_path) == ["long.py"]
