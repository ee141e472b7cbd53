"""How much money: to the digit, or refused with what to write."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.amount import ambiguity, read_amount
from approval.text import Fault
from service.body import read_body

RULE = "Write the digits without anything between the thousands, and a point before the decimals."
COMMA, POINT = "“,” (U+002C COMMA)", "“.” (U+002E FULL STOP)"
ONLY = "Only the digits 0 to 9 and one point can stand in an amount."
ascii_amounts = st.from_regex(r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,3}0{0,17})?", fullmatch=True)


def sent(number):
    """The amount that is read from a body with this JSON in it."""
    return read_amount(read_body(f'{{"amount": {number}}}'.encode())["amount"])


@pytest.mark.parametrize("digits", ["1850000.00", "1.850", "0.10", "0", "0.000", "999999999999.999", "1." + 20 * "0"])
def test_a_json_number_is_kept_to_the_digit(digits):
    """Zeros behind the point are digits too."""
    assert sent(digits) == digits


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("1e3", "1000"),
        ("1.85E7", "18500000"),
        ("1850e-3", "1.850"),
        ("1.0e+1", "10"),
        ("1.0001e3", "1000.1"),
        ("0e5", "0"),
        ("0e308", "0"),
    ],
)
def test_an_exponent_is_written_out(number, digits):
    """Some programs write 18,500,000 as 1.85E7; its digits are known."""
    assert sent(number) == digits


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("0.10000000000000000001", "It has more than 3 decimals."),
        ("0.0001", "It has more than 3 decimals."),
        ("1e-4", "It has more than 3 decimals."),
        ("1.000000000000000000000", "It has more than 3 decimals."),
        ("1e12", "It has more than 12 digits before the point."),
        ("1e300", "It has more than 12 digits before the point."),
        ("1" + "0" * 4_000, "It has more than 12 digits."),
        ("1e-999999999", "Its exponent is more than 999."),
        ("0e999999999", "Its exponent is more than 999."),
        ("-0", "Character 1 is “-” (U+002D HYPHEN-MINUS), and an amount has no sign."),
        ("-0.0", "Character 1 is “-” (U+002D HYPHEN-MINUS), and an amount has no sign."),
        ("-5", "Character 1 is “-” (U+002D HYPHEN-MINUS), and an amount has no sign."),
        ("true", "It is neither a number nor a text."),
        ("[5]", "It is neither a number nor a text."),
        ('{"value": 5}', "It is neither a number nor a text."),
        ("-1e3", "Character 1 is “-” (U+002D HYPHEN-MINUS), and an amount has no sign."),
        ("null", "It is neither a number nor a text."),
        ("1e-1000", "Its exponent is more than 999."),
        ("0." + "0" * 21, "It has more than 3 decimals."),
        ("1000000000000.5", "It has more than 12 digits before the point."),
    ],
)
def test_a_json_number_that_would_lose_something_is_refused(number, why):
    """Nothing is rounded, no sign is dropped, and no exponent makes the reader write out millions of digits."""
    assert sent(number) == Fault("not-an-amount", why)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("\u0661\u0662", f"Character 1 is U+0661 ARABIC-INDIC DIGIT ONE. {ONLY}"),
        ("1\uff15", f"Character 2 is U+FF15 FULLWIDTH DIGIT FIVE. {ONLY}"),
        ("\u22125", f"Character 1 is U+2212 MINUS SIGN. {ONLY}"),
        (" -5", "Character 2 is “-” (U+002D HYPHEN-MINUS), and an amount has no sign."),
        ("+5", f"Character 1 is “+” (U+002B PLUS SIGN). {ONLY}"),
        ("5\u200b", f"Character 2 is U+200B ZERO WIDTH SPACE. {ONLY}"),
        ("\ufeff5", f"Character 1 is U+FEFF ZERO WIDTH NO-BREAK SPACE. {ONLY}"),
        ("1e3", f"Character 2 is “e” (U+0065 LATIN SMALL LETTER E). {ONLY}"),
        ("5 EUR", f"Character 3 is “E” (U+0045 LATIN CAPITAL LETTER E). {ONLY}"),
        ("€5", f"Character 1 is U+20AC EURO SIGN. {ONLY}"),
        ("NaN", f"Character 1 is “N” (U+004E LATIN CAPITAL LETTER N). {ONLY}"),
        ("007", "It begins with a zero that says nothing."),
        (".5", "It has no digit before the point."),
        ("5.", "It has no digit behind the point."),
        ("", "It is empty."),
        ("  ", "It is empty."),
        ("1234567890123", "It has more than 12 digits before the point."),
        ("0.1234", "It has more than 3 decimals."),
        ("00", "It begins with a zero that says nothing."),
        ("00.5", "It begins with a zero that says nothing."),
        (" 5 EUR", f"Character 4 is “E” (U+0045 LATIN CAPITAL LETTER E). {ONLY}"),
        ("12345678901234", "It has more than 12 digits before the point."),
        ("-", "Character 1 is “-” (U+002D HYPHEN-MINUS), and an amount has no sign."),
        ("1.0000001", "It has more than 3 decimals."),
        ("9999999999999", "It has more than 12 digits before the point."),
    ],
)
def test_a_text_that_is_no_amount_is_refused_with_character_and_place(text, why):
    """Separators, other scripts' digits and what hides between them are named; blanks around count as places."""
    assert read_amount(text) == Fault("not-an-amount", why)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1,850", f"{COMMA} at character 2. {RULE}"),
        (
            "1.234.567,89",
            f'{POINT} at characters 2 and 6, {COMMA} at character 10. Write "1234567.89", if that is meant.',
        ),
        ("1,234,567", f'{COMMA} at characters 2 and 6. Write "1234567", if that is meant.'),
        (
            "1'234.50",
            f'“\'” (U+0027 APOSTROPHE) at character 2, {POINT} at character 6. Write "1234.50", if that is meant.',
        ),
        (" 1 850 000", 'U+0020 SPACE at characters 3 and 7. Write "1850000", if that is meant.'),
        (
            "1\u202f850,50",
            f'U+202F NARROW NO-BREAK SPACE at character 2, {COMMA} at character 6. Write "1850.50", if that is meant.',
        ),
        ("1\u066c850", 'U+066C ARABIC THOUSANDS SEPARATOR at character 2. Write "1850", if that is meant.'),
        ("1,5", f"{COMMA} at character 2. {RULE}"),
        ("12,34,567", f"{COMMA} at characters 3 and 6. {RULE}"),
        ("1.2.3", f"{POINT} at characters 2 and 4. {RULE}"),
        ("1,234.5", f'{COMMA} at character 2, {POINT} at character 6. Write "1234.5", if that is meant.'),
        ("1,234.56.7", f"{COMMA} at character 2, {POINT} at characters 6 and 9. {RULE}"),
        ("1234,567", f"{COMMA} at character 5. {RULE}"),
        ("1234,567,890", f"{COMMA} at characters 5 and 9. {RULE}"),
        ("12.345,6", f'{POINT} at character 3, {COMMA} at character 7. Write "12345.6", if that is meant.'),
        (
            "123,456,789.01",
            f'{COMMA} at characters 4 and 8, {POINT} at character 12. Write "123456789.01", if that is meant.',
        ),
        ("1 850", 'U+0020 SPACE at character 2. Write "1850", if that is meant.'),
        (",850", f"{COMMA} at character 1. {RULE}"),
        ("1,,850", f"{COMMA} at characters 2 and 3. {RULE}"),
        ("1,850,00", f"{COMMA} at characters 2 and 6. {RULE}"),
        ("1.234.567", f'{POINT} at characters 2 and 6. Write "1234567", if that is meant.'),
        ("1,2345", f"{COMMA} at character 2. {RULE}"),
        ("1234567,89", f"{COMMA} at character 8. {RULE}"),
        ("1,234,567.89.1", f"{COMMA} at characters 2 and 6, {POINT} at characters 10 and 13. {RULE}"),
        ("123456,789.5", f"{COMMA} at character 7, {POINT} at character 11. {RULE}"),
        ("1\u00a0850", 'U+00A0 NO-BREAK SPACE at character 2. Write "1850", if that is meant.'),
    ],
)
def test_separators_are_named_and_left_out_where_there_is_no_doubt(text, why):
    """A comma or point before the last digits may begin decimals, so nothing is proposed for one alone."""
    assert read_amount(text) == Fault("not-an-amount", f"It has separators: {why}")


@pytest.mark.parametrize(
    ("text", "currency", "write"),
    [
        ("1.850", "EUR", 'Write "1850" if it parts thousands, or "1.85" if it begins decimals.'),
        (" 12.300 ", "USD", 'Write "12300" if it parts thousands, or "12.3" if it begins decimals.'),
        ("1.000", "GBP", 'Write "1000" if it parts thousands, or "1" if it begins decimals.'),
        ("1.234", "EUR", 'Write "1234" if it parts thousands, or the JSON number 1.234 if it begins decimals.'),
        ("1.850", "JPY", 'Write "1850" if it parts thousands; JPY has no decimals.'),
        ("1.850", "XYZ", 'Write "1850"'),
    ],
)
def test_a_text_that_could_be_two_amounts_is_refused_with_both(text, currency, write):
    """A point before exactly three digits parts thousands in half of Europe."""
    refused = ambiguity(text, currency)
    assert refused.code == "ambiguous"
    assert f"Character {text.index('.') + 1} is “.”" in refused.reason
    assert write in refused.reason


@pytest.mark.parametrize(
    ("value", "currency"),
    [
        ("1.850", "BHD"),
        ("1.850", "KWD"),
        ("1850.000", "EUR"),
        ("0.850", "EUR"),
        ("1.85", "EUR"),
        ("1.8500", "EUR"),
        ("1850", "JPY"),
        (read_body(b"1.850"), "EUR"),
        (1.234, "EUR"),
        (5, "EUR"),
        (None, "EUR"),
    ],
)
def test_what_can_be_read_in_one_way_only_is_not_ambiguous(value, currency):
    """Three decimals are right in Bahrain; JSON itself says what a number's point means."""
    assert ambiguity(value, currency) is None


@given(ascii_amounts)
def test_an_amount_is_what_was_sent_to_the_digit(digits):
    """As a number and as a text, with blanks around it or not."""
    assert sent(digits) == digits
    assert read_amount(digits) == digits
    assert read_amount(f" {digits}\n") == digits


@given(
    st.text(st.sampled_from("0123456789.,'- \u202f\u0665\uff15\u2212\u200beE+_"), max_size=16) | st.text(max_size=20)
)
def test_any_text_is_kept_to_the_digit_or_refused_with_a_reason(text):
    """Nothing raises; what is taken is ASCII and is in the text as it was sent."""
    read = read_amount(text)
    if isinstance(read, Fault):
        assert read.reason.endswith(".")
    else:
        assert text.strip() == read
        assert read.isascii()
        assert Decimal(read) >= 0


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.decimals(-100, 10**13, places=3))
def test_any_json_number_is_kept_exactly_or_refused(number):
    """The text says the same number, compared as decimals."""
    digits = str(number)
    read = sent(digits)
    if not isinstance(read, Fault):
        assert Decimal(read) == Decimal(digits)
        assert "e" in digits or "E" in digits or read == digits


def test_a_number_of_the_programs_own_is_read_by_its_shortest_digits():
    """A float that was not read from a body has no digits of its own."""
    assert (read_amount(0.1), read_amount(float("nan")).code) == ("0.1", "not-an-amount")


def test_a_number_of_hundreds_of_digits_is_not_written_out():
    """Forty digits are, so the refusal says that they stand before the point."""
    assert read_amount(10**40 - 1).reason == "It has more than 12 digits before the point."
    assert read_amount(10**40).reason == "It has more than 12 digits."
