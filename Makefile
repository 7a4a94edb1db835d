# litesafe: build, test, install.  GNU make; V=1 shows the commands.
#
#	make demo	everything from a bare Debian or Ubuntu: installs what is
#	make test	missing (root or sudo), builds, and shows or tests it
#	make		the program, as build/litesafe
#	make check	test, and the long scenarios
#	make help	the other targets

VERSION := 0.1.0

DESTDIR ?=
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/litesafe
LIBEXECDIR ?= $(PREFIX)/lib/litesafe
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSCONFDIR ?= /etc
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d

PKG_CONFIG ?= pkg-config
INSTALL ?= install
CLANG_FORMAT ?= clang-format

# gcc where it is, else clang, unless CC= says.
ifeq ($(origin CC),default)
CC := $(if $(shell command -v gcc 2>/dev/null),gcc,clang)
endif

# One folder for each kind of build: release asan ubsan tsan cover.
KIND ?= release
BUILD ?= build
B ?= $(BUILD)/$(KIND)

ROOMS := base config notify archive database repository backup restore doctor \
	status command
PACKAGES := sqlite3 libzstd libarchive libcrypto jansson inih libcurl

# --- flags -------------------------------------------------------------------
# CPPFLAGS, CFLAGS and LDFLAGS of who builds come last and are never replaced.

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wvla -Wconversion
ifeq ($(CI),true)
WARNINGS += -Werror
endif

CFLAGS ?= -O2 -g
HARDENING := -D_FORTIFY_SOURCE=2 -fstack-protector-strong
SANITIZE_asan := -fsanitize=address,undefined -fno-sanitize-recover=all
SANITIZE_ubsan := -fsanitize=undefined -fno-sanitize-recover=all
SANITIZE_tsan := -fsanitize=thread
SANITIZE_cover := --coverage -O0
SANITIZE := $(SANITIZE_$(KIND))
ifneq ($(SANITIZE),)
HARDENING := -fno-omit-frame-pointer
endif

# Asked once, when first needed: `make` without pkg-config must be able to say
# so itself.
PACKAGE_CFLAGS = $(eval PACKAGE_CFLAGS := \
	$$(shell $(PKG_CONFIG) --cflags $(PACKAGES)))$(PACKAGE_CFLAGS)
LIBS = $(eval LIBS := $$(shell $(PKG_CONFIG) --libs $(PACKAGES)) \
	$(MULTI_BUFFER_LIBS_$(MULTI_BUFFER)) -lm)$(LIBS)

# Intel's Multi-Buffer Crypto library (base/multi_buffer.h): yes, no, or, when
# nobody says, if it is there in a version that is new enough.  It brings
# nothing for pkg-config.  Builds of it for other processors lack what is used.
MULTI_BUFFER ?= $(eval MULTI_BUFFER := $$(if $$(shell \
	printf '%s\n' '#include <intel-ipsec-mb.h>' \
		'#if IMB_VERSION_NUM < 0x10300 || !defined(__x86_64__)' \
		'#error' '#endif' | \
	$(CC) -E - >/dev/null 2>&1 && echo yes),yes,no))$(MULTI_BUFFER)
MULTI_BUFFER_CFLAGS_yes := -DHAVE_IPSEC_MB
MULTI_BUFFER_LIBS_yes := -lIPSec_MB

ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE -I. -DLITESAFE_VERSION='"$(VERSION)"' \
	$(WARNINGS) $(HARDENING) -fPIE -pthread $(PACKAGE_CFLAGS) \
	$(MULTI_BUFFER_CFLAGS_$(MULTI_BUFFER)) \
	$(CPPFLAGS) $(CFLAGS) $(SANITIZE)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -pthread $(CFLAGS) $(SANITIZE) $(LDFLAGS)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s%s\n' '$(1)' '$(2)')
export B

# --- the program -------------------------------------------------------------

all: $(B)/litesafe $(if $(filter build/release,$(B)),build/litesafe)

objects = $(patsubst %.c,$(B)/%.o,$(wildcard $(1)/*.c))

$(B)/litesafe: $(foreach room,$(ROOMS),$(call objects,$(room)))
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

build/litesafe: build/release/litesafe
	$(Q)ln -sfn release/litesafe $@

$(B)/%.o: %.c Makefile | $(B)/ready
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Made once all that a build needs is installed; else names what is missing.
$(B)/ready: tests/setup.sh
	@tests/setup.sh check build
	@mkdir -p $(@D) && touch $@

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# --- tests -------------------------------------------------------------------

# Unit tests: one program for each room, with the rooms that it may use.
uses_base :=
uses_config := base
uses_notify := base
uses_archive := base
uses_database := base
uses_repository := archive base
uses_backup := repository archive database base
uses_restore := repository archive database base
uses_doctor := database base
uses_status := repository archive database base
uses_command := backup restore doctor status config notify repository archive database base

# Functions that a room's tests make fail (ld --wrap).
wraps_base := open fsync multi_buffer_sha256 multi_buffer_gmac

TESTED := $(foreach room,$(ROOMS),$(if \
	$(wildcard tests/unit/$(room)/*.c),$(room)))

define unit_rules
$(B)/unit_$(1): $$(call objects,tests/unit/$(1)) \
		$$(call objects,tests/unit/shared) \
		$$(filter-out $(B)/command/main.o,$$(call objects,$(1))) \
		$$(foreach room,$$(uses_$(1)),$$(call objects,$$(room)))
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(ALL_LDFLAGS) $$(wraps_$(1):%=-Wl,--wrap=%) -o $$@ $$^ \
		$$(LIBS) -lcriterion
unit-$(1): $(B)/unit_$(1)
	$$(Q)tests/unit.sh $(B)/unit_$(1)
endef
$(foreach room,$(ROOMS),$(eval $(call unit_rules,$(room))))

SUPPORT := $(patsubst tests/support/%.c,$(B)/support/%, \
	$(wildcard tests/support/*.c))

$(B)/support/%: $(B)/tests/support/%.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/support/churn $(B)/support/mkdb: $(call objects,tests/support/shared)
$(B)/support/forge: $(call objects,tests/support/forge)

support: $(SUPPORT)

unit: $(TESTED:%=$(B)/unit_%)
	$(Q)tests/unit.sh $^

# SCENARIOS="smoke bad_source" runs only these.  Most wait more than they work.
SCENARIO_JOBS ?= $(shell nproc)

scenario: all support
	$(Q)JOBS=$(SCENARIO_JOBS) tests/scenario/run.sh $(SCENARIOS)

long: all support
	$(Q)tests/scenario/run.sh $(patsubst tests/scenario/%.sh,%, \
		$(wildcard tests/scenario/long/*.sh))

setup:
	@tests/setup.sh install build test

demo:
	@tests/setup.sh install build demo
	@$(MAKE) --no-print-directory all support
	@tests/demo.sh

test: setup
	@$(MAKE) --no-print-directory tested

# Both, whatever the first says, and one after the other in spite of -j.
tested:
	@status=0; \
	$(MAKE) --no-print-directory unit || status=1; \
	$(MAKE) --no-print-directory scenario || status=1; \
	exit $$status

check: test
	@$(MAKE) --no-print-directory long

# The scenarios that a sanitized program, several times slower, runs as well.
FAST_SCENARIOS ?= smoke bad_source bad_archive repository

asan ubsan:
	@$(MAKE) --no-print-directory KIND=$@ B=$(BUILD)/$@ \
		SCENARIOS="$(FAST_SCENARIOS)" tested

# Criterion does not start under ThreadSanitizer: the real program only.
tsan:
	@$(MAKE) --no-print-directory KIND=$@ B=$(BUILD)/$@ \
		SCENARIOS="$(FAST_SCENARIOS)" scenario

cover:
	@$(MAKE) --no-print-directory KIND=$@ B=$(BUILD)/$@ tested
	@tests/cover.sh $(BUILD)/$@ $(ROOMS)

bench: all
	$(Q)LITESAFE=$(B)/litesafe tests/bench/archive.sh
	$(Q)LITESAFE=$(B)/litesafe tests/bench/repository.sh

# Each target for FUZZ_SECONDS, from the stored inputs.
FUZZ_SECONDS ?= 60
fuzz: all support
	$(Q)tests/fuzz.sh $(FUZZ_SECONDS) $(FUZZ)

# --- checks of the sources ---------------------------------------------------

# Headers a room may include: itself, and those to its right here.
LAYERS := base: config:base notify:base archive:base database:base repository:archive,base \
	backup:repository,archive,database,base \
	restore:repository,archive,database,base \
	doctor:database,base \
	status:repository,archive,database,base \
	command:backup,restore,doctor,status,config,notify,repository,archive,database,base

SOURCES := $(wildcard $(ROOMS:%=%/*.c))
HEADERS := $(wildcard $(ROOMS:%=%/*.h))
TEST_SOURCES := $(wildcard tests/unit/*/*.[ch] tests/support/*.[ch] \
	tests/support/*/*.[ch] \
	tests/fuzz/*.[ch] tests/bench/*.[ch])
SCRIPTS := .ci/run $(wildcard tests/*.sh tests/*/*.sh tests/*/*/*.sh \
	packaging/*.sh packaging/debian/tests/backup) \
	packaging/systemd/report-failure

layers:
	$(Q)tests/layers.sh $(LAYERS)

# What the completions of shells know of the options, from the program itself.
completions: all
	$(Q)$(B)/litesafe help --json | \
		packaging/completions/generate.py packaging/completions

SCRIPTS += packaging/completions/bash/litesafe
.PHONY: completions

headers: $(B)/ready
	$(Q)FLAGS='$(filter-out -Werror,$(ALL_CFLAGS))' \
		tests/headers.sh $(HEADERS)

format:
	$(Q)$(CLANG_FORMAT) --dry-run -Werror \
		$(SOURCES) $(HEADERS) $(TEST_SOURCES)

LINT_FLAGS = -std=gnu17 -D_GNU_SOURCE -I. $(PACKAGE_CFLAGS) \
	$(MULTI_BUFFER_CFLAGS_$(MULTI_BUFFER))

lint: $(B)/ready
	$(Q)FLAGS='$(LINT_FLAGS)' tests/lint.sh $(SOURCES) -- $(SCRIPTS)

# --- installing --------------------------------------------------------------

MANUALS := $(wildcard packaging/man/*.[1-9])
man_folder = $(MANDIR)/man$(subst .,,$(suffix $(1)))

# What is installed, as FROM:TO; the units are not copied but written.
INSTALLED = \
	$(foreach page,$(MANUALS),$(page):$(call man_folder,$(page))/$(notdir $(page))) \
	packaging/completions/bash/litesafe:$(BASHDIR)/litesafe \
	packaging/completions/zsh/_litesafe:$(ZSHDIR)/_litesafe \
	packaging/completions/fish/litesafe.fish:$(FISHDIR)/litesafe.fish
UNITS := litesafe@.service litesafe@.timer litesafe.service litesafe.timer \
	litesafe-failure@.service

# Units name the program where it is.  Those for all jobs are those for one job
# without its name.
unit_text = sed -e 's|/usr/bin/|$(BINDIR)/|' \
	-e 's|/usr/lib/litesafe|$(LIBEXECDIR)|' \
	-e 's|/usr/share/doc/litesafe|$(DOCDIR)|'
all_jobs = -e 's/: job %i/: all jobs/' -e 's/ %i$$//'

install: all install-config
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(UNITDIR) \
		$(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(DOCDIR)/examples
	$(INSTALL) -m 755 $(B)/litesafe $(DESTDIR)$(BINDIR)/litesafe
	$(INSTALL) -m 755 packaging/systemd/report-failure \
		$(DESTDIR)$(LIBEXECDIR)/report-failure
	$(INSTALL) -m 644 $(wildcard README.md DESIGN.md LICENSE) \
		$(DESTDIR)$(DOCDIR)
	cp -R packaging/examples/* packaging/apparmor $(DESTDIR)$(DOCDIR)/examples
	chmod -R u=rwX,go=rX $(DESTDIR)$(DOCDIR)/examples
	$(foreach file,$(INSTALLED),$(INSTALL) -D -m 644 \
		$(subst :, $(DESTDIR),$(file)) &&) true
	$(foreach unit,$(filter-out litesafe.%,$(UNITS)),$(unit_text) \
		packaging/systemd/$(unit) >$(DESTDIR)$(UNITDIR)/$(unit) &&) true
	$(unit_text) $(all_jobs) packaging/systemd/litesafe@.service \
		>$(DESTDIR)$(UNITDIR)/litesafe.service
	$(unit_text) $(all_jobs) packaging/systemd/litesafe@.timer \
		>$(DESTDIR)$(UNITDIR)/litesafe.timer
	chmod 644 $(UNITS:%=$(DESTDIR)$(UNITDIR)/%)

# The operator's file is never replaced.
CONFIG = $(DESTDIR)$(SYSCONFDIR)/litesafe/litesafe.conf
install-config:
	$(INSTALL) -d $(dir $(CONFIG))conf.d
	[ -e $(CONFIG) ] || $(INSTALL) -m 644 packaging/litesafe.conf $(CONFIG)

# The configuration stays, and so does what litesafe stored.  What `systemctl
# enable` linked is the operator's, and stays until it is said.
uninstall:
	rm -f $(DESTDIR)$(BINDIR)/litesafe $(UNITS:%=$(DESTDIR)$(UNITDIR)/%) \
		$(foreach file,$(INSTALLED),$(DESTDIR)$(lastword $(subst :, ,$(file))))
	rm -rf $(DESTDIR)$(DOCDIR) $(DESTDIR)$(LIBEXECDIR)
	@links=$$(find $(DESTDIR)$(SYSCONFDIR)/systemd/system -type l \
		-lname '$(UNITDIR)/litesafe*' 2>/dev/null | sort); \
	[ -z "$$links" ] || echo "still enabled:" $$links "- to end that:" \
		"systemctl disable --now" $$(basename -a $$links)

# --- packages ----------------------------------------------------------------
# All of them in build/packages, from the tarball that `make dist` makes.

DIST := build/packages/litesafe-$(VERSION).tar.gz

dist:
	$(Q)packaging/dist.sh $(VERSION) $(DIST)

deb: dist
	$(Q)MULTI_BUFFER=$(MULTI_BUFFER) packaging/deb.sh $(VERSION) $(DIST)

rpm: dist
	$(Q)MULTI_BUFFER=$(MULTI_BUFFER) packaging/rpm.sh $(VERSION) $(DIST)

clean:
	rm -rf build

help:
	@echo 'build:   all install uninstall clean; PREFIX= MANDIR= DESTDIR= V=1'
	@echo '         MULTI_BUFFER=no: without libIPSec_MB, also where it is'
	@echo 'show:    demo bench'
	@echo 'package: dist deb rpm, into build/packages'
	@echo 'test:    test check unit unit-ROOM scenario long asan ubsan tsan'
	@echo '         cover fuzz; SCENARIOS="smoke ..."'
	@echo 'sources: lint format layers headers'

.PHONY: all support setup demo test tested check unit scenario long asan \
	ubsan tsan cover bench fuzz layers headers format lint install \
	install-config uninstall dist deb rpm clean help $(ROOMS:%=unit-%)
.SECONDARY:
