// SPDX-License-Identifier: MIT
/*
 * Reading the symbol table that tools/symbols.py writes.
 *
 * All of it is little-endian and begins at an address that 8 divides:
 *
 *   struct symbol_table   the header
 *   u64  address[blocks]  where each block's first function starts, ascending
 *   u32  at[blocks]       where in the stream each block lies
 *   u32  file[files]      where in the names each file's name lies
 *   u8   stream[], names[]
 *
 * A block is up to 16 functions, one after the other, so that a search is a
 * bisection over the blocks and a walk through one.  A function is
 *
 *   its start, as the distance from the start of the one before (uleb128);
 *   how many characters its name shares with the name before; the rest of the
 *   name, NUL.  The empty name is a gap, where no function is;
 *   opcodes for its lines, the last of them LINE_END.
 *
 * The opcodes move an address, which is the function's start at its beginning,
 * and a place, which is a file and a line.  Only a step says something: from
 * this address on, this place.  That is DWARF's idea (version 5, section 6.2.5)
 * with the rows left out that don't change the line, and with a memory: the
 * compiler mixes the instructions of a few lines, most of all where it has put
 * a function inside another, so the last places are kept and one byte goes back
 * to one.  They are forgotten at a block's beginning.
 *
 * A table that is cut short or has nonsense in it gives wrong names but no
 * access outside of it.
 */
#include "lib/symbol.h"

#include "lib/symbol_impl.h"

// What is found at a byte of the stream, and how far the stream goes.
struct reader {
	const uint8_t *at;
	const uint8_t *end;
};

struct place {
	uint32_t file;
	uint32_t line;
};

// The state of a walk through a block.
struct walk {
	struct reader in;
	uint64_t start; // of the function
	char name[SYMBOL_NAME_MAX];
	struct place places[PLACES]; // the current one first
};

static uint8_t
read_byte(struct reader *r)
{
	return r->at < r->end ? *r->at++ : 0;
}

static uint64_t
read_uleb(struct reader *r)
{
	uint64_t value = 0;
	uint8_t byte = 0x80;

	for (unsigned shift = 0; shift < 64 && (byte & 0x80); shift += 7) {
		byte = read_byte(r);
		value |= (uint64_t)(byte & 0x7f) << shift;
	}
	return value;
}

static int64_t
read_sleb(struct reader *r)
{
	uint64_t value = 0;
	uint8_t byte = 0x80;
	unsigned shift = 0;

	for (; shift < 64 && (byte & 0x80); shift += 7) {
		byte = read_byte(r);
		value |= (uint64_t)(byte & 0x7f) << shift;
	}
	if ((byte & 0x40) && shift < 64)
		value |= ~UINT64_C(0) << shift;
	return (int64_t)value;
}

// Read the name of the next function over the one before.
static void
read_name(struct walk *w)
{
	unsigned at = read_byte(&w->in);

	for (uint8_t c = read_byte(&w->in); c != 0; c = read_byte(&w->in), at++)
		if (at < SYMBOL_NAME_MAX - 1)
			w->name[at] = (char)c;
	w->name[at < SYMBOL_NAME_MAX ? at : SYMBOL_NAME_MAX - 1] = 0;
}

// Make p the current place; the one at index goes.
static void
push_place(struct walk *w, struct place p, unsigned index)
{
	for (; index > 0; index--)
		w->places[index] = w->places[index - 1];
	w->places[0] = p;
}

// Do what an opcode below LINE_STEP says.
static void
do_op(struct walk *w, uint8_t op, uint64_t *address)
{
	struct place p = w->places[0];

	switch (op) {
	case LINE_FILE:
		p.file = (uint32_t)read_uleb(&w->in);
		p.line = (uint32_t)read_uleb(&w->in);
		push_place(w, p, PLACES - 1);
		break;
	case LINE_LINE:
		p.line += (uint32_t)read_sleb(&w->in);
		push_place(w, p, PLACES - 1);
		break;
	case LINE_ADDR:
		*address += STEP_UNIT * read_uleb(&w->in);
		break;
	default:
		op -= LINE_PLACE - 1;
		push_place(w, w->places[op], op);
	}
}

// Read a function's lines.  The place of pc goes to *found.
static void
read_lines(struct walk *w, uint64_t pc, struct place *found)
{
	uint64_t address = w->start;

	for (uint8_t op = read_byte(&w->in); op != LINE_END; op = read_byte(&w->in)) {
		if (op < LINE_STEP) {
			do_op(w, op, &address);
			continue;
		}
		op -= LINE_STEP;
		w->places[0].line += (uint32_t)(op % STEP_LINES) - STEP_BACK;
		address += STEP_UNIT * (uint64_t)(op / STEP_LINES);
		if (address <= pc)
			*found = w->places[0];
	}
}

// The table, or NULL if there is none or it is not what the blob holds.
static const struct symbol_table *
table(void)
{
	const struct symbol_table *t = (const struct symbol_table *)(const void *)symbol_blob;
	uint64_t size = (uint64_t)(symbol_blob_end - symbol_blob);

	if (size < sizeof(*t) || t->magic != SYMBOL_MAGIC || t->blocks == 0)
		return NULL;
	uint64_t arrays = t->blocks * UINT64_C(12) + t->files * UINT64_C(4);
	if (size != sizeof(*t) + arrays + t->stream_size + t->names_size)
		return NULL;
	return symbol_blob[size - 1] == 0 ? t : NULL;
}

// The last block that starts at or before pc, or -1.
static int64_t
find_block(const uint64_t *address, uint32_t blocks, uint64_t pc)
{
	uint32_t low = 0, high = blocks;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (address[middle] <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	return (int64_t)low - 1;
}

bool
symbol_find(uint64_t pc, struct symbol *out)
{
	const struct symbol_table *t = table();
	if (t == NULL)
		return false;
	const uint64_t *address = (const uint64_t *)(const void *)(t + 1);
	const uint32_t *at = (const uint32_t *)(const void *)(address + t->blocks);
	const uint32_t *file_at = at + t->blocks;
	const uint8_t *stream = (const uint8_t *)(file_at + t->files);
	const char *names = (const char *)(stream + t->stream_size);

	int64_t block = find_block(address, t->blocks, pc);
	if (block < 0 || at[block] > t->stream_size)
		return false;
	bool last = block + 1 == (int64_t)t->blocks || at[block + 1] > t->stream_size;
	struct walk w = {
		.in = { stream + at[block], stream + (last ? t->stream_size : at[block + 1]) },
		.start = address[block],
	};
	struct place place = { 0 };

	*out = (struct symbol){ 0 };
	while (w.in.at < w.in.end) {
		w.start += read_uleb(&w.in);
		if (w.start > pc)
			break;
		read_name(&w);
		place = (struct place){ 0 };
		read_lines(&w, pc, &place);
		out->offset = pc - w.start;
	}
	for (unsigned i = 0; i < SYMBOL_NAME_MAX; i++)
		out->function[i] = w.name[i];
	if (place.line != 0 && place.file < t->files && file_at[place.file] < t->names_size) {
		out->file = names + file_at[place.file];
		out->line = place.line;
	}
	return out->function[0] != 0;
}
