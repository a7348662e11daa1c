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
.SECONDARY:
SHELL := /bin/sh

# ---- What the user may set ---------------------------------------------------

DEBUG  ?= 0
STAGE  ?=
CPUS   ?= 3
MEM    ?= 256M
APPEND ?=
EXTRA  ?=
LIMIT  ?= 60
IMAGE_SIZE ?= 64M
PYTHON ?= /usr/bin/python3
HOSTCC ?= cc
QEMU   ?= qemu-system-riscv64
O      ?= build$(addprefix /,$(STAGE))$(if $(filter 1,$(DEBUG)),/debug)

TOOLPREFIX ?= $(firstword $(foreach p,riscv64-unknown-elf- riscv64-linux-gnu-,\
	$(if $(shell command -v $pgcc),$p)) riscv64-unknown-elf-)
CC      := $(TOOLPREFIX)gcc
AR      := $(TOOLPREFIX)ar
STRIP   := $(TOOLPREFIX)strip

.PHONY: all
all: kernel image

# ---- Small functions ---------------------------------------------------------

# $(call say,WHAT,FILE): begin a recipe's line: one word for it, or all of it with V=1.
say = $(if $(filter 1,$(V)),,@)mkdir -p $(@D); $(if $(filter 1,$(V)),,printf '  %-6s %s\n' $(1) $(2);)

# $(call overlay,PATH): the file that stands for PATH at this STAGE.  A stage is
# a lab's folder; its starter and those of the labs after it lie over the tree.
labs    := $(if $(STAGE),$(sort $(notdir $(patsubst %/,%,$(wildcard labs/*/)))))
starters := $(foreach l,$(labs),$(if $(filter $l,$(firstword $(sort $l $(STAGE)))),\
	$(if $(filter $l,$(STAGE)),labs/$l/starter),labs/$l/starter))
overlay = $(firstword $(wildcard $(addsuffix /$(1),$(starters))) $(1))
ifneq ($(STAGE),)
$(if $(wildcard labs/$(STAGE)/starter),,$(error STAGE=$(STAGE): there is no labs/$(STAGE)/starter))
endif

# $(call remember,FILE,TEXT): FILE holds TEXT; its date changes only with it.
remember = $(if $(call same,$(strip $(2)),$(file <$(1))),,\
	$(shell mkdir -p $(dir $(1)))$(file >$(1),$(strip $(2))))
same = $(and $(findstring x$(1)x,x$(2)x),$(findstring x$(2)x,x$(1)x))

# $(call sources,FOLDERS,NAMES): the files below FOLDERS with such names, sorted.
sources = $(sort $(shell find /dev/null $(wildcard $(1)) -type f \( -false $(foreach n,$(2),-o -name '$n') \)))
objects = $(patsubst %,$(O)/obj/%.o,$(basename $(1)))

# ---- Flags -------------------------------------------------------------------

warnings := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wundef -Wvla -Wimplicit-fallthrough -Wpointer-arith \
	-Wwrite-strings -Wredundant-decls -Wnested-externs -Wformat=2 -Wlogical-op \
	-Wduplicated-cond
gccinclude := $(shell $(CC) -print-file-name=include 2>/dev/null)
freestanding := $(addprefix -isystem ,$(gccinclude) $(wildcard $(gccinclude)-fixed))

# _LIBC_LIMITS_H_ tells the compiler's own limits.h that there is no other one.
# A call in tail position is compiled as a call, so that a backtrace shows the
# function that made it.  Loops are not turned into calls of memset and memcpy:
# inside memset and memcpy that would be a call of themselves.
common := -O2 -g -std=gnu17 -ffreestanding -nostdinc $(freestanding) \
	-fno-pic -fno-pie -fno-common -fno-stack-protector -fno-omit-frame-pointer \
	-fno-optimize-sibling-calls -fno-asynchronous-unwind-tables \
	-fno-tree-loop-distribute-patterns -ffunction-sections -fdata-sections \
	-DFAWN_DEBUG=$(DEBUG) $(warnings)

kcflags := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -msmall-data-limit=0 \
	-Wframe-larger-than=2048 $(common) -D_LIBC_LIMITS_H_ \
	$(addprefix -I,$(addsuffix /kernel,$(starters))) -Ikernel -I$(O)/gen
ldflags := -nostdlib -static -no-pie -Wl,--fatal-warnings -Wl,--build-id=none \
	-Wl,--gc-sections -z max-page-size=4096 -z noexecstack \
	$(if $(findstring linux,$(TOOLPREFIX)),-z norelro)

# Programs see their library's headers and, of the kernel, abi/ alone.
ucflags := -march=rv64gc -mabi=lp64d -mcmodel=medany $(common) \
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
$(O)/obj/kernel/%.o: $$(call overlay,kernel/$$*.S) $(stamps)/kernel | $(gen)
	$(call say,AS,$<) $(compile_kernel)
$(O)/obj/gen/%.o: $(O)/gen/%.c $(stamps)/kernel
	$(call say,CC,$<) $(compile_kernel)

.PHONY: kernel kernel-objects
kernel: $(O)/kernel.elf
kernel-objects: $(kobjects)

# Linked twice: the table of symbols is made from the first kernel and lies in
# the second, behind the code, which must not move by it.
link_kernel = $(CC) $(ldflags) -T $(kld) -o $@ $(filter %.o,$^)

$(O)/kernel.first.elf: $(kobjects) $(O)/obj/gen/ksyms.none.o $(kld) $(stamps)/kernel.link
	$(call say,LD,$@) $(link_kernel)
$(O)/kernel.elf: $(kobjects) $(O)/obj/gen/ksyms.o $(kld) $(stamps)/kernel.link
	$(call say,LD,$@) $(link_kernel)
	@$(PYTHON) tools/symbols.py --same $(O)/kernel.first.elf $@

$(O)/gen/ksyms.none.bin:
	@mkdir -p $(@D) && : >$@
$(O)/gen/ksyms.bin: $(O)/kernel.first.elf tools/symbols.py
	$(call say,SYMS,$@) $(PYTHON) tools/symbols.py $< $@
$(O)/obj/gen/ksyms%.o: $(O)/gen/ksyms%.bin tools/ksyms.S $(stamps)/kernel
	$(call say,AS,$@) $(CC) $(kcflags) -DTABLE='"$<"' -c -o $@ tools/ksyms.S

# ---- Programs ----------------------------------------------------------------

libsources := $(filter-out %/crt0.S,$(call sources,user/lib,*.c *.S))
libobjects := $(call objects,$(libsources)) $(O)/obj/gen/user/stubs.o
crt0       := $(O)/obj/user/lib/crt0.o
libc       := $(O)/user/libc.a
$(call hold,user.lib,$(AR) $(libobjects))

# A program is user/bin/NAME.c or the folder user/bin/NAME/; a test program is
# user/test/NAME.c and is linked with what all tests share, user/test/lib/.
programs := $(patsubst %/,%,$(basename $(wildcard user/bin/*.c)) $(dir $(wildcard user/bin/*/*.c)))
programs := $(addprefix $(O)/,$(sort $(programs)))
tests    := $(addprefix $(O)/,$(sort $(basename $(wildcard user/test/*.c))))
testlib  := $(call objects,$(call sources,user/test/lib,*.c))
parts    = $(call objects,$(wildcard $(1).c $(1)/*.c))

compile_user = $(CC) $(ucflags) -MMD -MP -c -o $@ $<
link_user    = $(CC) -march=rv64gc -mabi=lp64d $(uldflags) -o $@ $(crt0) $(1) $(libc) -lgcc
$(call hold,user.link,$(call link_user))

$(O)/obj/user/%.o: user/%.c $(stamps)/user | $(gen) $(links)
	$(call say,CC,$<) $(compile_user)
$(O)/obj/user/%.o: user/%.S $(stamps)/user | $(gen) $(links)
	$(call say,AS,$<) $(compile_user)
$(O)/obj/gen/user/%.o: $(O)/gen/user/%.S $(stamps)/user
	$(call say,AS,$<) $(compile_user)

$(libc): $(libobjects) $(stamps)/user.lib
	$(call say,AR,$@) rm -f $@ && $(AR) rcs $@ $(libobjects)

$(programs): $$(call parts,$$(patsubst $(O)/%,%,$$@)) $(crt0) $(libc) $(user_ld) $(stamps)/user.link
	$(call say,LD,$@) $(call link_user,$(filter $(O)/obj/user/bin/%.o,$^))
$(tests): $(O)/%: $(O)/obj/%.o $(testlib) $(crt0) $(libc) $(user_ld) $(stamps)/user.link
	$(call say,LD,$@) $(call link_user,$< $(testlib))

.PHONY: user user-objects
user: $(programs) $(tests)
user-objects: $(libobjects) $(crt0) $(testlib) $(call objects,$(call sources,user/bin,*.c))

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
skeleton := $(if $(wildcard user/root),$(call sources,user/root,*))
extra    := $(if $(EXTRA),$(shell find $(EXTRA)))
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

machine := --kernel $(O)/kernel.elf --image $(image) --cpus $(CPUS) --memory $(MEM) \
	--qemu $(QEMU) --append '$(APPEND)'

.PHONY: qemu
qemu: kernel image
	@$(PYTHON) tools/machine.py $(machine) --keep

# ---- The rest ----------------------------------------------------------------

.PHONY: clean
clean:
	rm -rf $(O)

-include $(shell test -d $(O) && find $(O) -name '*.d')
