# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What legacy calls share: a list of items that succeed or fail one by one, and pages by token (API notes, section 2)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .call import Call
from .errors import LEGACY_UNPAGED_ROWS, Answer, ApiError, invalid, legacy_failure
from .ids import PAGE
from .resources import DEFAULT_PAGE, Body, Resource
from .store import Section

_SECRETS = ("password",)


def each(call: Call, work: Callable[[Call, Body], Body]) -> Answer:
    """Does the work for every item of `data`; an item that fails does not stop the others."""
    data, fail = [], []
    for item in call.body["data"]:
        try:
            data.append(work(call, item))
        except ApiError as error:
            key = {name: value for name, value in item.items() if name not in _SECRETS}
            fail.extend(legacy_failure(error, key).body["fail"])
    return answer(data, fail=fail)


def answer(data: list[Any], meta: Body | None = None, fail: list[Body] | None = None) -> Answer:
    return Answer(200, {"meta": {"status": 200, **(meta or {})}, "data": data, "fail": fail or []})


def query(call: Call) -> Body:
    """The only item of a read; everything when there is no item or no body."""
    data = (call.body or {}).get("data") or [{}]
    return dict(data[0])


def ref_of(call: Call, resource: Resource, text: str) -> int:
    """The row behind an id in a body."""
    kind, ref = call.state.ids.decode(text) or (None, 0)
    if kind != resource.number:
        raise ApiError(400, "xdk_failure", "the id is not one of this kind of object", "id")
    return ref


def page(call: Call, resource: Resource, section: Section = None,
         keep: Callable[[Body], bool] | None = None) -> tuple[list[tuple[int, Body]], Body]:
    """The stored rows of the asked page and the `meta` that belongs to them. Unpaged lists are cut without a word."""
    store, kind = call.state.store, resource.kind
    asked = ((call.body or {}).get("meta") or {}).get("pagination")
    if asked is None:
        return store.visible_page(call.tenant, kind, 0, LEGACY_UNPAGED_ROWS, keep, section)[0], {}
    size = min(asked.get("pageSize", DEFAULT_PAGE), call.settings["max_page"] or LEGACY_UNPAGED_ROWS)
    rows, more = store.visible_page(call.tenant, kind, _start(call, asked), size, keep, section)
    paging: Body = {"pageSize": size}
    if keep is None:
        paging["totalCount"] = store.count(call.tenant, kind, section)
    if call.settings["repeat_page_token"]:
        paging["next"] = call.id_of(PAGE, 0)
    elif more:
        paging["next"] = call.id_of(PAGE, rows[-1][0])
    return rows, {"pagination": paging}


def _start(call: Call, asked: Body) -> int:
    if "pageToken" not in asked:
        return 0
    kind, ref = call.state.ids.decode(asked["pageToken"]) or (None, 0)
    if kind != PAGE:
        raise invalid("meta.pagination.pageToken", "the page token is not one of ours")
    return ref
