# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The region's include gets into whatever a customer has, and nothing of the customer's gets lost."""

from __future__ import annotations

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf import is_spf, parse, parse_term
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf_merge import merge, merge_txt

hypothesis = pytest.importorskip("hypothesis", reason="the laws of merging are tested with generated records")
from hypothesis import given, settings
from hypothesis import strategies as st

EU = "eu._netblocks.mimecast.com"
OURS = "include:" + EU
LONG = " ".join("ip4:192.0.2.{0}".format(number) for number in range(30))

# what the customer has -> what is published then, and a word of a note or problem
CASES = {
    None: ("v=spf1 {0} ~all", "a new record"),
    "": ("v=spf1 {0} ~all", "a new record"),
    "v=spf1": ("v=spf1 {0}", "no all"),
    "v=spf1 -all": ("v=spf1 {0} -all", "goes first"),
    "v=spf1 mx include:spf.vendor.example ~all": ("v=spf1 {0} mx include:spf.vendor.example ~all", "goes first"),
    "v=spf1 ?all": ("v=spf1 {0} ?all", "goes first"),
    "v=spf1 +all": ("v=spf1 {0} +all", "lets everybody send"),
    "v=spf1 mx": ("v=spf1 {0} mx", "no all"),
    "v=spf1 mx {0} -all": ("v=spf1 mx {0} -all", ""),
    "v=spf1  mx  include:EU._netblocks.Mimecast.com. -all": ("v=spf1  mx  include:EU._netblocks.Mimecast.com. -all", ""),
    "v=spf1 {0} mx {0} -all": ("v=spf1 {0} mx -all", "there twice"),
    "v=spf1 ?{0} -all": ("v=spf1 {0} -all", "let no mail"),
    "v=spf1 -all {0}": ("v=spf1 {0} -all", "behind all"),
    "v=spf1 -all mx a": ("v=spf1 {0} -all mx a", "mx a has no effect"),
    "v=spf1 redirect=_spf.acme.example": ("v=spf1 {0} redirect=_spf.acme.example", "stays: it is asked when"),
    "v=spf1 mx -all redirect=_spf.acme.example": ("v=spf1 {0} mx -all redirect=_spf.acme.example", "redirect= has no effect"),
    "v=spf1 exists:%{{i}}._spf.%{{d}} -all exp=why.%{{d}}": ("v=spf1 {0} exists:%{{i}}._spf.%{{d}} -all exp=why.%{{d}}", "goes first"),
    "v=spf1 ptr -all": ("v=spf1 {0} ptr -all", "ptr is slow"),
    "v=spf1 include:_netblocks.mimecast.com ~all": ("v=spf1 {0} include:_netblocks.mimecast.com ~all", "costs 7 look-ups"),
    "v=spf1 include:us._netblocks.mimecast.com ~all": ("v=spf1 {0} include:us._netblocks.mimecast.com ~all", "that of region us"),
    "v=spf1 " + LONG + " -all": ("v=spf1 {0} " + LONG + " -all", "over 450"),
    "v=spf1 include:a.example.cominclude:b.example.com ~all": ("v=spf1 {0} include:a.example.cominclude:b.example.com ~all", "space lost"),
    "v=spf1 " + "mx " * 10 + "-all": ("v=spf1 {0} " + "mx " * 10 + "-all", "more than the 10"),
}


@pytest.mark.parametrize("before", CASES)
def test_merge(before: str | None) -> None:
    after, word = CASES[before]
    merged = merge(before and before.format(OURS), EU)
    assert merged.record == after.format(OURS)
    assert word in " ".join(merged.notes + merged.problems)
    assert bool(merged.problems) == (word in ("space lost", "more than the 10"))


def test_what_is_no_spf_record_is_not_touched() -> None:
    merged = merge("v=spf10 -all", EU)
    assert merged.record is None and "is no SPF record" in merged.problems[0]


def test_several_records_are_for_a_person() -> None:
    merged = merge_txt(["v=spf1 mx -all", "other", "v=spf1 a -all"], EU)
    assert merged.record is None and merged.problems == ("there are 2 SPF records, and receivers take none of several: join them into one by hand",)
    assert merge_txt(["other", "v=spf1 a -all"], EU).record == f"v=spf1 {OURS} a -all"
    assert merge_txt(["other"], EU).record == f"v=spf1 {OURS} ~all"


def test_only_what_is_named_is_dropped() -> None:
    merged = merge("v=spf1 include:spf.old.example include:spf.kept.example IP4:192.0.2.1 -all", EU, drop=["SPF.old.example.", "ip4:192.0.2.1", "-all"])
    assert merged.record == f"v=spf1 {OURS} include:spf.kept.example -all"


def test_a_record_that_loses_its_redirect_gets_an_end() -> None:
    assert merge("v=spf1 mx redirect=spf.old.example", EU, drop=["spf.old.example"], all="-all").record == f"v=spf1 {OURS} mx -all"


@pytest.mark.parametrize("before", ["v=spf1 mx -all a", "v=spf1 mx ?all a"])
def test_all_changes_only_when_asked(before: str) -> None:
    assert merge(before, EU, all="~all").record == before.replace("mx", OURS + " mx")
    assert merge(before, EU, all="~all", replace_all=True).record == f"v=spf1 {OURS} mx ~all a"


@pytest.mark.parametrize(("include", "options", "word"), [
    ("not a domain", {}, "no domain"), ("%{d}", {}, "no domain"), ("", {}, "no domain"),
    (EU, {"all": "never"}, "give one of"), (EU, {"drop": [EU.upper()]}, "the include to add"),
])
def test_nonsense_is_an_error(include: str, options: dict, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        merge("v=spf1 -all", include, **options)


DOMAINS = st.sampled_from(["spf.vendor.example", "_netblocks.mimecast.com", EU, EU.upper(), "us._netblocks.mimecast.com", "%{i}.%{d}"])
TERMS = st.one_of(
    st.builds("{0}include:{1}".format, st.sampled_from(["", "+", "-", "~", "?"]), DOMAINS),
    st.builds("{0}all".format, st.sampled_from(["", "+", "-", "~", "?"])),
    st.builds("redirect={0}".format, DOMAINS),
    st.sampled_from(["mx", "a/24", "ptr", "ip4:192.0.2.0/24", "ip6:2001:db8::/32", "exists:%{i}.x.example", "exp=e.example", "x=y", "?a:b.example"]),
    st.just("broken:/"),
)
RECORDS = st.none() | st.builds("{0} {1}".format, st.sampled_from(["v=spf1", "V=SPF1"]), st.lists(TERMS, max_size=12).map(" ".join))
OPTIONS = st.fixed_dictionaries({
    "all": st.sampled_from(["~all", "-all"]),
    "replace_all": st.booleans(),
    "drop": st.lists(st.sampled_from(["spf.vendor.example", "_netblocks.mimecast.com", "mx"])),
})


def own(text: str | None) -> list[str]:
    """The customer's terms: all but our include."""
    return [term.text for term in parse(text).terms if not (term.name == "include" and term.domain == EU)] if text else []


@settings(max_examples=400, deadline=None)
@given(RECORDS, OPTIONS)
def test_merging_twice_is_merging_once(before: str | None, options: dict) -> None:
    once = merge(before, EU, **options)
    twice = merge(once.record, EU, **options)
    assert twice.record == once.record and twice.problems == once.problems


@settings(max_examples=400, deadline=None)
@given(RECORDS.filter(bool))
def test_nothing_is_lost_and_the_order_stays(before: str) -> None:
    after = merge(before, EU).record
    assert own(after) == own(before)


@settings(max_examples=400, deadline=None)
@given(RECORDS, OPTIONS)
def test_the_include_is_alive_and_there_once(before: str | None, options: dict) -> None:
    after = merge(before, EU, **options).record
    assert is_spf(after)
    ours = [term for term in parse(after).terms if term.name == "include" and term.domain == EU]
    assert [term.qualifier for term in ours] == ["+"] and ours[0] in parse(after).active


@settings(max_examples=400, deadline=None)
@given(RECORDS, OPTIONS)
def test_dropped_terms_are_gone_and_the_others_are_not(before: str | None, options: dict) -> None:
    after = own(merge(before, EU, **{**options, "replace_all": False}).record)
    unwanted = set(options["drop"])
    terms = [parse_term(text) for text in own(before)]
    kept = [term.text for term in terms if term.text not in unwanted and not (term.name in ("include", "redirect") and term.domain in unwanted)]
    assert after[:len(kept)] == kept and after[len(kept):] in ([], [options["all"]])
