// SPDX-License-Identifier: MIT
/*
 * The device tree that the firmware hands over (Devicetree Specification 0.4,
 * chapter 5, flattened format).
 *
 * A node is the offset of its FDT_BEGIN_NODE token in the structure block;
 * FDT_NONE means none.  Every read is checked against the blob's bounds, so
 * that a broken tree gives "none", never a wild read.
 */
#pragma once

#include "arch/types.h"

typedef uint32_t fdt_node_t;
#define FDT_NONE UINT32_MAX

// Use the tree that the firmware handed over from now on.  Returns 0, or
// -EINVAL if it is none.  Needs the direct map only.
int fdt_init(void);

// The blob's own place, to be kept out of the page allocator.
paddr_t fdt_address(void);
uint32_t fdt_size(void);

// A node by its path, such as "/chosen".
fdt_node_t fdt_find(const char *path);

// The next node after prev (FDT_NONE: from the start) whose "compatible" list
// has name, in the order of the tree.
fdt_node_t fdt_next_compatible(fdt_node_t prev, const char *name);

// The next node after prev whose device_type is type ("cpu", "memory").
fdt_node_t fdt_next_type(fdt_node_t prev, const char *type);

// Children of a node, one after the other (prev = FDT_NONE: the first).
fdt_node_t fdt_next_child(fdt_node_t parent, fdt_node_t prev);

const char *fdt_name(fdt_node_t node);

// A property's bytes and length, or NULL.
const void *fdt_property(fdt_node_t node, const char *name, uint32_t *length);
// A property as a string (NUL checked), or NULL.
const char *fdt_string(fdt_node_t node, const char *name);
// A property of one 32-bit or 64-bit cell; fallback if there is none.
uint64_t fdt_number(fdt_node_t node, const char *name, uint64_t fallback);
// The i-th (address, size) of "reg" by the parent's #address-cells and
// #size-cells.  False if there is none.
bool fdt_reg(fdt_node_t node, unsigned i, paddr_t *base, uint64_t *size);
// The i-th number of "interrupts", or 0.
unsigned fdt_interrupt(fdt_node_t node, unsigned i);
// The i-th cell of a property, big-endian on disk; false past its end.
bool fdt_cell(fdt_node_t node, const char *name, unsigned i, uint32_t *value);
