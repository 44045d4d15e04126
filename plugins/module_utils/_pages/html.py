# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Pages as HTML: one file without scripts, links or anything from elsewhere, readable on a screen by day and night and on paper."""

from __future__ import annotations

import html
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._pages.blocks import Block, Facts, Heading, Items, Page, Paragraph, Table, one_line, split

# Each text has a contrast of at least 7 : 1 with its background, by day and by night (WCAG 2.2, 1.4.6). State never shows by colour alone.
DAY = {"text": "#1a1a1a", "page": "#ffffff", "quiet": "#4a4a4a", "line": "#767676", "code": "#f2f2f2"}
NIGHT = {"text": "#eeeeee", "page": "#161616", "quiet": "#c0c0c0", "line": "#8c8c8c", "code": "#262626"}
_RULES = """
*{box-sizing:border-box}
body{margin:0 auto;max-width:52rem;padding:1rem;font:1rem/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);overflow-wrap:anywhere}
h1,h2,h3{line-height:1.25;margin:1.6em 0 .5em}
h2{border-bottom:1px solid var(--line)}
h3 .state,h2 .state{font-size:.8em;font-weight:normal;border:1px solid var(--line);border-radius:.3em;padding:0 .4em;margin-left:.5em}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.5em 0}
dt{color:var(--quiet)}
dd{margin:0}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;border:1px solid var(--line);padding:.3rem .5rem}
pre{background:var(--code);padding:.5rem;white-space:pre-wrap;font-size:.9em}
li{margin:.25em 0}
@media (max-width:30rem){dl{display:block}}
@media print{body{max-width:none;padding:0;font-size:10pt}h2,h3{break-after:avoid}li,tr,dl{break-inside:avoid}}
"""


def _colours(of: dict[str, str]) -> str:
    return ":root{{{0}}}".format(";".join("--{0}:{1}".format(*pair) for pair in of.items()))


STYLE = "{0}\n@media screen and (prefers-color-scheme:dark){{{1}}}{2}".format(_colours(DAY), _colours(NIGHT), _RULES)
_FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def document(page: Page) -> str:
    """The page as one file."""
    return _FRAME.format(title=text(page.title), style=STYLE, body="\n".join(map(_block, page.blocks)))


def text(value: Any) -> str:
    """A text on one line that shows as it is."""
    return html.escape(one_line(value), quote=True)


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        state = ' <span class="state">{0}</span>'.format(text(block.state)) if block.state else ""
        return "<h{0}>{1}{2}</h{0}>".format(block.level, text(block.text), state)
    if isinstance(block, Paragraph):
        return _lines("p", block.text)
    if isinstance(block, Facts):
        return "<dl>\n{0}\n</dl>".format("\n".join("<dt>{0}</dt><dd>{1}</dd>".format(label, text(value)) for label, value in block.rows))
    if isinstance(block, Items):
        kind = "ol" if block.numbered else "ul"
        return "<{0}>\n{1}\n</{0}>".format(kind, "\n".join("<li>{0}</li>".format(_lines("span", item)) for item in block.texts))
    return _table(block)


def _table(block: Table) -> str:
    head = "".join('<th scope="col">{0}</th>'.format(text(cell)) for cell in block.head)
    rows = "\n".join("<tr>{0}</tr>".format("".join("<td>{0}</td>".format(text(cell)) for cell in row)) for row in block.rows)
    return "<table>\n<thead><tr>{0}</tr></thead>\n<tbody>\n{1}\n</tbody>\n</table>".format(head, rows)


def _lines(kind: str, value: str) -> str:
    first, rest = split(value)
    shown = "<{0}>{1}</{0}>".format(kind, text(first))
    return "{0}<pre>{1}</pre>".format(shown, html.escape(rest, quote=True)) if rest else shown
