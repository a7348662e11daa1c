# SPDX-License-Identifier: MIT
#
# Fawn: build, run, check.  `make help` lists what there is.
#
# Everything built lies below $(O), so that several builds (DEBUG=1, another
# compiler, a lab's stage) can stand side by side.  An object depends on its
# source, on the headers that it read last time, and on a file that holds the
# flags it was compiled with: a changed flag recompiles, an unchanged tree
# does nothing.

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
.DELETE_ON_ERROR:
.SECONDEXPANSION:
SHELL := /bin/sh

## Build
##   make               the kernel and its disk image, below $(O)
##   make user          the programs
##   make mkfs          the tool that makes disk images
##   make kernel-objects user-objects
##                      compile only (with -k: see all errors)
##   make compile_commands.json
##                      what editors want to know, in $(O)
##   make clean         remove $(O)
## Run
##   make setup         install what is needed (Debian); quick if it is there
##                      SETUP=all: and what only some checks want
##   make doctor        what is there, what is missing or too old
##   make qemu          boot to a shell on this terminal; leave with ^A x
##   make qemu-gdb      the same, but wait for gdb at the first instruction
##   make gdb           gdb for that, in another terminal; PROG=ls: and a program
##   make exec CMD='ls / | wc -l'
##                      run a command without a terminal; its output, its status
## Check
##   make check         everything; ends with `N passed, N failed`
##   make check-quick   the same without the long tests
##   make check-host    the tests that need no machine
##   make check-machine the tests in the machine
##   make layers        the layering rule, by #include and by symbol
##   make headers-check every header compiles alone
##   make format-check  the layout of C; make format mends it
## Variables
##   CPUS=3 MEM=256M    the machine's harts and memory
##   APPEND='...'       kernel arguments
##   EXTRA=folder       files to lay over the disk
##   IMAGE_SIZE=64M     the disk's size
##   LIMIT=60           seconds until make exec gives up
##   CONSOLE=file       where make exec leaves what the kernel said
##   DEBUG=1            checks and poisoning in the kernel, built in $(O)/debug
##   STAGE=1-locks      the tree with the starters of this lab and those after it
##   O=build            where everything built goes
##   TOOLPREFIX=riscv64-unknown-elf-
##                      the cross compiler; riscv64-linux-gnu- serves as well
##   PYTHON HOSTCC QEMU other programs of yours
##   V=1                show commands in full

# setup may install the compiler that the rest of this file looks for, so what
# is wanted beside it is made by a make that starts after it.
ifneq ($(filter setup,$(MAKECMDGOALS)),)

rest := $(filter-out setup,$(MAKECMDGOALS))
.PHONY: setup $(rest)
setup:
	@tools/setup $(SETUP)
$(rest): setup
	+@$(MAKE) --no-print-directory $@

else

# ---- What the user may set ---------------------------------------------------

DEBUG  ?= 0
STAGE  ?=
CPUS   ?= 3
MEM    ?= 256M
APPEND ?=
EXTRA  ?=
LIMIT  ?= 60
CONSOLE ?=
IMAGE_SIZE ?= 64M
PYTHON ?= /usr/bin/python3
HOSTCC ?= cc
QEMU   ?= qemu-system-riscv64
O      ?= build$(addprefix /,$(STAGE))$(if $(filter 1,$(DEBUG)),/debug)

TOOLPREFIX ?= $(firstword $(foreach p,riscv64-unknown-elf- riscv64-linux-gnu-,\
	$(if $(shell command -v $pgcc),$p)) riscv64-unknown-elf-)
CC      := $(TOOLPREFIX)gcc
AR      := $(TOOLPREFIX)ar
NM      := $(TOOLPREFIX)nm
STRIP   := $(TOOLPREFIX)strip

# What CMD holds is for the guest's shell: make expands nothing in it.
unexport CMD
export O
export FAWN_BUILD := $(abspath $(O))

# What is missing is said before anything is built, but not to who needs it not.
ifneq ($(filter-out clean help doctor gdb format format-check mkfs,$(or $(MAKECMDGOALS),all)),)
$(foreach p,$(CC) $(PYTHON),$(if $(shell command -v $p),,\
	$(error $p is not installed; make doctor says what is there, make setup installs)))
endif

.PHONY: all
all: kernel image

# ---- Small functions ---------------------------------------------------------

# $(call say,WHAT,FILE): begin a recipe's line: one word for it, or all of it with V=1.
say = $(if $(filter 1,$(V)),,@)mkdir -p $(@D); $(if $(filter 1,$(V)),,printf '  %-6s %s\n' $(1) $(2);)

# $(call overlay,PATH): the file that stands for PATH at this STAGE.  A stage is
# a lab's folder; its starter and those of the labs after it lie over the tree.
starters := $(if $(STAGE),$(shell ls -dv labs/*/starter 2>/dev/null | sed -n '/^labs\/$(STAGE)\//,$$p'))
overlay   = $(firstword $(wildcard $(addsuffix /$(1),$(starters))) $(1))
ifneq ($(STAGE),)
ifeq ($(starters),)
$(error STAGE=$(STAGE): there is no labs/$(STAGE)/starter)
endif
endif

# $(call remember,FILE,TEXT): FILE holds TEXT; its date changes only with it.
remember = $(if $(call same,$(strip $(2)),$(file <$(1))),,\
	$(shell mkdir -p $(dir $(1)))$(file >$(1),$(strip $(2))))
same = $(and $(findstring x$(1)x,x$(2)x),$(findstring x$(2)x,x$(1)x))

# $(call sources,FOLDERS,NAMES): the files below FOLDERS with such names, sorted.
sources = $(sort $(shell find /dev/null $(wildcard $(1)) -type f \( -false $(foreach n,$(2),-o -name '$n') \)))
# $(call objects,SOURCES): a.c becomes a.o, and a.S a.S.o, for both may be there.
objects = $(patsubst %.S,$(O)/obj/%.S.o,$(patsubst %.c,$(O)/obj/%.o,$(1)))

# ---- Flags -------------------------------------------------------------------

warnings := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wundef -Wvla -Wimplicit-fallthrough -Wpointer-arith \
	-Wwrite-strings -Wredundant-decls -Wnested-externs -Wformat=2 -Wlogical-op \
	-Wduplicated-cond
gccinclude := $(shell $(CC) -print-file-name=include 2>/dev/null)
freestanding := $(addprefix -isystem ,$(gccinclude) $(wildcard $(gccinclude)-fixed))

# A call in tail position is compiled as a call, so that a backtrace shows the
# function that made it.  Loops are not turned into calls of memset and memcpy:
# inside memset and memcpy that would be a call of themselves.
common := -O2 -g -std=gnu17 -ffreestanding -nostdinc $(freestanding) \
	-fno-pic -fno-pie -fno-common -fno-stack-protector -fno-omit-frame-pointer \
	-fno-optimize-sibling-calls -fno-asynchronous-unwind-tables \
	-fno-tree-loop-distribute-patterns -ffunction-sections -fdata-sections \
	-DFAWN_DEBUG=$(DEBUG) $(warnings)

# _LIBC_LIMITS_H_ tells the compiler's own limits.h that there is no other one.
kcflags := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -msmall-data-limit=0 \
	-Wframe-larger-than=2048 $(common) -D_LIBC_LIMITS_H_ \
	$(addprefix -I,$(addsuffix /kernel,$(starters))) -Ikernel -I$(O)/gen
ldflags := -nostdlib -static -no-pie -Wl,--fatal-warnings -Wl,--build-id=none \
	-Wl,--gc-sections -z max-page-size=4096 -z noexecstack \
	$(if $(findstring linux,$(TOOLPREFIX)),-z norelro)

# -Wwrite-strings would make the usual char *argv[] = { "ls", NULL } an error.
# Programs see their library's headers and, of the kernel, abi/ alone.
ucflags := -march=rv64gc -mabi=lp64d -mcmodel=medany $(common) -Wno-write-strings \
	-Iuser/lib/include -I$(O)/include -I$(O)/gen/user
user_ld := $(wildcard user/user.ld)
uldflags := $(ldflags) $(if $(user_ld),-T $(user_ld),-Wl,-Ttext-segment=0x10000)

hcflags := -O2 -g -std=gnu17 $(warnings) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I$(O)/include

# $(call hold,NAME,TEXT): remember TEXT in the stamp NAME.
stamps := $(O)/stamps
hold    = $(call remember,$(stamps)/$(strip $(1)),$(2))
$(call hold,kernel,$(CC) $(kcflags))
$(call hold,user,$(CC) $(ucflags))
$(call hold,host,$(HOSTCC) $(hcflags))

# ---- Generated files ---------------------------------------------------------

gen := $(addprefix $(O)/gen/,abi/syscall.h sys/syscall_table.h sys/syscall_table.c \
	user/syscalls.h user/stubs.S)
links := $(O)/include/abi $(O)/gen/user/abi

$(gen) &: kernel/sys/syscalls.list tools/syscalls.py
	$(call say,GEN,$(O)/gen) $(PYTHON) tools/syscalls.py $< $(O)/gen

version := $(or $(shell git --no-optional-locks describe --always --dirty 2>/dev/null),unknown)
$(call remember,$(O)/gen/lib/version.c,const char kernel_version[] = "$(version)";)

$(O)/include/abi:
	@mkdir -p $(@D) && ln -sfn $(abspath kernel/abi) $@
$(O)/gen/user/abi: | $(gen)
	@mkdir -p $(@D) && ln -sfn ../abi $@

# ---- Kernel ------------------------------------------------------------------

layers   := $(shell sed -e 's/\#.*//' -e 's/[[:space:]].*//' -e '/^$$/d' kernel/layers.txt)
ksources := $(call sources,$(addprefix kernel/,$(layers)),*.c *.S) $(wildcard kernel/main.c)
kobjects := $(call objects,$(ksources)) $(O)/obj/gen/sys/syscall_table.o $(O)/obj/gen/lib/version.o
kld      := $(call overlay,kernel/kernel.ld)
$(call hold,kernel.link,$(CC) $(ldflags) $(kobjects))

compile_kernel = $(CC) $(kcflags) -MMD -MP -c -o $@ $<

$(O)/obj/kernel/%.o: $$(call overlay,kernel/$$*.c) $(stamps)/kernel | $(gen)
	$(call say,CC,$<) $(compile_kernel)
$(O)/obj/kernel/%.S.o: $$(call overlay,kernel/$$*.S) $(stamps)/kernel | $(gen)
	$(call say,AS,$<) $(compile_kernel)
$(O)/obj/gen/%.o: $(O)/gen/%.c $(stamps)/kernel
	$(call say,CC,$<) $(compile_kernel)

.PHONY: kernel kernel-objects
kernel: $(O)/kernel.elf
kernel-objects: $(kobjects)

# Linked twice: the table of symbols is made from the first kernel and lies in
# the second, behind the code, which must not move by it.
link_kernel = $(CC) $(ldflags) -T $(kld) -o $@ $(filter %.o,$^)

$(O)/kernel.first.elf: $(kobjects) $(O)/obj/gen/lib/ksyms.none.o $(kld) $(stamps)/kernel.link
	$(call say,LD,$@) $(link_kernel)
$(O)/kernel.elf: $(kobjects) $(O)/obj/gen/lib/ksyms.full.o $(kld) $(stamps)/kernel.link
	$(call say,LD,$@) $(link_kernel)
	@$(PYTHON) tools/symbols.py --same $(O)/kernel.first.elf $@

$(O)/gen/lib/ksyms.none.bin:
	@mkdir -p $(@D) && : >$@
$(O)/gen/lib/ksyms.full.bin: $(O)/kernel.first.elf tools/symbols.py
	$(call say,SYMS,$@) $(PYTHON) tools/symbols.py $< $@
$(O)/obj/gen/lib/ksyms.%.o: $(O)/gen/lib/ksyms.%.bin tools/ksyms.S $(stamps)/kernel
	$(call say,AS,$@) $(CC) $(kcflags) -DTABLE='"$<"' -c -o $@ tools/ksyms.S

# ---- Programs ----------------------------------------------------------------

libsources := $(filter-out %/crt0.S,$(call sources,user/lib,*.c *.S))
libobjects := $(call objects,$(libsources)) $(O)/obj/gen/user/stubs.S.o
crt0       := $(O)/obj/user/lib/crt0.S.o
libc       := $(O)/user/libc.a
$(call hold,user.lib,$(AR) $(libobjects))

# A program is user/bin/NAME.c or the folder user/bin/NAME/; a test program is
# user/test/NAME.c and is linked with what all tests share, user/test/lib/.
programs := $(patsubst %/,%,$(basename $(wildcard user/bin/*.c)) $(dir $(wildcard user/bin/*/*.c)))
programs := $(addprefix $(O)/,$(sort $(programs)))
tests    := $(addprefix $(O)/,$(sort $(basename $(wildcard user/test/*.c))))
testlib  := $(call objects,$(call sources,user/test/lib,*.c))
parts     = $(call objects,$(wildcard $(1).c $(1)/*.c))

compile_user = $(CC) $(ucflags) -MMD -MP -c -o $@ $<
link_user    = $(CC) -march=rv64gc -mabi=lp64d $(uldflags) -o $@ $(crt0) $(1) $(libc) -lgcc
$(call hold,user.link,$(call link_user))

$(O)/obj/user/%.o: user/%.c $(stamps)/user | $(gen) $(links)
	$(call say,CC,$<) $(compile_user)
$(O)/obj/user/%.S.o: user/%.S $(stamps)/user | $(gen) $(links)
	$(call say,AS,$<) $(compile_user)
$(O)/obj/gen/user/%.S.o: $(O)/gen/user/%.S $(stamps)/user
	$(call say,AS,$<) $(compile_user)

$(libc): $(libobjects) $(stamps)/user.lib
	$(call say,AR,$@) rm -f $@ && $(AR) rcs $@ $(libobjects)

linked_with := $(crt0) $(libc) $(user_ld) $(stamps)/user.link
$(programs): $$(call parts,$$(patsubst $(O)/%,%,$$@)) $(linked_with)
	$(call say,LD,$@) $(call link_user,$(filter $(O)/obj/user/bin/%.o,$^))
$(tests): $(O)/%: $(O)/obj/%.o $(testlib) $(linked_with)
	$(call say,LD,$@) $(call link_user,$< $(testlib))

.PHONY: user user-objects
user: $(programs) $(tests)
user-objects: $(libobjects) $(crt0) $(testlib) \
	$(call objects,$(call sources,user/bin,*.c) $(wildcard user/test/*.c))

# ---- Disk image --------------------------------------------------------------

mkfs    := $(O)/mkfs/mkfs
mkfsobj := $(call objects,$(wildcard mkfs/*.c))
$(call hold,mkfs.link,$(HOSTCC) $(mkfsobj))

$(O)/obj/mkfs/%.o: mkfs/%.c $(stamps)/host | $(links)
	$(call say,HOSTCC,$<) $(HOSTCC) $(hcflags) -MMD -MP -c -o $@ $<
$(mkfs): $(mkfsobj) $(stamps)/mkfs.link
	$(call say,HOSTLD,$@) $(HOSTCC) -o $@ $(mkfsobj)

# The disk holds the programs, the test programs, what lies in user/root, some
# reading in /doc, and over all that the folder EXTRA.
image    := $(O)/fs.img
root     := $(O)/root
docs     := $(wildcard README.md LICENSE docs/*.md)
skeleton := $(call sources,user/root,*)
extra    := $(if $(EXTRA),$(if $(wildcard $(EXTRA)/.),$(shell find $(EXTRA)),\
	$(error EXTRA=$(EXTRA): there is no such folder)))
$(call hold,image,$(IMAGE_SIZE) $(EXTRA) $(extra) $(programs) $(tests) $(docs) $(skeleton))

.PHONY: mkfs image
mkfs: $(mkfs)
image: $(image)

$(image): $(mkfs) $(programs) $(tests) $(docs) $(skeleton) $(extra) $(stamps)/image
	@rm -rf $(root)
	@mkdir -p $(addprefix $(root)/,bin test etc dev proc tmp mnt doc root)
	@$(if $(skeleton),cp -R user/root/. $(root)/)
	@$(if $(docs),cp $(docs) $(root)/doc/)
	@for f in $(programs); do $(STRIP) -o $(root)/bin/$${f##*/} $$f || exit 1; done
	@for f in $(tests); do $(STRIP) -o $(root)/test/$${f##*/} $$f || exit 1; done
	@chmod 1777 $(root)/tmp
	@$(if $(EXTRA),cp -R $(EXTRA)/. $(root)/)
	$(call say,MKFS,$@) $(mkfs) $@.new $(IMAGE_SIZE) $(root) && mv $@.new $@

# ---- Run ---------------------------------------------------------------------

quote   = '$(subst ','\'',$(1))'
machine := --kernel $(O)/kernel.elf --image $(image) --cpus $(CPUS) --memory $(MEM) \
	--qemu $(QEMU) --append $(call quote,$(APPEND))

.PHONY: doctor qemu qemu-gdb gdb exec
doctor:
	@$(PYTHON) tools/doctor --prefix '$(TOOLPREFIX)' --qemu '$(QEMU)'

# What is written to the disk stays there until the image is made anew.
qemu: kernel image
	@$(PYTHON) tools/machine.py $(machine) --keep
qemu-gdb: kernel image
	@$(PYTHON) tools/machine.py $(machine) --keep --gdb $(O)/gdb.port
gdb:
	@$(PYTHON) tools/gdb.py --build $(O) $(addprefix --program ,$(PROG))

# The only output is the command's: what is built on the way says so on stderr.
exec:
	$(if $(value CMD),,$(error CMD is missing: make exec CMD='ls /'))
	+@$(MAKE) -s kernel image >&2
	@$(PYTHON) tools/exec $(machine) --limit $(LIMIT) --console '$(CONSOLE)' -- $(call quote,$(value CMD))

# ---- Check -------------------------------------------------------------------

.PHONY: check check-quick check-host check-machine layers headers-check format format-check
check check-quick check-host check-machine:
	+@MAKE='$(MAKE)' $(PYTHON) tools/check $(@:check-%=%)

layers: $(kobjects) $(O)/obj/gen/lib/ksyms.none.o
	@$(PYTHON) tools/layers.py --nm $(NM) --objects $(kobjects) $(O)/obj/gen/lib/ksyms.none.o

# Each header on its own, as an empty file that includes it first.
headers := $(call sources,$(addprefix kernel/,$(layers)) user/lib user/bin user/test mkfs,*.h)
compile_header = $(1) -include $< -MMD -MP -MF $(@:.ok=.d) -MT $@ -x c -c -o /dev/null /dev/null && : >$@

headers-check: $(headers:%=$(O)/headers/%.ok)
$(O)/headers/kernel/%.ok: kernel/% $(stamps)/kernel | $(gen)
	$(call say,HEADER,$<) $(call compile_header,$(CC) $(kcflags))
$(O)/headers/user/%.ok: user/% $(stamps)/user | $(gen) $(links)
	$(call say,HEADER,$<) $(call compile_header,$(CC) $(ucflags))
$(O)/headers/mkfs/%.ok: mkfs/% $(stamps)/host | $(gen) $(links)
	$(call say,HEADER,$<) $(call compile_header,$(HOSTCC) $(hcflags))

formatted := $(call sources,kernel user mkfs labs tests tools,*.c *.h)
clang_format := $(or $(shell command -v clang-format-14),clang-format)
format-check:
	@$(clang_format) --version >/dev/null
	@$(clang_format) --dry-run $(formatted) 2>&1 | awk -F: '/code should be clang-formatted/ && !n[$$1]++ \
		{ print $$1 ":" $$2 ": laid out in another way than .clang-format says; make format mends it"; bad = 1 } \
		END { exit bad }'
format:
	@$(clang_format) -i $(formatted)

# ---- The rest ----------------------------------------------------------------

# One line for each group of sources: its flags; then the sources, by object.
$(call hold,sources,$(ksources) $(libsources) $(mkfsobj))
$(O)/compile_commands.json: tools/compile_commands.py $(stamps)/kernel $(stamps)/user $(stamps)/host \
		$(stamps)/sources
	@$(PYTHON) $< $@ $(stamps)/kernel $(foreach f,$(ksources),$(call overlay,$f)) \
		-- $(stamps)/user $(call sources,user,*.c *.S) -- $(stamps)/host $(wildcard mkfs/*.c)
kernel user: | $(O)/compile_commands.json

.PHONY: compile_commands.json clean help
compile_commands.json: $(O)/compile_commands.json

clean:
	rm -rf $(O)

help:
	@sed -n 's/^## \{0,1\}//p' Makefile

-include $(shell test -d $(O) && find $(O) -name '*.d')

endif
