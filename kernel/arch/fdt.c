// SPDX-License-Identifier: MIT
/*
 * Reading the flattened device tree (Devicetree Specification 0.4, chapter 5).
 *
 * The blob is a header, a structure block of tokens and a block of the
 * properties' names.  It is read in place, token by token; nothing is built.
 * Every token and every length is checked against the blocks' ends.
 */
#include "arch/fdt.h"

#include "abi/errno.h"
#include "arch/arch_impl.h"
#include "arch/layout.h"

#define FDT_MAGIC      0xd00dfeed
#define FDT_COMPATIBLE 16 // the version that readers of version 17 know
#define FDT_SIZE_MAX   (1 << 20)

enum token {
	TOKEN_BEGIN_NODE = 1,
	TOKEN_END_NODE = 2,
	TOKEN_PROPERTY = 3,
	TOKEN_NOP = 4,
	TOKEN_END = 9,
};

// Offsets of the header's words.
enum {
	HEADER_MAGIC = 0,
	HEADER_SIZE = 4,
	HEADER_STRUCT = 8,
	HEADER_STRINGS = 12,
	HEADER_LAST_COMPATIBLE = 24,
	HEADER_STRINGS_SIZE = 32,
	HEADER_STRUCT_SIZE = 36,
	HEADER_BYTES = 40,
};

#define DEPTH_MAX 16

static const uint8_t *blob;
static paddr_t blob_address;
static uint32_t blob_size;
static const uint8_t *structure;
static uint32_t structure_size;
static const char *strings;
static uint32_t strings_size;

static uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool
fdt_same(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static bool
inside(uint32_t offset, uint32_t size)
{
	return offset <= blob_size && size <= blob_size - offset;
}

int
fdt_init(void)
{
	paddr_t pa = boot_fdt;
	const uint8_t *p = phys_to_virt(pa);

	if (pa % 8 != 0 || be32(p + HEADER_MAGIC) != FDT_MAGIC ||
	    be32(p + HEADER_LAST_COMPATIBLE) > FDT_COMPATIBLE)
		return -EINVAL;
	blob_size = be32(p + HEADER_SIZE);
	uint32_t s = be32(p + HEADER_STRUCT);
	uint32_t n = be32(p + HEADER_STRINGS);
	structure_size = be32(p + HEADER_STRUCT_SIZE);
	strings_size = be32(p + HEADER_STRINGS_SIZE);
	if (blob_size < HEADER_BYTES || blob_size > FDT_SIZE_MAX || s % 4 != 0 ||
	    !inside(s, structure_size) || !inside(n, strings_size) || strings_size == 0 ||
	    p[n + strings_size - 1] != '\0')
		return -EINVAL;
	blob = p;
	blob_address = pa;
	structure = p + s;
	strings = (const char *)p + n;
	return 0;
}

paddr_t
fdt_address(void)
{
	return blob_address;
}

uint32_t
fdt_size(void)
{
	return blob_size;
}

// One token of the structure block.
struct item {
	enum token token;
	uint32_t at;         // its offset
	uint32_t next;       // the offset after it
	const char *name;    // of a node or a property
	const uint8_t *data; // of a property
	uint32_t length;
};

static uint32_t
align4(uint32_t n)
{
	return (n + 3) & ~UINT32_C(3);
}

static bool
read_node(struct item *it)
{
	const char *name = (const char *)structure + it->at + 4;
	uint32_t room = structure_size - it->at - 4;
	uint32_t n = 0;

	while (n < room && name[n] != '\0')
		n++;
	if (n == room)
		return false;
	it->name = name;
	it->next = it->at + 4 + align4(n + 1);
	return true;
}

static bool
read_property(struct item *it)
{
	if (structure_size - it->at < 12)
		return false;
	it->length = be32(structure + it->at + 4);
	uint32_t name = be32(structure + it->at + 8);
	if (name >= strings_size || it->length > structure_size - it->at - 12)
		return false;
	it->name = strings + name;
	it->data = structure + it->at + 12;
	it->next = it->at + 12 + align4(it->length);
	return true;
}

// Read the token at offset at.  False at the end, or where the tree is broken.
static bool
read_item(uint32_t at, struct item *it)
{
	if (blob == NULL || at > structure_size || structure_size - at < 4)
		return false;
	it->at = at;
	it->token = be32(structure + at);
	it->next = at + 4;
	switch (it->token) {
	case TOKEN_BEGIN_NODE:
		return read_node(it);
	case TOKEN_PROPERTY:
		return read_property(it);
	case TOKEN_END_NODE:
	case TOKEN_NOP:
		return true;
	default:
		return false;
	}
}

// The next node's token after offset at, in the order of the tree.
static fdt_node_t
next_node(uint32_t at)
{
	struct item it;

	for (; read_item(at, &it); at = it.next)
		if (it.token == TOKEN_BEGIN_NODE)
			return it.at;
	return FDT_NONE;
}

static fdt_node_t
node_after(fdt_node_t prev)
{
	struct item it;

	if (prev == FDT_NONE)
		return next_node(0);
	return read_item(prev, &it) ? next_node(it.next) : FDT_NONE;
}

fdt_node_t
fdt_next_child(fdt_node_t parent, fdt_node_t prev)
{
	struct item it;
	int depth = 0;

	if (parent == FDT_NONE || !read_item(prev == FDT_NONE ? parent : prev, &it))
		return FDT_NONE;
	if (prev != FDT_NONE)
		depth = 1; // inside the previous child
	while (read_item(it.next, &it)) {
		if (it.token == TOKEN_BEGIN_NODE && depth++ == 0)
			return it.at;
		if (it.token == TOKEN_END_NODE && depth-- == 0)
			return FDT_NONE;
	}
	return FDT_NONE;
}

const char *
fdt_name(fdt_node_t node)
{
	struct item it;
	return node != FDT_NONE && read_item(node, &it) ? it.name : "";
}

// Whether the path component of n bytes names the node; a name without "@"
// stands for one with any address (section 2.2.1).
static bool
component_is(const char *name, const char *component, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (name[i] == '\0' || name[i] != component[i])
			return false;
	return name[n] == '\0' || name[n] == '@';
}

fdt_node_t
fdt_find(const char *path)
{
	fdt_node_t node = node_after(FDT_NONE);

	while (node != FDT_NONE && *path == '/') {
		path++;
		uint32_t n = 0;
		while (path[n] != '\0' && path[n] != '/')
			n++;
		if (n == 0)
			break;
		fdt_node_t child = fdt_next_child(node, FDT_NONE);
		while (child != FDT_NONE && !component_is(fdt_name(child), path, n))
			child = fdt_next_child(node, child);
		node = child;
		path += n;
	}
	return node;
}

const void *
fdt_property(fdt_node_t node, const char *name, uint32_t *length)
{
	struct item it;

	if (node == FDT_NONE || !read_item(node, &it))
		return NULL;
	while (read_item(it.next, &it) && (it.token == TOKEN_PROPERTY || it.token == TOKEN_NOP)) {
		if (it.token == TOKEN_PROPERTY && fdt_same(it.name, name)) {
			if (length != NULL)
				*length = it.length;
			return it.data;
		}
	}
	return NULL;
}

const char *
fdt_string(fdt_node_t node, const char *name)
{
	uint32_t length;
	const char *s = fdt_property(node, name, &length);

	return s != NULL && length > 0 && s[length - 1] == '\0' ? s : NULL;
}

uint64_t
fdt_number(fdt_node_t node, const char *name, uint64_t fallback)
{
	uint32_t length;
	const uint8_t *p = fdt_property(node, name, &length);

	if (p != NULL && length == 4)
		return be32(p);
	if (p != NULL && length == 8)
		return (uint64_t)be32(p) << 32 | be32(p + 4);
	return fallback;
}

bool
fdt_cell(fdt_node_t node, const char *name, unsigned i, uint32_t *value)
{
	uint32_t length;
	const uint8_t *p = fdt_property(node, name, &length);

	if (p == NULL || i >= length / 4)
		return false;
	*value = be32(p + 4 * i);
	return true;
}

unsigned
fdt_interrupt(fdt_node_t node, unsigned i)
{
	uint32_t value;
	return fdt_cell(node, "interrupts", i, &value) ? value : 0;
}

// The node that contains node, found from the start of the tree.
static fdt_node_t
parent_of(fdt_node_t node)
{
	fdt_node_t open[DEPTH_MAX];
	unsigned depth = 0;
	struct item it;

	for (uint32_t at = 0; read_item(at, &it) && it.at <= node; at = it.next) {
		if (it.token == TOKEN_END_NODE && depth > 0)
			depth--;
		if (it.token != TOKEN_BEGIN_NODE)
			continue;
		if (it.at == node)
			return depth > 0 ? open[depth - 1] : FDT_NONE;
		if (depth == DEPTH_MAX)
			return FDT_NONE;
		open[depth++] = it.at;
	}
	return FDT_NONE;
}

bool
fdt_reg(fdt_node_t node, unsigned i, paddr_t *base, uint64_t *size)
{
	fdt_node_t parent = parent_of(node);
	unsigned address_cells = (unsigned)fdt_number(parent, "#address-cells", 2);
	unsigned size_cells = (unsigned)fdt_number(parent, "#size-cells", 1);
	unsigned at = i * (address_cells + size_cells);
	uint32_t cell;

	*base = 0;
	*size = 0;
	if (address_cells > 2 || size_cells > 2)
		return false;
	for (unsigned c = 0; c < address_cells + size_cells; c++) {
		if (!fdt_cell(node, "reg", at + c, &cell))
			return false;
		uint64_t *to = c < address_cells ? base : size;
		*to = *to << 32 | cell;
	}
	return true;
}

// Whether a list of NUL-terminated strings has s.
static bool
list_has(const char *list, uint32_t length, const char *s)
{
	if (length == 0 || list[length - 1] != '\0')
		return false;
	for (const char *p = list; p < list + length; p++) {
		if (fdt_same(p, s))
			return true;
		while (*p != '\0')
			p++;
	}
	return false;
}

fdt_node_t
fdt_next_compatible(fdt_node_t prev, const char *name)
{
	for (fdt_node_t n = node_after(prev); n != FDT_NONE; n = node_after(n)) {
		uint32_t length;
		const char *list = fdt_property(n, "compatible", &length);
		if (list != NULL && list_has(list, length, name))
			return n;
	}
	return FDT_NONE;
}

fdt_node_t
fdt_next_type(fdt_node_t prev, const char *type)
{
	for (fdt_node_t n = node_after(prev); n != FDT_NONE; n = node_after(n)) {
		const char *s = fdt_string(n, "device_type");
		if (s != NULL && fdt_same(s, type))
			return n;
	}
	return FDT_NONE;
}
