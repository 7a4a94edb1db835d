# litesafe: build, test, install.  GNU make; V=1 shows the commands.

VERSION := 0.1.0

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/litesafe

PKG_CONFIG ?= pkg-config
INSTALL ?= install
KIND ?= release
B ?= build/$(KIND)

ROOMS := base archive database backup restore command
PACKAGES := sqlite3 libzstd libarchive libcrypto jansson

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wvla -Wconversion
HARDENING := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
CFLAGS ?= -O2 -g
SANITIZE :=
ifeq ($(CI),true)
WARNINGS += -Werror
endif
ifneq ($(filter asan ubsan tsan cover,$(KIND)),)
HARDENING := -fPIE -fno-omit-frame-pointer
endif

ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE -I. -DLITESAFE_VERSION='"$(VERSION)"' \
	$(WARNINGS) $(HARDENING) $(shell $(PKG_CONFIG) --cflags $(PACKAGES)) \
	$(SANITIZE) -pthread $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now $(SANITIZE) -pthread $(LDFLAGS)
LIBS = $(shell $(PKG_CONFIG) --libs $(PACKAGES))

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s%s\n' '$(1)' '$(2)')

all: $(B)/litesafe

objects = $(patsubst %.c,$(B)/%.o,$(wildcard $(1)/*.c))
OBJECTS := $(foreach room,$(ROOMS),$(call objects,$(room)))

$(B)/litesafe: $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# Unit tests: one program for each room, with the rooms that it may use.
uses_base :=
uses_archive := base
uses_database := base
uses_backup := archive database base
uses_restore := archive database base
uses_command := backup restore archive database base

define unit_rules
$(B)/unit_$(1): $$(call objects,tests/unit/$(1)) \
		$$(filter-out $(B)/command/main.o,$$(call objects,$(1))) \
		$$(foreach room,$$(uses_$(1)),$$(call objects,$$(room)))
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(LIBS) -lcriterion
unit-$(1): $(B)/unit_$(1)
	$$(Q)$(B)/unit_$(1)
endef
$(foreach room,$(ROOMS),$(eval $(call unit_rules,$(room))))

clean:
	rm -rf build

.PHONY: all clean $(ROOMS:%=unit-%)
