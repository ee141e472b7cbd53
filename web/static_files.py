"""The files that are served as they are: the stylesheet and the mark of the browser's tab.

Each is served under a name with the digest of its content, so browsers may keep it for ever.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

FOREVER = "public, max-age=31536000, immutable"
_FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class StaticFile:
    """What is served.

    Attributes:
        name: with its digest, such as ``style.3f2a9c1b04de.css``.
        kind: its media type.
    """

    name: str
    kind: str
    content: bytes

    @property
    def url(self) -> str:
        """Where it is."""
        return f"/static/{self.name}"


def static_file(name: str) -> StaticFile | None:
    """The file of this name; None if there is none, or if its content has another digest by now."""
    return _files().get(name)


def url_of(plain: str) -> str:
    """The address of a file, by its name without the digest: ``style.css``."""
    stem, _, suffix = plain.rpartition(".")
    return next(file.url for file in _files().values() if file.name.split(".")[::2] == [stem, suffix])


@lru_cache(maxsize=1)
def _files() -> dict[str, StaticFile]:
    found = {}
    for path in sorted(_FOLDER.iterdir()):
        if path.suffix in _TYPES:
            content = path.read_bytes()
            name = f"{path.stem}.{sha256(content).hexdigest()[:_DIGITS]}{path.suffix}"
            found[name] = StaticFile(name, _TYPES[path.suffix], content)
    return found
