"""What is needed from an entry file goes along, and nothing else."""

import sys

import pytest
from places import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
from reachable import Reach, modules

ONE = """import os
from pack import two
A = 1
B = 2


def wanted():
    return two.f(A)


def other():
    os.abort()
"""


@pytest.fixture
def kept(tmp_path):
    """Writes files, and gives what is left of each module that is needed from ``main.py``."""

    def write(**files):
        package = tmp_path / "pack"
        package.mkdir()
        for name, text in {"__init__": "", **files}.items():
            path = tmp_path / "main.py" if name == "main" else package / f"{name}.py"
            path.write_text(text, encoding="utf-8")
        reach = Reach(modules(tmp_path), tmp_path / "main.py")
        return {name: reach.text(name) for name in reach.needed}

    return write


def test_a_name_brings_what_it_uses(kept):
    """Also through constants and other modules; the rest of the module and its imports stay behind."""
    left = kept(
        main="from pack.one import wanted\nwanted()\n",
        one=ONE,
        two="def f(x):\n    return x\n\n\ndef g():\n    return 1\n",
        three="X = 1\n",
    )
    assert left["pack.one"] == "from pack import two\nA = 1\n\n\ndef wanted():\n    return two.f(A)\n"
    assert left["pack.two"] == "def f(x):\n    return x\n"
    assert "pack.three" not in left


def test_a_function_goes_along_with_the_blueprint_that_decorates_it(kept):
    """Nobody calls it by name; its own needs go along too."""
    left = kept(
        main="from pack import one\nprint(one.blueprint)\n",
        one="from pack.two import f\nblueprint = dict\n\n\n@blueprint.route('x')\ndef Door():\n    return f()\n",
        two="def f():\n    return 1\n",
    )
    assert "def Door" in left["pack.one"]
    assert "pack.two" in left


def test_what_an_import_does_is_kept(kept):
    """A call at the top of a package runs as before."""
    left = kept(
        main="from pack.one import X\nX\n",
        one="X = 1\n",
        __init__="from pack.two import act\n\nact()\n",
        two="def act(): ...\n",
    )
    assert left["pack"] == "from pack.two import act\n\nact()\n"


def test_a_name_that_is_handed_on_is_kept_where_it_is_imported(kept):
    """A module may offer what it got from another one."""
    left = kept(main="from pack.one import X\nX\n", one="from pack.two import X, Y\n", two="X = 1\nY = 2\n")
    assert left["pack.one"] == "from pack.two import X\n"
    assert left["pack.two"] == "X = 1\n"


def test_a_row_about_a_name_left_out_goes_with_it(kept):
    """Tables of settings in a docstring list those that are read."""
    left = kept(
        main="from pack.one import A\nA\n", one='"""T.\n\n| ``A`` | a |\n| ``B`` | b |\n"""\n\nA = "A"\nB = "B"\n'
    )
    assert left["pack.one"] == '"""T.\n\n| ``A`` | a |\n"""\n\nA = "A"\n'
