#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later

case $1 in
  fine)
    printf '1..3\nok 1 /a/<b>&"c"\nok 2 /b\nok 3 /c # SKIP not here\n'
    # Neither of these may be taken for what meson says.
    echo '<testcase name="x"><failure/></testcase>' >&2
    echo '# ", "result": "ERROR", "returncode": 1,'
    ;;
  refused) printf '1..2\nok 1 /a\nnot ok 2 /b\n'; exit 1 ;;
  crashed) kill -s SEGV $$ ;;
  crashed-late) printf '1..3\nok 1 /a\n'; kill -s ABRT $$ ;;
  hung-late) printf '1..2\nok 1 /a\n'; exec sleep 60 ;;
  silent) ;;
  short) printf '1..4\nok 1 /a\n' ;;
  all-skipped) printf '1..2\nok 1 /a # SKIP no\nok 2 /b # SKIP no\n' ;;
  no-plan) printf '1..0 # SKIP not here\n' ;;
  unfinished) printf '1..2\nok 1 /a\nnot ok 2 /b # TODO later\n' ;;
  plain-fine) ;;
  plain-refused) exit 3 ;;
  plain-crashed) kill -s SEGV $$ ;;
  plain-hung) exec sleep 60 ;;
  plain-skipped) exit 77 ;;
  *) exit 99 ;;
esac
