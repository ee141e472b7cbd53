"""What an event means to a case with levels: an act that our own functions have sealed for it, or nothing.

Whatever else comes is cheap: a text is parsed only if it may be one, and no seal of another case is verified.
"""

from collections.abc import Mapping

from approval import acts
from approval.acts import Act, UnreadableAct, read_act
from approval.payload import UnreadablePayload, parsed
from approval.seals import Purpose, Sealed, is_genuine

MOST_ENCODINGS = 3
MOST_TEXT = 8 * acts.MOST_TEXT


def read_sealed_act(payload: object, case: str, keys: Mapping[str, str]) -> Act | None:
    """The act that an event is; None for any other payload.

    The SDK's client encodes twice, so the object may also come as a text that holds its JSON.

    Args:
        payload: what came with the event.
        case: the id of the case.
        keys: the public keys whose seals count, by name.
    """
    for _ in range(MOST_ENCODINGS):
        if not isinstance(payload, str):
            break
        if len(payload) > MOST_TEXT or "seal" not in payload:
            return None
        try:
            payload = parsed(payload)
        except UnreadablePayload:
            return None
    sealed = Sealed.from_json(payload, Purpose.ACT)
    if sealed is None or len(sealed.text) > acts.MOST_TEXT or case not in sealed.text:
        return None
    if not is_genuine(sealed, Purpose.ACT, keys):
        return None
    try:
        act = read_act(sealed.text)
    except UnreadableAct:
        return None
    return act if act.case == case else None
