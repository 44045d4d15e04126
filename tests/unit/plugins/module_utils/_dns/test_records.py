# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a domain's records have to become: laws that hold for whatever is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._dns.records import Found, Mx, Planned, RRset, Wish, plan, txt
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf import is_spf, join

hypothesis = pytest.importorskip("hypothesis", reason="the laws are tested with generated records")
from hypothesis import given
from hypothesis import strategies as st

HOSTS = ("mx1.service.example", "mx2.service.example")
WISH = Wish(
    "acme.test", mx_hosts=HOSTS, mx_replace=True, spf_include="spf.service.example", token="1a2b3c", dkim_name="s1._domainkey.acme.test",
    dkim_text="v=DKIM1; k=rsa; p=QUJD", dkim_replace=True)
MX, TXT, DKIM = WISH.keys

TTLS = st.integers(0, 86400)
STRINGS = st.lists(st.binary(max_size=20), min_size=1, max_size=3).map(tuple)
SPF = st.sampled_from(["v=spf1 -all", "v=spf1 mx include:x.example ~all", "v=spf1 ip4:192.0.2.1", "v=spf1 include:spf.service.example -all"]).map(txt)
OTHERS = st.lists(STRINGS.filter(lambda value: not is_spf(join(value))), max_size=4)
TEXTS = st.builds(lambda others, spf: [*others, *spf], OTHERS, st.lists(SPF, max_size=1))
MXS = st.lists(st.builds(Mx, st.integers(0, 65535), st.sampled_from([*HOSTS, "mx.old.example", "."])), max_size=4)
FOUND = st.fixed_dictionaries({
    MX: st.builds(lambda values, ttl: found(MX, values, ttl), MXS, TTLS),
    TXT: st.builds(lambda values, ttl: found(TXT, values, ttl), TEXTS, TTLS),
    DKIM: st.builds(lambda values, ttl: found(DKIM, values, ttl), OTHERS, TTLS),
})


def found(key: tuple[str, str], values: list[Any], ttl: int = 300) -> Found:
    return Found(RRset(*key, ttl, tuple(sorted(set(values)))) if values else None)


def planned(wish: Wish, there: dict[Any, Found]) -> Planned:
    return plan(wish, there, lambda text: ([], []))


def after(wish: Wish, there: dict[Any, Found]) -> dict[Any, Found]:
    """The DNS after the plan was carried out."""
    return {**there, **{change.key: Found(change.after) for change in planned(wish, there).changes}}


@given(FOUND)
def test_a_second_plan_is_empty(there: dict[Any, Found]) -> None:
    again = planned(WISH, after(WISH, there))
    assert again.changes == [] and all(one.present for one in again.records)
    assert [one.part for one in again.records] == ["mx", "mx", "spf", "verification", "dkim"]


@given(FOUND)
def test_nothing_of_the_customer_is_lost(there: dict[Any, Found]) -> None:
    before, now = there[TXT].rrset, after(WISH, there)[TXT].rrset
    kept = [value for value in (before.values if before else ()) if not is_spf(join(value))]
    assert now is not None and set(kept) <= set(now.values) and len(now.values) - len(kept) <= 2
    assert sum(is_spf(join(value)) for value in now.values) == 1


@given(FOUND)
def test_ttls_stay_and_new_ones_are_as_asked(there: dict[Any, Found]) -> None:
    for key, one in after(replace(WISH, ttl=77), there).items():
        before = there[key].rrset
        assert one.rrset is not None and one.rrset.ttl == (before.ttl if before else 77)


@given(FOUND)
def test_mx_records_are_the_hosts_with_one_preference(there: dict[Any, Found]) -> None:
    now = after(WISH, there)[MX].rrset
    assert now is not None and {value.host for value in now.values} == set(HOSTS) and len(now.values) == 2
    assert len({value.preference for value in now.values}) == 1


@given(FOUND)
def test_removed_and_added_make_the_difference(there: dict[Any, Found]) -> None:
    for change in planned(WISH, there).changes:
        before = set(change.before.values) if change.before else set()
        assert (before - set(change.removed)) | set(change.added) == set(change.after.values)
        assert set(change.kept) == before & set(change.after.values) and (change.removed or change.added)


@given(FOUND)
def test_without_a_word_to_replace_others_are_a_problem(there: dict[Any, Found]) -> None:
    result = planned(replace(WISH, mx_replace=False, dkim_replace=False), there)
    other_mx = there[MX].rrset is not None and any(value.host not in HOSTS for value in there[MX].rrset.values)
    assert any("mx=replace" in problem for problem in result.problems) is other_mx
    assert any("dkim_replace" in problem for problem in result.problems) is (there[DKIM].rrset is not None)


def test_a_part_that_is_not_asked_for_is_not_touched() -> None:
    there = {TXT: found(TXT, [txt("v=spf1 -all"), txt("other")])}
    result = planned(Wish("acme.test", token="1a2b3c"), there)
    assert [change.added for change in result.changes] == [(txt("1a2b3c"),)] and result.changes[0].removed == ()


@pytest.mark.parametrize("there", ["v=DKIM1; k=rsa; p=QUJD", "v=DKIM1;p=QU JD;", "k=RSA; t=s; p=QUJD"])
def test_the_same_key_in_other_words_is_the_same(there: str) -> None:
    wish = replace(WISH, mx_hosts=(), spf_include="", token="")
    assert planned(wish, {DKIM: found(DKIM, [txt(there)])}).changes == []


def test_beside_an_alias_nothing_is_added() -> None:
    wish = replace(WISH, mx_hosts=(), spf_include="", token="")
    there = Found(None, "keys.vendor.test")
    assert "is an alias of keys.vendor.test" in planned(wish, {DKIM: there}).problems[0]
    at_target = Found(RRset(*DKIM, 300, (txt(WISH.dkim_text),)), "keys.vendor.test")
    assert planned(wish, {DKIM: at_target}).problems == []
