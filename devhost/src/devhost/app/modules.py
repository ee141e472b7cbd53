"""Importing an app's script, and taking it out of the process again.

1. One app at a time is current: its folder is the current directory and the first entry of ``sys.path``. The SDK
   reads host.json from the current directory while it is imported, so the move comes first.
2. The script keeps its own name, ``function_app``: the durable codec writes an app's classes as module and name, and
   finds them again in ``sys.modules`` (contract 4.11).
3. Packages of the app's own (``import approval``) come from its folder, even if another project's module of that name
   is loaded already: that one gives way and comes back afterwards.
4. When the next app is loaded, the modules of the last one go, those imported late included. What Python or an
   environment installed stays, also when that environment lies in the app's folder.
"""

import importlib
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from types import ModuleType

from devhost.errors import AppRefused

_OURS = {"devhost", "__main__"}
_INSTALLED = {"site-packages", "dist-packages"}


def import_script(folder: Path, script: str) -> ModuleType:
    """The app's module, freshly imported; its folder becomes the current one.

    Args:
        folder: absolute.
        script: a file in it, ending in ``.py``.

    Raises:
        AppRefused: the import fails; the reason names the app's own file and line.
    """
    global _current  # noqa: PLW0603 -- sys.modules is global to the process, and so is who owns it
    unload()
    _current = _Current(folder, Path(script).stem)
    try:
        return importlib.import_module(Path(script).stem)
    except (Exception, SystemExit) as error:
        raise AppRefused(folder, _failure(folder, script, error)) from error


def unload() -> None:
    """Take the current app out of the process, if there is one; what was there before it comes back."""
    global _current  # noqa: PLW0603 -- see import_script
    if _current is not None:
        _current.leave()
        _current = None


def is_of_app(module: ModuleType, folder: Path) -> bool:
    """Whether a module is a part of the app in this folder: not installed, and not devhost, wherever that lies."""
    name = getattr(module, "__name__", "")
    return name.partition(".")[0] not in _OURS and any(_is_own(place, folder) for place in _places(module))


class _Current:
    """The app whose folder is in front, and what gave way to it."""

    def __init__(self, folder: Path, script_module: str) -> None:
        self.folder = folder
        self.came_from = _current_directory()
        self.before = frozenset(sys.modules)
        own = {entry.stem for entry in folder.iterdir() if entry.suffix == ".py" or entry.is_dir()} - _OURS
        self.stashed = {
            name: module
            for name, module in list(sys.modules.items())
            if name == script_module or (name.partition(".")[0] in own and _is_foreign(module, folder))
        }
        for name in self.stashed:
            del sys.modules[name]
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        importlib.invalidate_caches()

    def leave(self) -> None:
        """Undo it."""
        with suppress(ValueError):
            sys.path.remove(str(self.folder))
        if self.came_from is not None and _current_directory() == self.folder:
            with suppress(OSError):
                os.chdir(self.came_from)
        for name in (set(sys.modules) - self.before) | set(self.stashed):
            if any(_is_own(place, self.folder) for place in _places(sys.modules.get(name))):
                del sys.modules[name]
        sys.modules.update(self.stashed)
        importlib.invalidate_caches()


_current: _Current | None = None


def _current_directory() -> Path | None:
    try:
        return Path.cwd()
    except OSError:  # it was deleted
        return None


def _places(module: ModuleType | None) -> list[Path]:
    """Where a module's source lies: its file, or the folders of a package that has none."""
    file = getattr(module, "__file__", None)
    try:
        return [Path(file)] if file else [Path(place) for place in getattr(module, "__path__", ())]
    except (KeyError, TypeError):  # a namespace package whose parent is gone, or a replacement that is no module
        return []


def _is_own(place: Path, folder: Path) -> bool:
    """Whether a module is the app's own: in its folder, but not in an environment that happens to lie in there."""
    return place.is_relative_to(folder) and not _INSTALLED & set(place.parts)


def _is_foreign(module: ModuleType, folder: Path) -> bool:
    """Whether a module is some other project's: neither in the app's folder, nor installed, nor Python's."""
    places = _places(module)
    python = Path(os.__file__).parent
    return bool(places) and not any(
        place.is_relative_to(folder) or place.is_relative_to(python) or _INSTALLED & set(place.parts)
        for place in places
    )


def _failure(folder: Path, script: str, error: BaseException) -> str:
    """Which exception, and the last line of the app's own that led to it."""
    text = str(error)
    if isinstance(error, SyntaxError) and error.filename:
        place, line, text = Path(error.filename), error.lineno, error.msg
    else:
        frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
        own = [frame for frame in frames if _is_own(frame[0], folder)]
        place, line = own[-1] if own else (folder / script, None)
    shown = place.relative_to(folder) if place.is_relative_to(folder) else place
    where = f"{shown}, line {line}" if line is not None else str(shown)
    said = f"{type(error).__name__}: {text.rstrip('.')}" if text else type(error).__name__
    advice = ""
    if isinstance(error, ModuleNotFoundError):
        advice = " Please check the requirements.txt file for the missing module."
    return f"{script} cannot be imported: {said} ({where}).{advice}"
