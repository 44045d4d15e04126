# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The region's include put into the SPF record that a customer has, without breaking what else stands there.

Where it goes: first, as the steps of Connect say. Every mechanism before an all is looked at, so any such place authorises
the same servers; but after Connect nearly all mail comes from the service, a receiver stops at the first match, and so it
then never meets the look-ups, time-outs and mistakes of the includes behind it. redirect= is used only where no mechanism
matches, wherever it stands, so an include beside it works as well. Behind an all an include would be dead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Iterable, List, Optional, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import GLOBAL_SPF_INCLUDE, GLOBAL_SPF_REGIONS, REGIONS
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf import LOOKUP_LIMIT, STRING_LIMIT, Record, Term, is_spf, parse, parse_term

ALL_TERMS = ("-all", "~all", "?all", "+all", "all")
SIZE_LIMIT = 450  # bytes; with more, answers may outgrow 512-byte messages (RFC 7208 3.4)


@dataclass(frozen=True)
class Merged:
    """record: the text to publish, None where none can be made; notes: what was done and what is worth knowing.

    problems: why receivers would refuse the record; while there are any, a person has to decide and nothing should be published.
    """

    record: Optional[str]
    notes: Tuple[str, ...] = ()
    problems: Tuple[str, ...] = ()


def merge_txt(texts: Iterable[str], include: str, *, all: str = "~all", replace_all: bool = False, drop: Iterable[str] = ()) -> Merged:
    """merge for all TXT records of a domain, of which none or one may be SPF: two make receivers refuse both (RFC 7208 4.5)."""
    found = [text for text in texts if is_spf(text)]
    if len(found) > 1:
        return Merged(None, (), ("there are {0} SPF records, and receivers take none of several: join them into one by hand".format(len(found)),))
    return merge(found[0] if found else None, include, all=all, replace_all=replace_all, drop=drop)


def merge(record: Optional[str], include: str, *, all: str = "~all", replace_all: bool = False, drop: Iterable[str] = ()) -> Merged:
    """The record with ``include:<include>`` in it, effective and once; merging the result again changes nothing.

    all: the end of a record that is new, or that loses its redirect= to drop; an existing one is kept unless replace_all.
    drop: domains of includes (or redirect=), or whole terms, that the customer no longer wants. Nothing else is lost and the
    order is kept. ValueError if include, all or drop make no sense.
    """
    ours = parse_term("include:" + include.strip().rstrip("."))
    if ours.problem or ours.has_macro:
        raise ValueError("{0!r} is no domain to include".format(include))
    if all.lower() not in ALL_TERMS:
        raise ValueError("all is {0!r}: give one of {1}".format(all, ", ".join(ALL_TERMS)))
    unwanted = {word.strip().lower().rstrip(".") for word in drop}
    if {ours.domain, ours.text.lower()} & unwanted:
        raise ValueError("drop names {0}, which is the include to add".format(ours.domain))
    if not record or not record.strip():
        made = Record((ours, parse_term(all)))
        return Merged(str(made), ("a new record, as there is none",))
    if not is_spf(record):
        return Merged(None, (), ("{0!r} is no SPF record: that begins with v=spf1 and a space".format(record[:60]),))
    before = parse(record)
    notes: List[str] = []
    kept = _without(before, unwanted, notes)
    after = _with_all(_with_ours(kept, ours, notes), before, all, replace_all, notes)
    changed = [term.text for term in after.terms] != [term.text for term in before.terms]
    text = str(after) if changed else record
    return Merged(text, tuple(notes + _worth_knowing(after, ours, text)), tuple(_problems(after)))


def _without(record: Record, unwanted: Iterable[str], notes: List[str]) -> Record:
    """Without what drop names; an all is for replace_all alone."""
    kept = []
    for term in record.terms:
        named = term.text.lower() in unwanted or (term.name in ("include", "redirect") and term.domain in unwanted)
        if named and not term.ends:
            notes.append("{0} is dropped, as asked".format(term.text))
        else:
            kept.append(term)
    return replace(record, terms=tuple(kept))


def _with_ours(record: Record, ours: Term, notes: List[str]) -> Record:
    """The first include of ours that is alive stays where it is; a dead or doubled one goes, and only a missing one is put in front."""
    terms: List[Term] = []
    alive, ended = False, False
    for term in record.terms:
        ended = ended or term.ends
        if term.name != "include" or term.domain != ours.domain:
            terms.append(term)
        elif ended or alive:
            notes.append("{0} {1}, so it is taken out".format(term.text, "stands behind all, where nobody looks" if ended else "is there twice"))
        else:
            alive = True
            terms.append(term if term.qualifier == "+" else ours)
            if term.qualifier != "+":
                notes.append("{0} becomes {1}, since it let no mail of the service pass".format(term.text, ours.text))
    if not alive:
        terms.insert(0, ours)
        notes.append("{0} goes first".format(ours.text))
        if record.redirect:
            notes.append("{0} stays: it is asked when no mechanism matches".format(record.redirect.text))
    return replace(record, terms=tuple(terms))


def _with_all(record: Record, before: Record, wanted: str, replace_all: bool, notes: List[str]) -> Record:
    lost_its_end = bool(before.redirect) and not record.redirect
    if record.all and (not replace_all or record.all.text.lower() == wanted.lower()):
        return record
    if record.all:
        notes.append("{0} becomes {1}, as asked".format(record.all.text, wanted))
        position = record.terms.index(record.all)
        return replace(record, terms=record.terms[:position] + (parse_term(wanted),) + record.terms[position + 1:])
    if lost_its_end or (replace_all and not record.redirect):
        notes.append("{0} is its end now".format(wanted))
        return replace(record, terms=record.terms + (parse_term(wanted),))
    return record


def _worth_knowing(record: Record, ours: Term, text: str) -> List[str]:
    notes = []
    others = {region.spf_include: region.code for region in REGIONS.values() if region.spf_include and region.spf_include != ours.domain}
    for term in record.active:
        if term.name == "include" and term.domain == GLOBAL_SPF_INCLUDE != ours.domain:
            notes.append("{0} costs 7 look-ups and covers the regions {1} only; drop it if no other account of yours needs it".format(
                term.text, ", ".join(GLOBAL_SPF_REGIONS)))
        elif term.name == "include" and term.domain in others:
            notes.append("{0} is that of region {1}; drop it if no account of yours is there".format(term.text, others[term.domain]))
        elif term.name == "ptr":
            notes.append("{0} is slow and unreliable, and RFC 7208 says not to use it".format(term.text))
    end = record.all
    if end and end.qualifier == "+":
        notes.append("{0} lets everybody send in this name".format(end.text))
    if not end and not record.redirect:
        notes.append("it has no all, so mail of all others is neutral; end it with ~all once every sender is in it")
    dead = [term.text for term in record.terms[record.terms.index(end) + 1:] if term.kind == "mechanism"] if end else []
    if end and any(term.name == "redirect" for term in record.terms):
        dead.append("redirect=")
    if dead:
        notes.append("{0} has no effect beside {1}".format(" ".join(dead), end.text if end else "all"))
    size = len(text.encode("utf-8"))
    if size > SIZE_LIMIT:
        notes.append("it has {0} bytes; over {1} some receivers need TCP for the answer, so shorten it".format(size, SIZE_LIMIT))
    if size > STRING_LIMIT:
        notes.append("a string of a TXT record holds {0} bytes, so it is published as several, which receivers join".format(STRING_LIMIT))
    return notes


def _problems(record: Record) -> List[str]:
    found = ["receivers refuse the whole record: " + problem for problem in record.problems()]
    if len(record.asking) > LOOKUP_LIMIT:
        found.append("its {0} terms that ask the DNS are more than the {1} that receivers allow, before what they include is counted; drop {2}".format(
            len(record.asking), LOOKUP_LIMIT, len(record.asking) - LOOKUP_LIMIT))
    return found
