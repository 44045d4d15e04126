# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The steps of firewalld, for a POSIX shell. Each looks before it changes anything, because firewall-cmd has no transactions."""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends import firewalld_files as files
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import PREFIX
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import Allowlist

CLEAR = """\
entries=$(firewall-cmd --ipset="$1" --get-entries </dev/null) || exit 0  # there is no such set
[ -z "$entries" ] || printf '%s\\n' "$entries" | firewall-cmd --ipset="$1" --remove-entries-from-file=/dev/stdin
"""

# $1: a set. Its entries become the lines that are read.
FILL = """\
wanted=$(cat)
entries=$(firewall-cmd --ipset="$1" --get-entries </dev/null) || exit 1
[ "$(printf '%s\\n' "$entries" | sort)" != "$(printf '%s\\n' "$wanted" | sort)" ] || exit 0
[ -z "$entries" ] || printf '%s\\n' "$entries" | firewall-cmd --ipset="$1" --remove-entries-from-file=/dev/stdin || exit 1
[ -z "$wanted" ] || printf '%s\\n' "$wanted" | firewall-cmd --ipset="$1" --add-entries-from-file=/dev/stdin
"""

# The rules of our policy become the lines that are read: first what is missing is added, then drops go, then what accepts.
RULES = """\
policy() {{ firewall-cmd --policy={policy} "$@" </dev/null; }}
wanted=$(cat)
there=$(policy --list-rich-rules) || {{
  firewall-cmd --get-policies </dev/null | grep -qw {policy} || [ -n "$wanted" ] || exit 0  # none, and none is wanted
  exit 1
}}
end='
'
IFS=$end
set -f
set --
for rule in $wanted; do
  case "$end$there$end" in *"$end$rule$end"*) ;; *) set -- "$@" "--add-rich-rule=$rule" ;; esac
done
[ $# = 0 ] || policy "$@" || exit 1
set --
for last in no yes; do
  for rule in $there; do
    case "$rule" in *" accept") accepts=yes ;; *) accepts=no ;; esac
    case "$end$wanted$end" in *"$end$rule$end"*) ;; *) [ $last != $accepts ] || set -- "$@" "--remove-rich-rule=$rule" ;; esac
  done
done
[ $# = 0 ] || policy "$@"
""".format(policy=files.POLICY)

# Arguments: sets. Makes those that are missing, empty, and our policy without rules, by a reload. That forgets what is only in force, so
# it is refused if others have such settings. Words are compared without their order; interfaces are given back by who added them.
MAKE = """\
there=" $(firewall-cmd --get-ipsets) " || exit 1
absent=
for name; do
  case "$there" in *" $name "*) ;; *) absent="$absent $name" ;; esac
done
case " $(firewall-cmd --get-policies) " in *" {policy} "*) [ -n "$absent" ] || exit 0 ;; esac
words() {{
  firewall-cmd "$@" | awk '/^[^ \\t]/ {{ own = ($1 == "{policy}"); sub(/ \\([a-z, ]*\\)$/, "") }} !own && !/^  interfaces:/' | tr -s ' \\t' '\\n\\n' | sort
}}
same() {{
  [ "$(words "$@")" = "$(words --permanent "$@")" ] || {{
    echo "a new service needs a reload of firewalld, and that would lose settings of others that are in force but not permanent" \\
      "(compare: firewall-cmd $*, with and without --permanent). Make them permanent, or reload firewalld, and run this again" >&2
    exit 1
  }}
}}
same --list-all-zones
same --list-all-policies
same --direct --get-all-rules
for name in $there; do
  case "$name" in {prefix}*) ;; *) same "--info-ipset=$name" ;; esac
done
umask 022
write() {{
  [ ! -e "$1" ] || return 0
  {{ mkdir -p "${{1%/*}}" && cat >"$1.new" && mv -f "$1.new" "$1"; }} || exit 1
}}
for name in $absent; do
  case "$name" in
  *-4 | *-4{spare}) write "{folder}/ipsets/$name.xml" <<'TEXT' ;;
{set4}TEXT
  *) write "{folder}/ipsets/$name.xml" <<'TEXT' ;;
{set6}TEXT
  esac
done
write "{path}" <<'TEXT'
{text}TEXT
exec firewall-cmd --reload
""".format(policy=files.POLICY, prefix=PREFIX, spare=files.SPARE, folder=files.FOLDER, path=files.policy_path(), text=files.policy_text(Allowlist()),
           set4=files.set_text((), 4), set6=files.set_text((), 6))

# Arguments: sets. Removes their files, and that of our policy, where they are still as MAKE has written them; others are removed on confirmation.
CLEAN = """\
for name; do
  file="{folder}/ipsets/$name.xml"
  [ ! -e "$file" ] || grep -q "<entry>" "$file" || grep -qs "\"$name\"" {path} || rm -f "$file"
done
[ ! -e {path} ] || grep -q "<rule" {path} || rm -f {path}
""".format(folder=files.FOLDER, path=files.policy_path())
