"""Seals that the app makes, and what a rotation of keys does to them."""

import base64

import pytest

from adapters import sealing, settings
from approval.seals import Purpose, is_genuine
from service.errors import InvalidSetting, MissingSetting

FIRST, SECOND = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
ACT = '{"act":"approve","by":{"name":"Zoë"}}'


def public(seed):
    """The public key of a private one."""
    return sealing.public_key_of(base64.b64decode(seed))


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    """The present and the former keys are set like this."""

    def are(present=f"2026-11:{FIRST}", former=""):
        for name, value in (("SEAL_KEY", present), ("SEAL_PUBLIC_KEYS", former)):
            if value:
                monkeypatch.setenv(name, value)
            else:
                monkeypatch.delenv(name, raising=False)

    are()
    return are


def test_what_the_app_has_sealed_is_genuine():
    """To whoever has the public key, for that purpose and that very text."""
    sealed = sealing.seal(ACT, Purpose.ACT)
    assert is_genuine(sealed, Purpose.ACT, sealing.act_keys())
    assert sealed.to_json(Purpose.ACT)["key"] == "2026-11"


def test_a_text_of_the_greatest_length_is_genuine():
    """One character more is not looked at, whatever its seal."""
    longest, longer = (sealing.seal(ACT.ljust(length), Purpose.INPUT) for length in (262_144, 262_145))
    assert is_genuine(longest, Purpose.INPUT, sealing.input_keys())
    assert not is_genuine(longer, Purpose.INPUT, sealing.input_keys())


def test_a_seal_for_an_input_is_none_for_an_act():
    """The purpose is part of what is signed."""
    sealed = sealing.seal(ACT, Purpose.INPUT)
    assert not is_genuine(sealed, Purpose.ACT, sealing.act_keys())
    assert is_genuine(sealed, Purpose.INPUT, sealing.input_keys())


def test_another_key_of_the_same_name_is_not_believed(keys):
    """The name says which key to try, and nothing else."""
    sealed = sealing.seal(ACT, Purpose.ACT)
    keys(f"2026-11:{SECOND}")
    assert not is_genuine(sealed, Purpose.ACT, sealing.act_keys())


def test_an_act_counts_by_a_former_key_as_long_as_that_is_named(keys):
    """A rotation in the middle of a case loses no act; a key that is no longer named is worth nothing."""
    sealed = sealing.seal(ACT, Purpose.ACT)
    keys(f"2026-12:{SECOND}", f"2026-11:{public(FIRST)}")
    assert is_genuine(sealed, Purpose.ACT, sealing.act_keys())
    keys(f"2026-12:{SECOND}")
    assert not is_genuine(sealed, Purpose.ACT, sealing.act_keys())


def test_a_retired_key_verifies_inputs_only(keys):
    """Cases that were started under it stay cases, and no act counts by it."""
    act, given = sealing.seal(ACT, Purpose.ACT), sealing.seal("{}", Purpose.INPUT)
    keys(f"2026-12:{SECOND}", f"2026-11:{public(FIRST)}:retired")
    assert set(sealing.act_keys()) == {"2026-12"}
    assert not is_genuine(act, Purpose.ACT, sealing.act_keys())
    assert is_genuine(given, Purpose.INPUT, sealing.input_keys())


def test_without_a_key_nothing_is_sealed_and_the_setting_is_named(keys):
    """503, and former inputs can still be read."""
    keys("", f"2026-10:{public(FIRST)}")
    with pytest.raises(MissingSetting, match="SEAL_KEY is missing"):
        sealing.seal(ACT, Purpose.ACT)
    assert set(sealing.input_keys()) == {"2026-10"}


@pytest.mark.parametrize("suffix", ["", ":retired"])
def test_two_keys_of_one_name_are_refused(keys, suffix):
    """Otherwise nobody could verify what is signed now."""
    keys(f"2026-11:{FIRST}", f"2026-11:{public(SECOND)}{suffix}")
    with pytest.raises(InvalidSetting, match="SEAL_PUBLIC_KEYS"):
        sealing.seal(ACT, Purpose.ACT)


def test_the_present_key_may_be_named_too(keys):
    """So a new public key can be given out before it signs."""
    keys(f"2026-11:{FIRST}", f"2026-11:{public(FIRST)}")
    assert set(sealing.act_keys()) == {"2026-11"}


@pytest.mark.parametrize(
    "given", ["canary", "2026-11:canary", f"2026-11:{FIRST}A", f":{FIRST}", f"a b:{FIRST}", f"2026-11:{FIRST}:retired"]
)
def test_a_key_of_another_form_is_refused_and_not_quoted(keys, given):
    """The error names the setting and the right form."""
    keys(given)
    with pytest.raises(InvalidSetting, match="SEAL_KEY is not usable") as refused:
        sealing.seal(ACT, Purpose.ACT)
    assert "canary" not in str(refused.value)
    assert FIRST not in str(refused.value)


def test_a_key_shows_itself_to_nobody():
    """Not in a traceback that prints values either."""
    assert FIRST not in repr(settings.seal_key())
    assert repr(base64.b64decode(FIRST)) not in repr(settings.seal_key())


def test_a_level_that_opened_while_the_new_key_was_named_takes_acts_by_both(keys):
    """A rotation step by step: named first, then sealing, so no act on an open level is lost."""
    keys(f"2026-11:{FIRST}", f"2026-12:{public(SECOND)}")
    at_opening, before = sealing.act_keys(), sealing.seal(ACT, Purpose.ACT)
    keys(f"2026-12:{SECOND}", f"2026-11:{public(FIRST)}")
    after = sealing.seal(ACT, Purpose.ACT)
    assert (before.key, after.key) == ("2026-11", "2026-12")
    assert is_genuine(before, Purpose.ACT, at_opening)
    assert is_genuine(after, Purpose.ACT, at_opening)


def test_a_key_that_was_not_named_when_a_level_opened_counts_for_nothing_there(keys):
    """Until the level is escalated: this is why it is named first."""
    at_opening = sealing.act_keys()
    keys(f"2026-12:{SECOND}", f"2026-11:{public(FIRST)}")
    assert not is_genuine(sealing.seal(ACT, Purpose.ACT), Purpose.ACT, at_opening)


def test_a_level_that_opened_when_the_next_key_was_named_takes_acts_by_it(keys):
    """The public key is named first, and the app seals with it later; a level that opened before takes none."""
    before = sealing.act_keys()
    keys(former=f"2026-12:{public(SECOND)}")
    named = sealing.act_keys()
    keys(present=f"2026-12:{SECOND}", former=f"2026-11:{public(FIRST)}")
    assert is_genuine(sealing.seal(ACT, Purpose.ACT), Purpose.ACT, named)
    sealing.check_counts_by(named)
    sealing.check_counts_by({})
    with pytest.raises(InvalidSetting):
        sealing.check_counts_by(before)
