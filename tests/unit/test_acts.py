"""Acts and their seals: what is sealed is read back exactly, and nothing else counts."""

import base64
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from approval.acts import MOST_TEXT, Act, Kind, Name, UnreadableAct, Verdict, act_id, read_act
from approval.seals import Purpose, Sealed, is_genuine, signed_bytes

ACT = Act(
    "b7c1" * 8, Kind.APPROVE, Name("noor", "Noor “N” Haddad"), "local", "2026-11-25T16:40:00Z", "P-7K3M9QXV", 1,
    "51aa" * 8, 1, "9f2c" * 8, "Looks right.\nTwo lines.",
)  # fmt: skip
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {"2026-11": base64.b64encode(PRIVATE.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()}


def sealed(text, purpose=Purpose.ACT, key="2026-11"):
    """The text with its seal."""
    return Sealed(text, key, base64.b64encode(PRIVATE.sign(signed_bytes(text, purpose))).decode())


@pytest.mark.parametrize("act", [ACT, replace(ACT, kind=Kind.WITHDRAW, level=None, opening=None, comment=None)])
def test_an_act_is_read_back_from_its_text(act):
    """What was sealed is what the case reads."""
    assert read_act(act.to_text()) == act


def test_what_is_sealed_is_compact_and_in_its_own_letters():
    """To the character: the record and the history keep this text."""
    assert ACT.to_text() == (
        f'{{"id":"{"b7c1" * 8}","act":"approve","by":{{"id":"noor","name":"Noor “N” Haddad","for":null}},'
        '"proof":{"how":"local","at":"2026-11-25T16:40:00Z"},"case":"P-7K3M9QXV","revision":1,'
        f'"run":"{"51aa" * 8}","level":1,"opening":"{"9f2c" * 8}","comment":"Looks right.\\nTwo lines."}}'
    )


def test_an_act_is_read_up_to_its_greatest_length():
    """Blanks around it count."""
    text = ACT.to_text()
    assert read_act(text + " " * (MOST_TEXT - len(text))) == ACT
    with pytest.raises(UnreadableAct):
        read_act(text + " " * (MOST_TEXT - len(text) + 1))


@pytest.mark.parametrize("key", [key for key in ACT.to_json() if key != "for"])
def test_an_act_without_one_of_its_members_is_none(key):
    """A missing member is refused, not guessed."""
    given = ACT.to_json()
    del given[key]
    with pytest.raises(UnreadableAct):
        read_act(json.dumps(given))


@pytest.mark.parametrize(
    "change",
    [{"act": "bribe"}, {"id": "B7C1" * 8}, {"id": "b7c1"}, {"revision": "1"}, {"revision": True}, {"level": 1.5},
     {"by": "noor"}, {"by": {"id": 1, "name": "N"}}, {"opening": 1}, {"comment": ["x"]}, {"case": None},
     {"run": 1}, {"proof": {"how": 1, "at": "x"}}, {"proof": {"how": "local", "at": None}}, {"level": True},
     {"id": "b7c1" * 9}],
)  # fmt: skip
def test_a_member_of_another_type_makes_it_no_act(change):
    """Types are checked, also of a genuine text."""
    with pytest.raises(UnreadableAct):
        read_act(json.dumps(ACT.to_json() | change))


@pytest.mark.parametrize("text", ["", "null", "[]", "1", '"approve"', "{", "[" * 100, "x" * 20_000])
def test_what_is_no_object_is_no_act(text):
    """Nothing raises another exception."""
    with pytest.raises(UnreadableAct):
        read_act(text)


def test_each_verdict_has_a_letter_of_its_own():
    """The custom status keeps one letter for each verdict."""
    assert len({verdict.letter for verdict in Verdict}) == len(Verdict)


def test_the_id_of_an_act_depends_on_case_person_key_and_what_was_sent():
    """Another person's equal key is another act, and so is another body."""
    ids = {act_id(*given) for given in (("P-1", "noor", "k", "d"), ("P-2", "noor", "k", "d"), ("P-1", "ruth", "k", "d"),
                                        ("P-1", "noor", "l", "d"), ("P-1", "noor", "k", "e"))}  # fmt: skip
    assert len(ids) == 5
    assert act_id("P-1", "noor", "k", "d") in ids
    assert {len(each) for each in ids} == {32}


def test_a_seal_counts_for_its_text_purpose_and_key_only():
    """One changed letter, another purpose, an unknown key or another key's seal is no seal."""
    genuine = sealed(ACT.to_text())
    other = base64.b64encode(
        Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    ).decode()
    assert is_genuine(genuine, Purpose.ACT, KEYS)
    assert not is_genuine(genuine, Purpose.INPUT, KEYS)
    assert not is_genuine(replace(genuine, text=genuine.text + " "), Purpose.ACT, KEYS)
    assert not is_genuine(replace(genuine, key="2026-12"), Purpose.ACT, KEYS)
    assert not is_genuine(genuine, Purpose.ACT, {"2026-11": other})
    assert not is_genuine(genuine, Purpose.ACT, {})


@pytest.mark.parametrize("seal", ["", "x", "é", "AAAA", base64.b64encode(bytes(64)).decode(), "\ud800"])
@pytest.mark.parametrize("public", [*KEYS.values(), "", "AAAA", "no base64"])
def test_a_broken_seal_or_key_is_no_seal(seal, public):
    """Nothing raises."""
    assert not is_genuine(Sealed(ACT.to_text(), "2026-11", seal), Purpose.ACT, {"2026-11": public})
    assert not is_genuine(Sealed("\ud800", "2026-11", seal), Purpose.ACT, {"2026-11": public})


def test_a_seal_with_anything_between_its_letters_is_none():
    """Base64 is read strictly, of seals and of keys."""
    genuine = sealed(ACT.to_text())
    for purpose, given in ((Purpose.ACT, genuine), (Purpose.INPUT, sealed(ACT.to_text(), Purpose.INPUT))):
        assert is_genuine(given, purpose, KEYS)
        for odd in ("\n", " ", "!", "é"):
            assert not is_genuine(replace(given, seal=given.seal[:9] + odd + given.seal[9:]), purpose, KEYS)
            broken = {name: key[:9] + odd + key[9:] for name, key in KEYS.items()}
            assert not is_genuine(given, purpose, broken)


def test_a_sealed_text_is_read_back_from_its_json():
    """The purpose is the name of the text's member."""
    genuine = sealed(ACT.to_text())
    assert Sealed.from_json(genuine.to_json(Purpose.ACT), Purpose.ACT) == genuine
    for given in (None, "Approved", [], {}, {"act": 1, "key": "k", "seal": "s"}, genuine.to_json(Purpose.INPUT)):
        assert Sealed.from_json(given, Purpose.ACT) is None
