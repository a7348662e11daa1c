// SPDX-License-Identifier: MIT
/*
 * What a node keeps in data blocks.
 *
 * A host's file is read through a window that moves forward; the host's own
 * holes are skipped with SEEK_DATA, so that a file of a terabyte with one byte
 * in it costs two reads.  Everything else is built in memory, as a window that
 * holds it all.
 */
#include "content.h"

#include "abi/ext2.h"
#include "diag.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW_BLOCKS 64

// e2fsck wants to put what it finds somewhere without growing a directory.
#define LOST_FOUND_BLOCKS 4

static void
open_memory(struct content *c, uint64_t blocks)
{
	c->blocks = blocks;
	c->window = must_alloc(blocks, EXT2_BLOCK_SIZE);
	c->window_blocks = blocks;
}

static enum ext2_ft
file_type(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return EXT2_FT_DIR;
	case S_IFLNK:
		return EXT2_FT_LNK;
	case S_IFIFO:
		return EXT2_FT_FIFO;
	case S_IFCHR:
		return EXT2_FT_CHR;
	case S_IFBLK:
		return EXT2_FT_BLK;
	default:
		return EXT2_FT_REG;
	}
}

// Fills a directory's blocks with records, or counts them where c->window is
// NULL.
struct packer {
	struct content *c;
	uint64_t at;              // where the next record goes
	struct ext2_dirent *last; // the one before it in its block
};

// A block's last record reaches to its end.
static void
pack_stretch(struct packer *p)
{
	uint64_t end = (p->at + EXT2_BLOCK_SIZE - 1) / EXT2_BLOCK_SIZE * EXT2_BLOCK_SIZE;

	if (p->last)
		p->last->rec_len = (uint16_t)(p->last->rec_len + (end - p->at));
	p->at = end;
}

static void
pack(struct packer *p, uint32_t ino, enum ext2_ft type, const char *name)
{
	size_t length = strlen(name);
	uint32_t size = ext2_dirent_size((uint32_t)length);

	if (p->at % EXT2_BLOCK_SIZE + size > EXT2_BLOCK_SIZE)
		pack_stretch(p);
	if (p->c->window) {
		p->last = (struct ext2_dirent *)(p->c->window + p->at);
		p->last->inode = ino;
		p->last->rec_len = (uint16_t)size;
		p->last->name_len = (uint8_t)length;
		p->last->file_type = (uint8_t)type;
		memcpy(p->last->name, name, length);
	}
	p->at += size;
	if (p->at % EXT2_BLOCK_SIZE == 0)
		p->last = NULL;
}

static uint64_t
pack_dir(struct content *c, const struct source *s)
{
	const struct node *n = c->node;
	struct packer p = { .c = c };

	pack(&p, n->ino, EXT2_FT_DIR, ".");
	pack(&p, n->parent ? n->parent->ino : n->ino, EXT2_FT_DIR, "..");
	for (size_t i = n->first; i < n->first + n->children; i++) {
		const struct node *file = s->nodes[i]->file;

		pack(&p, file->ino, file_type(file->mode), s->nodes[i]->name);
	}
	pack_stretch(&p);
	return p.at / EXT2_BLOCK_SIZE;
}

static void
open_dir(struct content *c, const struct source *s)
{
	uint64_t used = pack_dir(c, s);
	uint64_t blocks = used;

	if (c->node == s->lost_found && blocks < LOST_FOUND_BLOCKS)
		blocks = LOST_FOUND_BLOCKS;
	open_memory(c, blocks);
	c->size = blocks * EXT2_BLOCK_SIZE;
	pack_dir(c, s);
	for (; used < blocks; used++) {
		struct ext2_dirent *empty;

		empty = (struct ext2_dirent *)(c->window + used * EXT2_BLOCK_SIZE);
		empty->rec_len = EXT2_BLOCK_SIZE;
	}
}

void
content_open(struct content *c, const struct source *s, const struct node *n)
{
	*c = (struct content){ .node = n, .size = n->size, .fd = -1, .asked = CONTENT_END };
	switch (n->mode & S_IFMT) {
	case S_IFDIR:
		open_dir(c, s);
		break;
	case S_IFLNK:
		open_memory(c, n->size > EXT2_SYMLINK_FAST_MAX);
		if (c->blocks)
			memcpy(c->window, n->link, n->size);
		break;
	case S_IFREG:
		open_memory(c, WINDOW_BLOCKS);
		c->window_blocks = 0;
		c->blocks = (n->size + EXT2_BLOCK_SIZE - 1) / EXT2_BLOCK_SIZE;
		c->fd = source_open(s, n);
		break;
	default:
		open_memory(c, 0);
	}
}

void
content_close(struct content *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->window);
}

// Read the host's file into the window from block on, zeros after its end.
static void
fill_window(struct content *c, uint64_t block)
{
	size_t wanted = WINDOW_BLOCKS * EXT2_BLOCK_SIZE;
	size_t have = 0;
	ssize_t n;

	while (have < wanted) {
		n = pread(c->fd, c->window + have, wanted - have,
			  (off_t)(block * EXT2_BLOCK_SIZE + have));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fail("%s: %s", node_path(c->node), strerror(errno));
		if (n == 0)
			break;
		have += (size_t)n;
	}
	memset(c->window + have, 0, wanted - have);
	c->window_start = block;
	c->window_blocks = WINDOW_BLOCKS;
}

// Move the window to the host's next data at or after block.
static uint64_t
move_window(struct content *c, uint64_t block)
{
	off_t data = lseek(c->fd, (off_t)(block * EXT2_BLOCK_SIZE), SEEK_DATA);

	if (data < 0 && errno == ENXIO)
		return CONTENT_END;
	if (data >= 0)
		block = (uint64_t)data / EXT2_BLOCK_SIZE;
	fill_window(c, block);
	return block;
}

static bool
is_zero(const uint8_t *block)
{
	return block[0] == 0 && memcmp(block, block + 1, EXT2_BLOCK_SIZE - 1) == 0;
}

static uint64_t
find_next(struct content *c, uint64_t block)
{
	while (block < c->blocks) {
		if (block < c->window_start || block - c->window_start >= c->window_blocks) {
			if (c->fd < 0)
				return CONTENT_END;
			block = move_window(c, block);
			if (block >= c->blocks)
				return CONTENT_END;
		}
		if (!is_zero(content_block(c, block)))
			return block;
		block++;
	}
	return CONTENT_END;
}

uint64_t
content_next(struct content *c, uint64_t from)
{
	if (c->asked == CONTENT_END || from < c->asked || from > c->answer) {
		c->asked = from;
		c->answer = find_next(c, from);
	}
	return c->answer;
}

const void *
content_block(const struct content *c, uint64_t index)
{
	return c->window + (index - c->window_start) * EXT2_BLOCK_SIZE;
}
