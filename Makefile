# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A thin face of meson, for people who type two commands. `make help` lists them.

SHELL = /bin/sh
DESTDIR ?=

RELEASE = build/release
CHECK = build/check

RELEASE_OPTIONS = --prefix=/usr --sysconfdir=/etc --libexecdir=libexec -Dbuildtype=debugoptimized
# b_lundef: shared modules may leave the sanitizers' symbols to the program that loads them. What UBSan finds ends the
# program also where its environment was cleared and UBSAN_OPTIONS with it, as the helper does.
CHECK_OPTIONS = --prefix=/usr --sysconfdir=/etc --libexecdir=libexec -Dbuildtype=debug \
  -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fno-sanitize-recover=undefined
# Messages of programs are compared in tests, so not in the language of whoever runs them. Sanitized programs are slow.
MESON_TEST = env -u LANGUAGE -u G_DEBUG -u G_MESSAGES_DEBUG LC_ALL=C.UTF-8 \
  meson test -C $(CHECK) --no-rebuild --print-errorlogs --timeout-multiplier 3

# `sudo make install` shall leave no build files of root in a tree that is not root's.
OWNER := $(shell stat -c %u .)
ifeq ($(shell id -u),0)
  ifneq ($(OWNER),0)
    ifeq ($(OWNER),$(SUDO_UID))
      AS_OWNER = sudo -u '\#$(SUDO_UID)'
    endif
  endif
endif

# Where the virtual machine's image is kept.
VM = build/vm

.PHONY: help build demo check vm-check bench install rpm clean dependencies vm-dependencies
# Nothing here gains by running side by side; ninja does that.
.NOTPARALLEL:

help:
	@echo 'make demo     install what is missing, build, and show the applet over a simulated dom0'
	@echo 'make check    install what is missing, build with sanitizers, and run every test'
	@echo 'make vm-check the same with Xen and real disks, in a virtual machine (on Debian; long)'
	@echo 'make bench    install what is missing, build, and measure'
	@echo 'make build    build only, in $(RELEASE)'
	@echo 'make install  install under /usr and /etc (as root; DESTDIR=… to stage)'
	@echo 'make rpm      build the package for dom0 from the last commit (on Fedora 41)'
	@echo 'make clean    remove build/'

dependencies:
	@.ci/install-dependencies

build:
	@$(AS_OWNER) .ci/configure $(RELEASE) $(RELEASE_OPTIONS)
	$(AS_OWNER) ninja -C $(RELEASE)

demo: dependencies build
	$(RELEASE)/tests/demo/qubes-live-demo

bench: dependencies build
	$(RELEASE)/tests/bench/qubes-live-bench

# The logs of an earlier run are removed first, so that they can never pass for those of this one.
check: dependencies
	@.ci/configure $(CHECK) $(CHECK_OPTIONS)
	ninja -C $(CHECK)
	@rm -f $(CHECK)/meson-logs/testlog.*
	@status=0; $(MESON_TEST) </dev/null || status=$$?; .ci/count-tests $(CHECK)/meson-logs $$status

vm-dependencies:
	@.ci/install-dependencies vm

vm-check: vm-dependencies build
	@tests/vm/check $(RELEASE) '$(VM)' </dev/null

install: build
	meson install -C $(RELEASE) --no-rebuild $(if $(DESTDIR),--destdir '$(abspath $(DESTDIR))')

VERSION := $(shell sed -n "s/^ *version: '\(.*\)',/\1/p" meson.build)
RPM = $(CURDIR)/build/rpm

rpm:
	mkdir -p '$(RPM)/SOURCES'
	git archive --prefix=qubes-live-$(VERSION)/ -o '$(RPM)/SOURCES/qubes-live-$(VERSION).tar.gz' HEAD
	sed 's/@VERSION@/$(VERSION)/g' rpm_spec/qubes-live.spec.in >'$(RPM)/qubes-live.spec'
	rpmbuild -ba --define '_topdir $(RPM)' '$(RPM)/qubes-live.spec'
	@echo 'The packages are in build/rpm/RPMS.'

clean:
	rm -rf build
