# Mayfly. `make run` needs nothing but a Debian or Ubuntu with git and make; `make help` lists the rest.

CC = gcc
CLANG = clang
# Warnings are fatal; packagers with another compiler say WERROR=
WERROR = -Werror

WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
           -Wformat=2 -Wvla -Wswitch-enum -Wwrite-strings
# The compiler's option for checking the targets of jumps, which depends on the processor.
LANDINGS := $(if $(filter aarch64-%,$(shell $(CC) -dumpmachine 2>/dev/null)),-mbranch-protection=standard,-fcf-protection)
HARDENING = -O2 -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection $(LANDINGS)
HARDENED_LINK = -Wl,-z,relro,-z,now,-z,noexecstack
SANITIZERS = -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all -fsanitize=address,undefined
BASE_CFLAGS = -std=gnu11 -D_GNU_SOURCE -g -Igateway $(WARNINGS)
LIBS = -Wl,--as-needed -lh2o-evloop -lssl -lcrypto -lcurl -ljson-c -ledit -lm -lpthread

# Four builds side by side, the same rules for each: compiler, compile flags, link flags.
release_CC = $(CC)
release_CFLAGS = $(WERROR) $(HARDENING) -fPIE
release_LDFLAGS = -pie $(HARDENED_LINK)
asan_CC = $(CC)
asan_CFLAGS = $(WERROR) $(SANITIZERS)
asan_LDFLAGS = $(SANITIZERS)
fuzz_CC = $(CLANG)
fuzz_CFLAGS = $(SANITIZERS),fuzzer-no-link
fuzz_LDFLAGS = $(SANITIZERS),fuzzer
init_CC = $(CC)
init_CFLAGS = $(WERROR) $(HARDENING) -fPIE
init_LDFLAGS = -static-pie $(HARDENED_LINK)

PAGES = build/web/assets.c
GATEWAY = $(wildcard $(addprefix gateway/,common/*.c front/*.c front/*/*.c broker/*.c broker/*/*.c client/*.c)) $(PAGES)
MAIN = $(wildcard gateway/*.c)
INIT = $(wildcard runner-image/init/*.c \
       $(addprefix gateway/common/,wire.c wire_reader.c buf.c fd.c job.c outcome.c refused.c artifact.c \
       path.c glob.c utf8.c error.c clock.c number.c))
UNITS = $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
FUZZERS = $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
TEST = $(UNITS)
FUZZ = $(FUZZERS)
FUZZ_SECONDS = 60

# The folders into which `make install` installs. The path in DESTDIR, if there is one, is put before each of these.
PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
DOCDIR = $(PREFIX)/share/doc/mayfly
UNITDIR = $(PREFIX)/lib/systemd/system
SYSUSERSDIR = $(PREFIX)/lib/sysusers.d
# The units read mayfly/mayfly.env in here. It belongs to the operator: `make install` and `make uninstall` do not
# change it.
SYSCONFDIR = /etc
INSTALL = install
VERSION = $(shell sed -n 's/^.define MAYFLY_VERSION "\(.*\)"$$/\1/p' gateway/common/version.h)
SERVICES = $(notdir $(wildcard deploy/systemd/*.service))

all: build/release/mayfly build/release/mayfly-init compile_commands.json # the program; the default
asan: build/asan/mayfly # the same, with the address and undefined-behaviour sanitizers
pages: $(PAGES) # what the binary embeds of gateway/web, built with npm
init: build/release/mayfly-init # the boxes' PID 1, static, built for this host
unit: $(TEST:%=build/release/unit/%) # unit tests; one of them: make unit TEST=test_wire
unit-asan: $(TEST:%=build/asan/unit/%) # unit tests under the sanitizers
unit unit-asan: ; @status=0; for t in $^; do $$t || status=1; done; exit $$status
unit-build: $(UNITS:%=build/release/unit/%) $(UNITS:%=build/asan/unit/%)
fuzz: $(FUZZ:%=run-%) # each fuzzer for FUZZ_SECONDS; two at a time: make -j2 fuzz; one of them: make fuzz FUZZ=fuzz_wire
run-fuzz_%: build/fuzz/fuzz_%
	@mkdir -p build/fuzz/corpus/fuzz_$*
	@$< -max_total_time=$(FUZZ_SECONDS) -timeout=10 -artifact_prefix=build/fuzz/fuzz_$*- \
	  build/fuzz/corpus/fuzz_$* tests/fuzz/corpus/$*
fuzz-build: $(FUZZERS:%=build/fuzz/%)
list-units: ; @echo $(UNITS)
list-fuzzers: ; @echo $(FUZZERS)
run: ; @exec deploy/run.sh # everything from the packages to a gateway that answers on 127.0.0.1:8000
test: ; @exec tests/run.sh # all tests, on a real engine too
compose-test: ; @PARTS=compose tests/run.sh # docker-compose.yml, the image and deploy/ci, on an engine of their own
swarm-test: ; @PARTS=swarm tests/run.sh # deploy/swarm: two nodes and a proxy, updated under load, and one loses its power
warmup-test: ; @tests/warmup.sh # the programs of tests/docker/fidelity in a box leased at each step of its warm-up; hours
cpython-test: ; @tests/cpython/run.sh # CPython's own tests in boxes and under python3: each difference is listed; an hour; REUSE=1: in boxes of several runs
python-test: ; @PARTS=python tests/run.sh # what minds which Python is in the boxes; Debian 13's: MAYFLY_BASE_SUITE=trixie
first-run: ; @tests/first_run.sh # make run as on its first day: what it says, an answer, Ctrl-C, and nothing left
bare-test: ; @tests/bare.sh # each of TARGETS on a system that has nothing but git and make; SUITE=trixie, SUITE=noble
engines-test: ; @tests/engines/run.sh # each engine that users have, in a root of its own; some: ENGINES="docker-28-crun"
vm-test: ; @tests/vm/run.sh # Debian in a virtual machine: its kernel, systemd, cgroup v2, AppArmor; VM_SUITE=trixie, VM_ARCH=arm64
lint: ; @tests/lint.sh # format, static analysis, layering
bench: ; @tests/bench/run.sh # the speed figures, as ratios; a page with plots: build/bench/page.md
bench-page: ; @tests/bench/run.sh --page # the plot in README.md, measured anew; on a machine that is quiet
soak: ; @tests/soak.sh # the long runs: faults with every request accounted for, then mixed load
settings: ; @deploy/settings.sh # deploy/env.example and README's table, from the program's own
install: build/release/mayfly # mayfly, its man page and systemd units, below PREFIX (/usr/local); packagers set DESTDIR
	@$(check_paths)
	$(INSTALL) -D -m 755 $< '$(DESTDIR)$(BINDIR)/mayfly'
	sed 's/^\.Os$$/.Os Mayfly $(VERSION)/' deploy/mayfly.1 | \
	  $(INSTALL) -D -m 644 /dev/stdin '$(DESTDIR)$(MANDIR)/man1/mayfly.1'
	$(INSTALL) -D -m 644 deploy/env.example '$(DESTDIR)$(DOCDIR)/mayfly.env'
	$(INSTALL) -D -m 644 deploy/systemd/mayfly.sysusers '$(DESTDIR)$(SYSUSERSDIR)/mayfly.conf'
	for unit in $(SERVICES); do \
	  sed 's|/usr/bin/mayfly|$(BINDIR)/mayfly|; s|/etc/mayfly/|$(SYSCONFDIR)/mayfly/|' "deploy/systemd/$$unit" | \
	    $(INSTALL) -D -m 644 /dev/stdin '$(DESTDIR)$(UNITDIR)'/"$$unit" || exit; done
uninstall: # what make install has put there, with the same variables; settings and keys stay
	@$(check_paths)
	rm -f '$(DESTDIR)$(BINDIR)/mayfly' '$(DESTDIR)$(MANDIR)/man1/mayfly.1' '$(DESTDIR)$(DOCDIR)/mayfly.env' \
	  '$(DESTDIR)$(SYSUSERSDIR)/mayfly.conf' $(SERVICES:%='$(DESTDIR)$(UNITDIR)/%')
	[ ! -d '$(DESTDIR)$(DOCDIR)' ] || rmdir --ignore-fail-on-non-empty '$(DESTDIR)$(DOCDIR)'
format: ; clang-format -i $(shell git ls-files '*.c' '*.h')
clean: ; rm -rf build compile_commands.json
help: ; @sed -n 's/^\([a-z][a-z-]*\):.* # \([^\\]*\)$$/make \1\t\2/p' Makefile | expand -t 20
.PHONY: all asan pages init unit unit-asan unit-build fuzz fuzz-build list-units list-fuzzers run test compose-test swarm-test warmup-test cpython-test python-test first-run bare-test engines-test vm-test lint bench bench-page soak settings install uninstall format clean help

# Other characters have a special meaning in units, in sed or in the shell.
check_paths = for path in '$(BINDIR)' '$(MANDIR)' '$(DOCDIR)' '$(UNITDIR)' '$(SYSUSERSDIR)' '$(SYSCONFDIR)'; do \
  case $$path in '' | [!/]* | *[!A-Za-z0-9/._+@-]*) \
    echo "make: '$$path' is no path to install to: it begins with / and has only letters, digits and / . _ + @ -" >&2; \
    exit 1 ;; esac; done

# The command for a build and a source. Only the adapter and its tests use h2o's headers, which need the choice of an
# event loop. The Python template is built only in its image; its flags are here for clang-tidy.
compile = $($(1)_CC) $(BASE_CFLAGS) $($(1)_CFLAGS) \
          $(if $(filter gateway/front/http% tests/unit/test_exchange.c tests/unit/test_connection.c,$(2)),-DH2O_USE_EPOLL=1) \
          $(if $(filter tests/%,$(2)),-Irunner-image) \
          $(if $(filter runner-image/python/%,$(2)),-isystem /usr/include/python3.11) $(CFLAGS)

# A test that defines a function itself replaces the archive's object with that function.
define variant
build/$(1)/obj/%.o: %.c Makefile
	@mkdir -p $$(@D)
	$$(call compile,$(1),$$<) -MMD -MP -c $$< -o $$@
build/$(1)/obj/gateway/broker/selftest/canary_job.o: gateway/broker/selftest/canary.py gateway/broker/selftest/trial.py # it embeds them
build/$(1)/gateway.a: $$(GATEWAY:%.c=build/$(1)/obj/%.o)
	rm -f $$@ && $$(AR) qcs $$@ $$^
build/$(1)/mayfly: $$(MAIN:%.c=build/$(1)/obj/%.o) $$(GATEWAY:%.c=build/$(1)/obj/%.o)
	$$($(1)_CC) $$($(1)_LDFLAGS) $$(LDFLAGS) $$^ $$(LIBS) -o $$@
build/$(1)/init.a: $$(filter-out %/main.o,$$(patsubst %.c,build/$(1)/obj/%.o,$$(wildcard runner-image/init/*.c)))
	rm -f $$@ && $$(AR) qcs $$@ $$^
build/$(1)/unit/%: build/$(1)/obj/tests/unit/%.o build/$(1)/init.a build/$(1)/gateway.a
	@mkdir -p $$(@D)
	$$($(1)_CC) $$($(1)_LDFLAGS) $$(LDFLAGS) $$^ $$(LIBS) -lcmocka -o $$@
build/$(1)/unit/test_request_memory: LDFLAGS += -Wl,--wrap=calloc,--wrap=realloc
build/$(1)/fuzz_%: build/$(1)/obj/tests/fuzz/fuzz_%.o build/$(1)/gateway.a
	$$($(1)_CC) $$($(1)_LDFLAGS) $$(LDFLAGS) $$^ $$(LIBS) -o $$@
endef
$(foreach v,release asan fuzz init,$(eval $(call variant,$(v))))

build/release/mayfly-init: $(INIT:%.c=build/init/obj/%.o)
	@mkdir -p $(@D)
	$(init_CC) $(init_LDFLAGS) $(LDFLAGS) $^ -o $@

# The pages: bundled, compressed, and a table of them in C, which embeds the files.
$(PAGES): $(shell find gateway/web -name node_modules -prune -o -type f -print) gateway/common/version.h
	gateway/web/build.sh $(@D)

SOURCES = $(sort $(filter-out $(PAGES),$(GATEWAY)) $(INIT) $(MAIN) $(wildcard runner-image/python/*.c runner-image/names/*.c tests/*/*.c))
# The list of all files is too long for one command of the shell.
compile_commands.json: Makefile $(SOURCES)
	$(file >$@,[)
	$(foreach f,$(SOURCES),$(file >>$@,{"directory":"$(CURDIR)","file":"$(f)",)$(file >>$@,"command":"$(strip $(call compile,release,$(f))) -c $(f)"}$(if $(filter $(f),$(lastword $(SOURCES))),,$(comma))))
	$(file >>$@,])
comma := ,

.SECONDARY:
-include $(shell find build -name '*.d' 2>/dev/null)
