"""Hands the engine of this folder to its tests; test folders are not packages, so it is loaded by its path."""

import importlib.util
import pathlib

import pytest


@pytest.fixture(scope="session")
def engine():
    """The module ``engine.py`` beside this file."""
    spec = importlib.util.spec_from_file_location("walk_engine", pathlib.Path(__file__).with_name("engine.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
