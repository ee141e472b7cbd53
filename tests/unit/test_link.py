"""Links are taken to the character or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.link import link_fault


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example",
        "https://x.example/",
        "HTTPS://Files.Example.COM/A.pdf",
        "https://x.example:443/a",
        "https://x.example/a%20b?version=2&x[]=1#page=3",
        "https://x.example/a@b?to=c@d",
        "https://xn--mller-kva.example/%C3%A4",
        "https://[::1]:8443/a",
        "https://192.0.2.7/a",
        "https://x.example./a/../b//c;d",
        "https://x.example/100%",
    ],
)
def test_a_link_that_is_plain_is_taken(url):
    """However it is written: that is the author's own matter."""
    assert link_fault(url) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https:h", "It does not begin with https://."),
        ("https:/h", "It does not begin with https://."),
        ("http://x.example/", "It does not begin with https://."),
        ("javascript:alert(1)", "It does not begin with https://."),
        ("//x.example/", "It does not begin with https://."),
        ("", "It does not begin with https://."),
        ("https://", "It has no host after https://."),
        ("https:///h", "It has no host after https://."),
        ("https://?h", "It has no host after https://."),
        ("https://x.example/a\tb", "Character 20 is U+0009 TAB. Take it out."),
        ("https://x.exa\nmple/", "Character 14 is U+000A LINE FEED."),
        ("https://x.example/a b", "Character 20 is U+0020 SPACE. Write it as %20."),
        ("https://x.example/ä", "Character 19 is U+00E4 LATIN SMALL LETTER A WITH DIAERESIS. Write it as %C3%A4."),
        ("https://x.example/\u202efdp.exe", "Character 19 is U+202E RIGHT-TO-LEFT OVERRIDE. Take it out."),
        ("https://x.example/\u200b", "Character 19 is U+200B ZERO WIDTH SPACE. Take it out."),
        ("https://müller.example/",
         "Character 10 is U+00FC LATIN SMALL LETTER U WITH DIAERESIS. Write the host as xn--mller-kva.example."),
        ("https://\u0430pple.example/",
         "Character 9 is U+0430 CYRILLIC SMALL LETTER A. Write the host as xn--pple-43d.example."),
        ("https://x.exam\u200bple/", "Character 15 is U+200B ZERO WIDTH SPACE."),
        ("https://x\\@evil.example/", "Character 10 is “\\” (U+005C REVERSE SOLIDUS). Write it as %5C."),
        ('https://x.example/"onclick=', 'Character 19 is “"” (U+0022 QUOTATION MARK). Write it as %22.'),
        ("https://exa%6dple.example/", "“exa%6dple.example” is no host."),
        ("https://x..example/", "“x..example” is no host."),
        ("https://x.example:99999/", "“x.example:99999” is no host."),
        ("https://x.example:/", "“x.example:” is no host."),
        ("https://999.1.1.1/", "“999.1.1.1” is no host."),
        ("https://" + "a" * 600,
         "“aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…” is no host."),
        ("https://x.example/a/b c", "Character 22 is U+0020 SPACE. Write it as %20."),
        ("https://x.example/ä/ö", "Character 19 is U+00E4 LATIN SMALL LETTER A WITH DIAERESIS. Write it as %C3%A4."),
        ("https://x.example/<b>", "Character 19 is “<” (U+003C LESS-THAN SIGN). Write it as %3C."),
        ("https://x.example/a^b", "Character 20 is “^” (U+005E CIRCUMFLEX ACCENT). Write it as %5E."),
        ("https://ä", "Character 9 is U+00E4 LATIN SMALL LETTER A WITH DIAERESIS. Write the host as xn--4ca."),
        ("https://m\u00fcller/x",
         "Character 10 is U+00FC LATIN SMALL LETTER U WITH DIAERESIS. Write the host as xn--mller-kva."),
    ],
)  # fmt: skip
def test_a_link_that_a_reader_would_rewrite_is_refused(url, why):
    """What a browser mends in silence leads elsewhere than people read; the answer says what is wrong, and where."""
    assert link_fault(url) == ("not-an-https-link", why)


@pytest.mark.parametrize(
    "url", ["https://u@x.example/", "https://u:p@x.example", "https://@x.example/", "https://a@b@c/"]
)
def test_a_link_with_user_information_is_refused(url):
    """Everybody who sees the case would see it, and it can pose as the host."""
    fault = link_fault(url)
    assert fault.code == "link-with-password"
    assert f"Character {url.rindex('@') + 1} is “@”" in fault.reason


def test_the_length_of_a_link_is_counted_in_characters():
    """2,048 are taken, one more is not."""
    longest = "https://x.example/".ljust(2_048, "a")
    assert link_fault(longest) is None
    assert link_fault(longest + "a") == ("too-long", "It has more than 2,048 characters.")


def test_blanks_that_were_cut_off_count_in_a_place():
    """The author counts in the text that was sent."""
    assert "Character 22 is U+0020" in link_fault("https://x.example/a b", before=2).reason
    assert "Character 12 is “@”" in link_fault("https://u@x.example/", before=2).reason


@given(st.text(max_size=40).map("https://".__add__) | st.text(max_size=40))
def test_any_text_is_a_link_as_it_stands_or_refused(url):
    """Nothing raises; a link that is taken is visible ASCII from end to end."""
    fault = link_fault(url)
    assert fault.reason.endswith(".") if fault else all("!" <= char <= "~" for char in url)
