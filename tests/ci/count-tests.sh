#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: count-tests.sh SOURCE-ROOT
#
# Whether .ci/count-tests can be believed: over logs written here, and over those of a real run of meson.

here=$1/tests/ci
# shellcheck source=tests/ci/tap.sh
. "$here/tap.sh"
count=$1/.ci/count-tests
logs=$work/logs
mkdir "$logs"

# counted NAME WANTED-LAST-LINE WANTED-STATUS STATUS-OF-MESON
counted () {
  status=0
  "$count" "$logs" "$4" >"$work/out" 2>&1 || status=$?
  same "$1" "$2 ($3)" "$(tail -n 1 "$work/out") ($status)"
  rm -f "$logs"/*
}

# program NAME VERDICT RETURNCODE [OUTPUT]
program () {
  printf '{"name": "%s", "stdout": "%s", "result": "%s", "starttime": 1.5, "duration": 0.1, "returncode": %s, ' \
    "$1" "${4-}" "$2" "$3" >>"$logs/testlog.json"
  printf '"env": {}, "command": ["/x"]}\n' >>"$logs/testlog.json"
}

suites () {
  {
    echo "<?xml version='1.0' encoding='utf-8'?>"
    printf '<testsuites tests="1" errors="0" failures="0">%s</testsuites>' "$1"
  } >"$logs/testlog.junit.xml"
}

two='<testcase name="1 /a" classname="p.a" /><testcase name="2 /b" classname="p.a" />'

counted '/count-tests/no-logs' '0 passed, 1 failed' 1 0

program a OK 0
counted '/count-tests/no-xml' '0 passed, 1 failed' 1 0

suites "<testsuite name=\"p.a\">$two</testsuite>"
counted '/count-tests/no-json' '0 passed, 1 failed' 1 0

program a OK 0
: >"$logs/testlog.junit.xml"
counted '/count-tests/empty-xml' '0 passed, 1 failed' 1 0

program a OK 0
suites ''
counted '/count-tests/no-suite' '0 passed, 1 failed' 1 0

program a OK 0 'ok 1 /a\nok 2 /b\n'
suites "<testsuite name=\"p.a\">$two</testsuite>"
counted '/count-tests/passed' '2 passed, 0 failed' 0 0

program a OK 0
suites "<testsuite name=\"p.a\">$two</testsuite>"
counted '/count-tests/status-of-meson' '2 passed, 1 failed' 1 3

program a OK 0
suites "<testsuite name=\"p.a\">$two<testcase name=\"3 /c\"><skipped /></testcase></testsuite>"
counted '/count-tests/skipped' '2 passed, 0 failed, 1 skipped' 0 0

program a SKIP 0 '1..1\nok 1 /c # SKIP\n'
suites '<testsuite name="p.a"><testcase name="1 /c"><skipped /></testcase></testsuite>'
counted '/count-tests/only-skipped' '0 passed, 0 failed, 1 skipped' 1 0

program a FAIL 0
suites "<testsuite name=\"p.a\">$two<testcase name=\"3 /c\"><failure>no</failure></testcase></testsuite>"
counted '/count-tests/failure' '2 passed, 1 failed' 1 1

program a ERROR 0
suites "<testsuite name=\"p.a\">$two<testcase name=\"3 /c\"><error>no</error></testcase></testsuite>"
counted '/count-tests/error' '2 passed, 1 failed' 1 1

program a ERROR -6
suites "<testsuite name=\"p.a\">$two</testsuite>"
counted '/count-tests/crash-after-passes' '2 passed, 1 failed' 1 1

program a TIMEOUT -15
program b OK 0
suites "<testsuite name=\"p\"><testcase name=\"a\" /><testcase name=\"b\" /></testsuite>"
counted '/count-tests/timeout-of-plain-program' '1 passed, 1 failed' 1 1

program a INTERRUPT -2
suites "<testsuite name=\"p.a\">$two</testsuite>"
counted '/count-tests/interrupted' '2 passed, 1 failed' 1 1

program a SKIP 0
program b OK 0
suites '<testsuite name="p"><testcase name="a"><skipped /></testcase><testcase name="b" /></testsuite>'
counted '/count-tests/silent-program' '1 passed, 1 failed' 1 0

program a OK 0
program b OK 0
suites "<testsuite name=\"p.a\">$two</testsuite>"
counted '/count-tests/program-without-cases' '2 passed, 1 failed' 1 0

program b OK 0
suites "<testsuite name=\"p.a\">$two</testsuite><testsuite name=\"p.b\"><testcase name=\"1 /a\"/></testsuite>"
counted '/count-tests/program-without-verdict' '3 passed, 1 failed' 1 0

program a OK 0
printf '<testsuites><testsuite name="p.a">%s' "$two" >"$logs/testlog.junit.xml"
counted '/count-tests/cut-off-xml' '2 passed, 1 failed' 1 0

program a OK 0
printf '{"na' >>"$logs/testlog.json"
suites "<testsuite name=\"p.a\">$two</testsuite>"
counted '/count-tests/cut-off-json' '2 passed, 1 failed' 1 0

program a OK 0
suites "<testsuite name=\"p.a\">$two<system-out>&lt;testcase name=\"x\"&gt;&lt;failure /&gt;
not ok 7 passed, 0 failed</system-out></testsuite>"
counted '/count-tests/output-is-not-read' '2 passed, 0 failed' 0 0

program a OK 0 '1..2\nok 1 /a\nnot ok 2 /b # TODO later\n'
suites "<testsuite name=\"p.a\">$two</testsuite>"
counted '/count-tests/unfinished' '1 passed, 0 failed, 1 skipped' 0 0

# The same ways to end through the meson that is here, whose logs are what is read in earnest.
cp -R "$here/sample" "$work/sample"
status=0
meson setup "$work/build" "$work/sample" >"$work/out" 2>&1 || { sed 's/^/# /' "$work/out"; exit 99; }
meson test -C "$work/build" </dev/null >"$work/out" 2>&1 || status=$?
cp "$work/build/meson-logs/testlog.json" "$work/build/meson-logs/testlog.junit.xml" "$logs"
"$count" "$logs" "$status" | sed 's/^/# /'
# Passed: fine 2, refused 1, crashed-late 1, hung-late 1, short 1, unfinished 1, plain-fine 1. Failed: refused, crashed,
# crashed-late, hung-late, silent, short, plain-refused, plain-crashed, plain-hung. Skipped: fine 1, all-skipped 2,
# no-plan 1, unfinished 1, plain-skipped 1.
counted '/count-tests/real-run' '8 passed, 9 failed, 6 skipped' 1 "$status"

plan
