r"""What Azure Storage refuses, on which the real host keeps its instances.

Rules of this module (seen on the extension 3.19.0):

1. An instance's id becomes a key of a table, which has 512 UTF-16 units at most. Characters that a key may not hold
   (``\ # ? ^`` and control characters) are escaped there and count twice.
2. A message to an instance travels as XML, which knows neither U+FFFE nor U+FFFF. A message of more than 45 KiB is
   kept elsewhere, and may hold them.
"""

import re
from typing import Final

LONGEST_KEY: Final = 512
LARGEST_MESSAGE: Final = 45 * 1024
_ESCAPED: Final = re.compile(r"[\\/#?^\x00-\x1f\x7f-\x9f]")
_NOT_IN_XML: Final = re.compile("[\ufffe\uffff]")


def can_be_key(instance_id: str) -> bool:
    """Whether an instance of this id can be stored."""
    units = len(instance_id.encode("utf-16-le", "surrogatepass")) // 2
    return units + len(_ESCAPED.findall(instance_id)) <= LONGEST_KEY


def can_be_sent(*texts: str | None) -> bool:
    """Whether a message with these texts can be sent."""
    given = [text for text in texts if text and not text.isascii()]
    if not any(map(_NOT_IN_XML.search, given)):
        return True
    return sum(len(text.encode()) for text in texts if text) > LARGEST_MESSAGE
