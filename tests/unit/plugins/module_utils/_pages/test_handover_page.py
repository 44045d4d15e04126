# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The handover page: complete, the same in both formats, and whatever stands in an account is text. The judges are other people's parsers."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

html5lib = pytest.importorskip("html5lib", reason="it judges HTML")
markdown_it = pytest.importorskip("markdown_it", reason="it judges Markdown")
hypothesis = pytest.importorskip("hypothesis", reason="the laws are tested with generated texts")

from ansible_collections.mimecast.connect.plugins.module_utils._pages.blocks import clean, one_line
from ansible_collections.mimecast.connect.plugins.module_utils._pages.handover import STATES, page
from ansible_collections.mimecast.connect.plugins.module_utils._pages.html import DAY, NIGHT, document
from ansible_collections.mimecast.connect.plugins.module_utils._pages.markdown import markdown
from hypothesis import given, settings
from hypothesis import strategies as st

PARSER = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])
NASTY = [
    "<script>alert(1)</script>", "a | b", "`code`", "``", "[link](http://evil.example)", "![x](y)", "https://evil.example/x", "www.evil.example", "# heading",
    "1. one", "- item", "+ item", "---", "***", "> quote", "&copy;", "a\\", "\\|", "*bold*", "_em_", "a_b_c", "eu._netblocks", "~~gone~~", "$x$", "<!-- x",
    "]]>", "\"'><b>", "&#60;b&#62;", "heading #", "===", "\ud800", "\u202egnp", "a\x00b", "{{ x }}", "{0}", "%s",
    "v=spf1 include:eu._netblocks.mimecast.com ~all",
]
TEXTS = st.one_of(st.sampled_from(NASTY), st.text(max_size=60), st.lists(st.sampled_from(NASTY), max_size=4).map(" ".join)).filter(one_line)
LINES = TEXTS.filter(lambda text: "\n" not in clean(text))


def account(text: str = "word", states: tuple[str, ...] = ("done", "failed")) -> dict[str, Any]:
    """An account with this text wherever one is free."""
    def handover(**word: Any) -> dict[str, Any]:
        return {"title": text, "state": "open", "for_whom": text, "steps": [text, text], "why": text, "gone_when": text, "acknowledged": word}

    handovers = [handover(), handover(by=text, on=text, until="2026-11-21"), handover(by=text, on=text, until="2026-11-22")]
    verdicts = [{"name": text, "type": text, "verdict": verdict, "message": text} for verdict in ("ok", "failed")]
    steps = [{
        "step": text, "state": state, "why": text, "soak": {"since": text, "until": text}, "proof": verdicts, "handovers": handovers,
        "changes": [{"action": "create", "kind": "routes", "name": text}],
    } for state in states]
    keys = ("customer", "account_code", "region", "service", "infrastructure", "next")
    return {**dict.fromkeys(keys, text), "day": "2026-11-22", "steps": steps}


def tokens(text: str) -> list[Any]:
    return [inner for token in PARSER.parse(text) for inner in (token, *(token.children or []))]


def text_of(rendered: str, between: str = "") -> str:
    return " ".join(between.join(html5lib.parse(rendered, treebuilder="etree", namespaceHTMLElements=False).find("body").itertext()).split())


def tags_of(rendered: str) -> list[tuple[str, tuple[str, ...]]]:
    """The elements with their attributes; a fault in the HTML is an error."""
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(rendered)
    return [(element.tag, tuple(element.attrib)) for element in tree.iter()]


@settings(max_examples=80)
@given(LINES)
def test_no_text_is_markup_in_markdown(text: str) -> None:
    found, plain = tokens(markdown(page(account(text)))), tokens(markdown(page(account())))
    assert [token.type for token in found if token.type != "text"] == [token.type for token in plain if token.type != "text"]
    wanted = " ".join(one_line(text).split())
    shown = ["".join(inner.content for inner in token.children) for token in found if token.type == "inline"]
    assert shown == [("".join(inner.content for inner in token.children)).replace("word", wanted) for token in plain if token.type == "inline"]


@settings(max_examples=40)
@given(LINES)
def test_no_text_is_markup_in_html(text: str) -> None:
    found, plain = document(page(account(text))), document(page(account()))
    assert tags_of(found) == tags_of(plain)
    assert text_of(found) == " ".join(text_of(plain).replace("word", one_line(text)).split())

    class Judge(HTMLParser):
        """The standard library's opinion."""

        seen: list[str] = []

        def handle_starttag(self, tag: str, attrs: Any) -> None:
            self.seen.append(tag)

    opinions = []
    for rendered in (found, plain):
        judge = Judge(convert_charrefs=True)
        judge.seen = []
        judge.feed(rendered)
        opinions.append(judge.seen)
    assert opinions[0] == opinions[1]


@settings(max_examples=60)
@given(st.lists(TEXTS, min_size=1, max_size=4).map("\n".join))
def test_further_lines_keep_their_form(text: str) -> None:
    step = {"step": "inbound", "state": "failed", "why": text, "handovers": [{"title": "x", "steps": [text]}]}
    made = page({"steps": [step]})
    rest = clean(text).partition("\n")[2].strip("\n").rstrip()
    fences = [token.content.rstrip("\n") for token in tokens(markdown(made)) if token.type == "fence"]
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(document(made))
    blocks = ["".join(element.itertext()) for element in tree.iter("pre")]
    assert fences == ["\n".join(line.rstrip() for line in rest.split("\n"))] * 2 * bool(rest)
    assert blocks == [rest] * 2 * bool(rest)


@settings(max_examples=40)
@given(st.lists(st.sampled_from(list(STATES)), max_size=2), LINES)
def test_both_formats_say_the_same(states: list[str], text: str) -> None:
    made = page(account(text, tuple(states)))
    words = [re.findall(r"\w+", text_of(rendered, " ")) for rendered in ("<body>" + PARSER.render(markdown(made)), document(made))]
    # The numbers of ordered lists are no text in either of them.
    assert words[0] == words[1]


@pytest.mark.parametrize("render", [markdown, document])
def test_everything_of_a_journey_is_on_the_page(render: Callable[[Any], str]) -> None:
    journey = {
        "customer": "acme", "account_code": "CUK12A34", "region": "eu", "service": "both", "infrastructure": {"type": "hybrid", "cloud": "microsoft_365"},
        "day": "2026-11-22", "next": "Change the MX records.",
        "steps": [
            {"step": "rfi", "state": "done", "why": "The account is made."},
            {"step": "outbound", "state": "waiting", "why": "The agreed days have not passed.", "soak": {"since": "2026-11-20", "until": "2026-11-27"},
             "proof": [{"name": "mx1", "type": "smtp", "verdict": "ok", "message": "mx1 takes mail"}]},
            {"step": "inbound", "state": "failed", "why": "Nothing was changed: HQ has no TLS.",
             "proof": [{"name": "HQ", "type": "smtp", "verdict": "failed", "message": "HQ has no TLS"}]},
            {"step": "firewall_lockdown", "state": "not_reached", "why": ""},
            {"step": "server_connections", "state": "changed", "changes": [{"action": "create", "kind": "delivery_routes", "name": "HQ"}], "handovers": [
                {"title": "Create the connection", "for_whom": "an administrator", "steps": ["Log in.", "Enter 192.0.2.25."], "why": "No API.",
                 "gone_when": "It is listed.", "acknowledged": {}}]},
        ],
    }
    made = page(journey)
    shown = text_of("<body>" + PARSER.render(render(made))) if render is markdown else text_of(render(made))
    for wanted in ("CUK12A34", "hybrid, microsoft_365", "Change the MX records.", "waiting",
                   "Runs since 2026-11-20, at least until 2026-11-27.", "mx1 takes mail",
                   "Nothing was changed: HQ has no TLS.", "not reached", "changed by this run", "create delivery routes HQ", "Create the connection",
                   "an administrator", "Enter 192.0.2.25.", "It is listed.", "The account is made."):
        assert wanted in shown
    places = [shown.index(part) for part in ("Change the MX records.", "HQ has no TLS", "Enter 192.0.2.25.", "mx1 takes mail")]
    assert places == sorted(places), "what is to be done comes before what is done"
    assert render(page(journey)) == render(made)


@pytest.mark.parametrize(("day", "part", "word"), [
    ("2026-11-22", "Known, and not yet proved", "acknowledged"), ("2026-11-23", "To do by a person", "open again"),
    ("", "Known, and not yet proved", "acknowledged")])
def test_what_is_acknowledged_is_open_again_after_its_day(day: str, part: str, word: str) -> None:
    known = {"title": "Consent", "steps": ["Sign."], "acknowledged": {"by": "Jane", "on": "2026-11-01", "until": "2026-11-22"}}
    text = markdown(page({"day": day, "steps": [{"step": "recipient_validation", "state": "waiting", "handovers": [known]}]}))
    assert f"## {part}\n\n### Consent: {word}\n" in text
    assert "by Jane, on 2026-11-01, until 2026-11-22" in text


def test_a_page_is_never_longer_than_somebody_reads() -> None:
    verdicts = [{"name": f"d{number}", "type": "dns", "verdict": "ok", "message": "fine"} for number in range(5000)]
    verdicts[4000]["verdict"] = "failed"
    handovers = [{"title": f"t{number}", "steps": ["one", "two"], "acknowledged": {}} for number in range(1000)]
    changes = [{"action": "create", "kind": "users", "name": f"u{number}"} for number in range(5000)]
    made = page({"next": "x" * 10_000_000, "steps": [{"step": "s", "state": "done", "proof": verdicts, "changes": changes, "handovers": handovers}]})
    for rendered in (markdown(made), document(made)):
        assert len(rendered) < 40_000
        assert "d4000" in rendered, "what is wrong is shown before what is right"
        for rest in ("And 4979 that passed.", "And 4980 changes.", "And 950 more; the result of the run has all.", "more characters)"):
            assert rest in rendered


def test_the_html_needs_nothing_from_elsewhere() -> None:
    text = document(page(account("https://evil.example")))
    assert not re.search(r"<script|<link|<img|<iframe|src=|href=|url\(|@import|javascript:", text)
    assert "prefers-color-scheme:dark" in text and "@media print" in text and '<html lang="en">' in text


@pytest.mark.parametrize("colours", [DAY, NIGHT])
def test_the_colours_can_be_read(colours: dict[str, str]) -> None:
    def light(colour: str) -> float:
        parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one: str, other: str) -> float:
        dark, bright = sorted((light(colours[one]), light(colours[other])))
        return (bright + 0.05) / (dark + 0.05)

    assert min(contrast("text", "page"), contrast("text", "code"), contrast("quiet", "page")) >= 7
    assert contrast("line", "page") >= 3


@pytest.mark.parametrize("wrong", [None, [], {}, {"steps": "x"}, {"steps": ["x"]}, {"steps": [{}] * 51}])
def test_what_is_no_account_is_said(wrong: Any) -> None:
    with pytest.raises(ValueError, match="mapping"):
        page(wrong)
