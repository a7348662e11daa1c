// SPDX-License-Identifier: MIT
/*
 * Buffers: blocks of a device in memory, for whoever reads or writes them.
 *
 * A reference keeps a buffer in memory; it does not exclude others.  Who may
 * touch the bytes follows from what the block is: file data from the vnode's
 * lock; a block that belongs to several (a bitmap, a block of inodes) from the
 * buffer's own lock.  The page behind a buffer is the very page that a mapping
 * of the file maps; its bytes are b->data.
 */
#pragma once

#include "block/blockdev.h"
#include "sync/mutex.h"

struct page;

enum buf_mode {
	BUF_READ, // with the block's bytes
	BUF_ZERO, // filled with zeros, not read: it was just allocated
	BUF_PEEK, // only if it is in memory
};

/*
 *   I  fixed while referenced
 *   a  atomic, bcache.c's
 *   u  whoever may touch the bytes
 */
struct buf {
	uint8_t *data;        // [I] BLOCK_SIZE bytes [u]
	struct page *page;    // [I] behind data
	struct blockdev *dev; // [I]
	uint64_t block;       // [I]
	struct mutex lock;    // for blocks that belong to several
	uint64_t file;        // [u] inode number if it holds file data, else 0
	uint64_t file_offset; // [u]
	uint32_t refs;        // [a] not 0 while somebody has a reference
	uint32_t state;       // [a] free for the algorithm
};

// For the algorithm: memory for buffers.
enum buf_memory {
	BUF_MEMORY_PLENTY, // only if there is plenty of it
	BUF_MEMORY_ANY,    // if it can be had at all; may sleep
};

// A buffer with a page, in a block of size bytes of which the algorithm uses what
// lies behind the struct buf; zeroed.  Or NULL.
struct buf *buf_alloc(size_t size, enum buf_memory memory);
// Any context.
void buf_free(struct buf *b);
// b has made room for another block: count that, and let it be like new.
void buf_renew(struct buf *b);

// Start the cache with room by the machine's memory, and the thread that writes
// behind.  Once.
void buf_init(void);

// As bcache_get() and its kin, with statistics and checks.
int buf_get(struct blockdev *dev, uint64_t block, enum buf_mode mode, struct buf **out);
void buf_put(struct buf *b);
void buf_mark_dirty(struct buf *b);
int buf_write(struct buf *b);
int buf_sync(struct blockdev *dev);
int buf_sync_all(void);
void buf_forget(struct blockdev *dev, uint64_t block);
void buf_drop(struct blockdev *dev);

static inline void
buf_lock(struct buf *b)
{
	mutex_lock(&b->lock);
}

static inline void
buf_unlock(struct buf *b)
{
	mutex_unlock(&b->lock);
}
