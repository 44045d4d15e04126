# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenants and their objects in SQLite.

An object is one JSON document with a row number, its `ref`. References between objects are stored as refs.
Reads of the public side go through `visible_*`, which hides writes that a `lag` fault made invisible for a while.
"""
from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable
from typing import Any

Body = dict[str, Any]
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tenants (code TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS credentials (
  client_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, secret_hash TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS objects (
  ref INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (tenant, kind, ref);
"""
# Members of a group and users of a domain come in tens of thousands: a section is what one list of them is about.
_SECTION = """coalesce(json_extract(body, '$.groupId'), lower(substr(json_extract(body, '$.emailAddress'),
  instr(json_extract(body, '$.emailAddress'), '@') + 1)))"""
_NAME = "lower(coalesce(json_extract(body, '$.emailAddress'), json_extract(body, '$.domain')))"
_SCHEMA += f"""
CREATE INDEX IF NOT EXISTS objects_by_section ON objects (tenant, kind, {_SECTION});
CREATE INDEX IF NOT EXISTS objects_by_name ON objects (tenant, kind, {_NAME}, {_SECTION});
"""
Section = int | str | None  # the ref of a group, a domain in lower case, or everything


class Store:
    """All access to the database. Not for use by several threads."""

    def __init__(self, path: str = ":memory:"):
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")  # the data is a rehearsal, not worth an fsync
        self._db.executescript(_SCHEMA)
        self._hidden: dict[tuple[str, str], dict[int, tuple[float, Body | None]]] = {}

    def close(self) -> None:
        self._db.close()

    # --- keys of the id codec

    def secret(self) -> bytes:
        self._db.execute("INSERT OR IGNORE INTO meta VALUES ('secret', ?)", (secrets.token_hex(32),))
        return bytes.fromhex(self._db.execute("SELECT value FROM meta WHERE key = 'secret'").fetchone()[0])

    def epoch(self, step: int = 0) -> int:
        """The current id epoch, after moving it on by `step`."""
        self._db.execute("INSERT OR IGNORE INTO meta VALUES ('epoch', '1')")
        self._db.execute("UPDATE meta SET value = value + ? WHERE key = 'epoch'", (step,))
        return int(self._db.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()[0])

    # --- tenants and credentials

    def add_tenant(self, code: str, body: Body) -> None:
        self._db.execute("INSERT INTO tenants VALUES (?, ?)", (code, json.dumps(body)))

    def tenant(self, code: str) -> Body | None:
        row = self._db.execute("SELECT body FROM tenants WHERE code = ?", (code,)).fetchone()
        return json.loads(row[0]) if row else None

    def tenant_codes(self) -> list[str]:
        return [row[0] for row in self._db.execute("SELECT code FROM tenants ORDER BY code")]

    def drop_tenant(self, code: str) -> None:
        self._db.execute("DELETE FROM objects WHERE tenant = ?", (code,))
        self._db.execute("DELETE FROM credentials WHERE tenant = ?", (code,))
        self._db.execute("DELETE FROM tenants WHERE code = ?", (code,))

    def add_credential(self, client_id: str, client_secret: str, tenant: str, body: Body) -> None:
        self._db.execute("INSERT INTO credentials VALUES (?, ?, ?, ?)",
                         (client_id, tenant, _hash(client_secret), json.dumps(body)))

    def has_credential(self, client_id: str) -> bool:
        return self._db.execute("SELECT 1 FROM credentials WHERE client_id = ?", (client_id,)).fetchone() is not None

    def check_credential(self, client_id: str, client_secret: str) -> Body | None:
        """The credential with keys client_id, tenant, products, permissions, acts_for; None when it is wrong."""
        row = self._db.execute("SELECT tenant, secret_hash, body FROM credentials WHERE client_id = ?",
                               (client_id,)).fetchone()
        if not row or not hmac.compare_digest(row[1], _hash(client_secret)):
            return None
        return {"client_id": client_id, "tenant": row[0], **json.loads(row[2])}

    def clear(self) -> None:
        for table in ("objects", "credentials", "tenants"):
            self._db.execute(f"DELETE FROM {table}")
        self._hidden.clear()

    # --- objects

    def insert(self, tenant: str, kind: str, bodies: Iterable[Body], lag_s: float = 0) -> list[int]:
        self._db.execute("BEGIN")
        try:
            refs = [int(self._db.execute("INSERT INTO objects (tenant, kind, body) VALUES (?, ?, ?)",
                                         (tenant, kind, json.dumps(body))).lastrowid or 0) for body in bodies]
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        for ref in refs if lag_s else ():
            self._hide(tenant, kind, ref, None, lag_s)
        return refs

    def get(self, tenant: str, kind: str, ref: int) -> Body | None:
        row = self._db.execute("SELECT body FROM objects WHERE ref = ? AND tenant = ? AND kind = ?",
                               (ref, tenant, kind)).fetchone()
        return json.loads(row[0]) if row else None

    def rows(self, tenant: str, kind: str, after: int = 0, limit: int = -1,
             section: Section = None) -> list[tuple[int, Body]]:
        where, values = _within(tenant, kind, section)
        found = self._db.execute(f"SELECT ref, body FROM objects WHERE {where} AND ref > ? ORDER BY ref LIMIT ?",
                                 (*values, after, limit))
        return [(ref, json.loads(body)) for ref, body in found]

    def count(self, tenant: str, kind: str, section: Section = None) -> int:
        where, values = _within(tenant, kind, section)
        return int(self._db.execute(f"SELECT count(*) FROM objects WHERE {where}", values).fetchone()[0])

    def find(self, tenant: str, kind: str, name: str, section: Section = None) -> int | None:
        """The ref of the first object with this address or domain, in any case of letters."""
        where, values = _within(tenant, kind, section)
        # The plus keeps SQLite from walking the kind in the order of ref instead of using the index on names.
        row = self._db.execute(f"SELECT ref FROM objects WHERE {where} AND {_NAME} = lower(?) ORDER BY +ref",
                               (*values, name)).fetchone()
        return int(row[0]) if row else None

    def update(self, tenant: str, kind: str, ref: int, body: Body, lag_s: float = 0) -> None:
        if lag_s:
            self._hide(tenant, kind, ref, self.get(tenant, kind, ref), lag_s)
        self._db.execute("UPDATE objects SET body = ? WHERE ref = ? AND tenant = ? AND kind = ?",
                         (json.dumps(body), ref, tenant, kind))

    def delete(self, tenant: str, kind: str, ref: int, lag_s: float = 0) -> None:
        if lag_s:
            self._hide(tenant, kind, ref, self.get(tenant, kind, ref), lag_s)
        self._db.execute("DELETE FROM objects WHERE ref = ? AND tenant = ? AND kind = ?", (ref, tenant, kind))

    def refers(self, tenant: str, kind: str, path: tuple[str, ...], ref: int) -> bool:
        """Whether an object of the kind holds `ref` at the path."""
        where = "$." + ".".join(path)
        return self._db.execute("SELECT 1 FROM objects WHERE tenant = ? AND kind = ? AND json_extract(body, ?) = ?",
                                (tenant, kind, where, ref)).fetchone() is not None

    # --- what the public side sees

    def visible(self, tenant: str, kind: str, ref: int) -> Body | None:
        hidden = self._still_hidden(tenant, kind)
        return hidden[ref][1] if ref in hidden else self.get(tenant, kind, ref)

    def visible_page(self, tenant: str, kind: str, after: int, size: int, keep: Callable[[Body], bool] | None = None,
                     section: Section = None) -> tuple[list[tuple[int, Body]], bool]:
        """Up to `size` rows behind row `after`, and whether there are more."""
        hidden = self._still_hidden(tenant, kind)
        if keep is None and not hidden:
            found = self.rows(tenant, kind, after, size + 1, section)
        else:
            # Without a filter, hidden rows are all that can be missing from a page.
            limit = -1 if keep else size + 1 + len(hidden)
            bodies: dict[int, Body | None] = dict(self.rows(tenant, kind, after, limit, section))
            bodies.update({ref: old for ref, (_until, old) in hidden.items() if ref > after
                           and (section is None or old is None or _section(old) == section)})
            found = [(ref, body) for ref, body in sorted(bodies.items())
                     if body is not None and (keep is None or keep(body))]
        return found[:size], len(found) > size

    def _hide(self, tenant: str, kind: str, ref: int, old: Body | None, lag_s: float) -> None:
        self._hidden.setdefault((tenant, kind), {})[ref] = (time.monotonic() + lag_s, old)

    def _still_hidden(self, tenant: str, kind: str) -> dict[int, tuple[float, Body | None]]:
        hidden = self._hidden.get((tenant, kind))
        if not hidden:
            return {}
        now = time.monotonic()
        for ref in [ref for ref, (until, _old) in hidden.items() if until <= now]:
            del hidden[ref]
        return hidden


def _within(tenant: str, kind: str, section: Section) -> tuple[str, list[Any]]:
    """A condition and its values. An index on an expression serves only where the same text stands."""
    if section is None:
        return "tenant = ? AND kind = ?", [tenant, kind]
    return f"tenant = ? AND kind = ? AND {_SECTION} = ?", [tenant, kind, section]


def _section(body: Body) -> Section:
    """The same as the expression _SECTION."""
    return body.get("groupId") or str(body.get("emailAddress", "")).partition("@")[2].lower()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()
