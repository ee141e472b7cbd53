r"""What a form of a page sends: names and texts.

1. ``application/x-www-form-urlencoded`` in UTF-8, what a browser sends without scripts and ``curl -d`` too.
2. Of a name that comes twice the first text counts. Line ends are ``\\n``, whatever the browser sends.
3. What the texts mean, and whether they can be stored, is for those who read them to say.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from service.errors import BodyTooLarge, UnreadableForm

MOST_BYTES = 65_536
MOST_FIELDS = 200
_TYPE = "application/x-www-form-urlencoded"


def read_form(raw: bytes, content_type: str | None) -> Mapping[str, str]:
    """The texts of a form, by name.

    Example: ``b"person=noor&next=%2Finbox"`` gives ``{"person": "noor", "next": "/inbox"}``.

    Args:
        raw: the request's body.
        content_type: its header, with parameters or without.

    Raises:
        BodyTooLarge, UnreadableForm: as for ``read_pairs``.
    """
    found: dict[str, str] = {}
    for name, text in read_pairs(raw, content_type):
        found.setdefault(name, text)
    return found


def read_pairs(raw: bytes, content_type: str | None) -> tuple[tuple[str, str], ...]:
    """Every name and text of a form, in its order; a name that has several texts comes as often.

    Raises:
        BodyTooLarge: over 65,536 bytes.
        UnreadableForm: another type, not UTF-8, or more than 200 fields.
    """
    if len(raw) > MOST_BYTES:
        raise BodyTooLarge(len(raw), MOST_BYTES)
    if (content_type or "").partition(";")[0].strip().lower() != _TYPE:
        raise UnreadableForm
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise UnreadableForm from error
    return tuple((name, text.replace("\r\n", "\n").replace("\r", "\n")) for name, text in pairs)
