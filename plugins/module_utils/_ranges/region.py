# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Which region an account code, a code or a name means. A typo is never resolved by a guess: another region's ranges stop mail."""

from __future__ import annotations

import difflib
import re

from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import REGIONS, Region
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.parse import RangesError, shown

# Names without what stands in brackets; the United States have two grids, so their name alone says nothing.
NAMES = {
    "europe": "eu", "germany": "de", "canada": "ca", "south africa": "za", "australia": "au", "offshore": "je", "jersey": "je",
    **{region.name.lower(): region.code for region in REGIONS.values()},
}
UNITED_STATES = frozenset(["united states", "united states of america", "usa", "cus"])
PREFIXES = {region.account_prefix: region.code for region in REGIONS.values() if region.account_prefix}
# Every account code that was seen has a digit behind its prefix. CAUSA1A1 is rather a typo of CUSA than an account in Australia.
_ACCOUNT = re.compile("({0})(\\d[0-9A-Z]*)?".format("|".join(PREFIXES)))


def region_named(text: object) -> Region:
    """The region of `CUSA12A34`, `us` or `Germany`; RangesError suggests what may have been meant."""
    word = " ".join(str(text).split())
    code = word.lower() if word.lower() in REGIONS else NAMES.get(word.lower())
    account = _ACCOUNT.fullmatch(word.upper())
    if account:
        code = PREFIXES[account.group(1)]
    if code:
        return REGIONS[code]
    if word.lower() in UNITED_STATES:
        raise RangesError("{0} has two grids that must not be mixed: account codes that begin with CUSA are on the A grid (us), with CUSB on the B grid "
                          "(usb)".format(shown(word)))
    likely = _suggestions(word)
    raise RangesError("{0} is no region and no account code. {1}Regions are {2}; account codes begin with {3} and go on with a digit".format(
        shown(word), "Did you mean {0}? ".format(" or ".join(likely)) if likely else "", ", ".join(REGIONS), ", ".join(PREFIXES)))


def _suggestions(word: str) -> list[str]:
    """What is written nearly alike; the part of an account code before its first digit is what counts."""
    words = {**{prefix.lower(): code for prefix, code in PREFIXES.items()}, **{code: code for code in REGIONS}, **NAMES}
    letters = re.split(r"\d", word.lower())[0].strip() or word.lower()
    found = {words[near]: near for near in reversed(difflib.get_close_matches(letters, words, n=4, cutoff=0.6))}  # the nearest of each region
    return ["{0} ({1})".format(near.upper() if near.upper() in PREFIXES else code, REGIONS[code].name) for code, near in reversed(found.items())]
