"""One class name means one thing: a reader who knows a class need not ask which one is meant."""

from pathlib import Path

from class_names import defined_twice

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
