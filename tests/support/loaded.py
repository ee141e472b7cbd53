"""What is in no package, loaded: the deployed app, and the scripts."""

import importlib.util
from pathlib import Path

from places import ROOT


def script(name):
    """The module ``scripts/NAME.py``."""
    return _module(ROOT / f"scripts/{name}.py")


def deployed():
    """The deployed module, fresh: it gives its functions once only, and other tests load apps of this name too."""
    return _module(ROOT / "function_app.py")


def functions():
    """The deployed functions by name."""
    return {function.get_function_name(): function for function in deployed().app.get_functions()}


def _module(path: Path):
    spec = importlib.util.spec_from_file_location(f"loaded_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
