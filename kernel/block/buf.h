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
 *   b  bcache.c's bucket lock
 *   u  whoever may touch the bytes
 */
struct buf {
	uint8_t *data;          // [I] BLOCK_SIZE bytes [u]
	struct page *page;      // [I] behind data
	struct blockdev *dev;   // [I]
	uint64_t block;         // [I]
	struct mutex lock;      // for blocks that belong to several
	uint64_t file;          // [u] inode number if it holds file data, else 0
	uint64_t file_offset;   // [u]

	// bcache.c's own, free for the algorithm:
	uint32_t refs;
	uint32_t state;
	uint32_t write_state;
	int error;
	struct list hash;
	struct list lru;
	struct list dirty;
	uint64_t stamp;
	struct waitqueue wait;
	struct block_request request;
};

// For bcache.c: make a fresh buffer ready (its lock, its queue), and count one
// that made room for others.
void buf_setup(struct buf *b);
void buf_note_eviction(void);

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
