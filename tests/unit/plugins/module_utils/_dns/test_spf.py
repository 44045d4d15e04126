# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SPF records read and written back."""

from __future__ import annotations

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf import is_spf, join, parse, split

hypothesis = pytest.importorskip("hypothesis", reason="the parser is tested with generated records")
from hypothesis import given
from hypothesis import strategies as st

VALID = [
    "v=spf1 -all",
    "V=SPF1 MX Include:Example.COM ~ALL",
    "v=spf1 a:a.example.com/24//64 mx/30 mx//96 a/0 ?ptr ptr:example.com",
    "v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ip6:::1 +all",
    "v=spf1 exists:%{i}._spf.%{d2r-} include:%{ir}.%{v}._spf.%{d} redirect=_spf.%{o}",
    "v=spf1 exp=explain._spf.%{d} unknown=any%%thing -all",
    "v=spf1 include:_spf.example.com. -all",
    "v=spf1",
]
INVALID = {
    "inlcude:example.com": "no mechanism inlcude",
    "include": "domain is missing",
    "include:": "domain is missing",
    "include:192.0.2.1": "not an address",
    "include:a.example.cominclude:b.example.com": "was a space lost",
    "include:spf.example.com~all": "was a space lost",
    "include:a..b": "is no domain",
    "exists": "domain is missing",
    "exists:%{x}": "macro that SPF does not know",
    "a:%{d": "macro that SPF does not know",
    "all:x": "takes no value",
    "a/33": "at most /32",
    "mx//129": "at most /32 or //128",
    "ip4:192.0.2": "takes an address or network",
    "ip4:2001:db8::1": "takes an address or network",
    "ip4:192.0.2.0/33": "takes an address or network",
    "ip4:192.0.2.0/255.255.255.0": "prefix is a number",
    "ip6:192.0.2.1": "takes an address or network",
    "redirect=": "domain is missing",
    "192.0.2.1": "no term of SPF",
    "include:a.example.com\tmx": "character or macro",
    "-": "no term of SPF",
}


@pytest.mark.parametrize("text", VALID)
def test_a_valid_record_comes_back_as_it_was(text: str) -> None:
    assert str(parse(text)) == text
    assert parse(text).problems() == []


@pytest.mark.parametrize("term", INVALID)
def test_an_invalid_term_says_why_and_stays(term: str) -> None:
    record = parse("v=spf1 {0} -all".format(term))
    assert str(record) == "v=spf1 {0} -all".format(term)
    [problem] = record.problems()
    assert INVALID[term] in problem and repr(term) in problem


@pytest.mark.parametrize("text", ["", "v=spf10 -all", "v=spf1-all", " v=spf1 -all", "spf2.0/pra -all", '"v=spf1 -all"'])
def test_other_texts_are_no_spf(text: str) -> None:
    assert not is_spf(text)
    with pytest.raises(ValueError, match="does not begin with v=spf1"):
        parse(text)


def test_what_counts() -> None:
    record = parse("v=spf1 include:a.example.com mx -all ptr redirect=b.example.com")
    assert [term.text for term in record.active] == ["include:a.example.com", "mx", "-all"]
    assert [term.text for term in record.asking] == ["include:a.example.com", "mx"]
    assert record.redirect is None and record.all.qualifier == "-"
    assert [term.text for term in parse("v=spf1 a redirect=b.example.com").asking] == ["a", "redirect=b.example.com"]
    assert parse("v=spf1 redirect=a.example redirect=b.example").problems() == ["redirect= may be there only once"]


def test_strings_join_without_a_space() -> None:
    assert join([b"v=spf1 include:a.exam", b"ple.com ~all"]) == "v=spf1 include:a.example.com ~all"


@given(st.text(max_size=700))
def test_split_loses_nothing_and_no_string_is_too_long(text: str) -> None:
    parts = [part.encode("utf-8") for part in split(text)]
    assert join(parts) == text
    assert all(len(part) <= 255 for part in parts)


@given(st.text(max_size=80) | st.from_regex(r"[+?~-]?[a-z0-9]{1,8}[:=/]?[%{}a-z0-9.:/_=-]{0,30}", fullmatch=True))
def test_no_text_breaks_the_parser(text: str) -> None:
    record = parse("v=spf1 " + text)
    assert str(record) == " ".join(word for word in ("v=spf1 " + text).split(" ") if word)
    assert isinstance(record.problems(), list)
    for term in record.terms:
        assert term.problem or term.name not in ("ip4", "ip6") or term.network is not None
