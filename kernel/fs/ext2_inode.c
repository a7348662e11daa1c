// SPDX-License-Identifier: MIT
/*
 * Inodes: between the disk and struct ext2_node.
 *
 * A node is loaded once, when its vnode comes into memory, and all of it is
 * checked then; afterwards it is the truth, and each operation that changed it
 * stores it.  What an inode holds beyond a node (extended attributes, fields of
 * later formats) stays as it is on the disk.
 *
 * Times are kept as the disk has them (abi/ext2.h): one number, so that the
 * time of access can be set by readers, which share the vnode's lock.
 *
 * A new inode has no links until it has a name; without one it is undone by
 * the same function that frees a removed file.
 */
#include "fs/ext2_impl.h"

#include "abi/sysmacros.h"
#include "arch/time.h"
#include "lib/math.h"
#include "lib/random.h"
#include "lib/string.h"
#include "sched/clock.h"

#define ACCESS_STALE_S    (24 * 60 * 60)
#define SECTORS_PER_BLOCK (EXT2_BLOCK_SIZE / EXT2_SECTOR)

// Extra fields up to and with these times.
#define EXTRA_TIMES (offsetof(struct ext2_inode, crtime) - EXT2_INODE_SIZE_REV0)

static ext2_time_t
pack(int64_t seconds, uint64_t ns, bool fine)
{
	uint64_t extra = ns << EXT2_EXTRA_EPOCH_BITS;

	extra |= (uint64_t)((seconds - (int32_t)seconds) >> 32) & EXT2_EXTRA_EPOCH_MASK;
	return (uint32_t)seconds | (fine ? extra << 32 : 0);
}

ext2_time_t
ext2_now(const struct ext2_node *node)
{
	uint64_t ns = clock_realtime_ns();

	return pack((int64_t)(ns / NS_PER_SEC), ns % NS_PER_SEC, node->fine_times);
}

ext2_time_t
ext2_time_pack(const struct ext2_node *node, struct timespec t)
{
	const int64_t least = INT32_MIN;
	const int64_t span = INT64_C(1) << (32 + (node->fine_times ? EXT2_EXTRA_EPOCH_BITS : 0));
	int64_t seconds = MAX(t.tv_sec, least);

	return pack(MIN(seconds, least + span - 1), (uint64_t)t.tv_nsec, node->fine_times);
}

struct timespec
ext2_time_unpack(ext2_time_t t)
{
	uint32_t extra = (uint32_t)(t >> 32);
	struct timespec result = {
		.tv_sec = (int32_t)(uint32_t)t + ((int64_t)(extra & EXT2_EXTRA_EPOCH_MASK) << 32),
		.tv_nsec = MIN(extra >> EXT2_EXTRA_EPOCH_BITS, NS_PER_SEC - 1),
	};

	return result;
}

// A number's inode on the disk, its buffer locked.
static int
raw_get(struct ext2_fs *fs, uint32_t number, struct buf **b, struct ext2_inode **raw)
{
	uint32_t group = (number - 1) / fs->group_inodes;
	uint64_t at = (uint64_t)((number - 1) % fs->group_inodes) * fs->inode_size;
	int error =
		buf_get(fs->dev, fs->group[group].inode_table + at / EXT2_BLOCK_SIZE, BUF_READ, b);

	if (error)
		return error;
	buf_lock(*b);
	*raw = (struct ext2_inode *)((*b)->data + at % EXT2_BLOCK_SIZE);
	return 0;
}

static void
raw_put(struct buf *b)
{
	buf_unlock(b);
	buf_put(b);
}

bool
ext2_number_valid(const struct ext2_fs *fs, uint64_t number)
{
	return number == EXT2_INO_ROOT || (number >= fs->first_inode && number <= fs->inodes);
}

// Whether block[] points at blocks; else it holds a short symbolic link or a
// device number.
static bool
has_blocks(const struct ext2_node *node)
{
	switch (node->mode & EXT2_S_IFMT) {
	case EXT2_S_IFREG:
	case EXT2_S_IFDIR:
		return true;
	case EXT2_S_IFLNK:
		return node->size > EXT2_SYMLINK_FAST_MAX;
	default:
		return false;
	}
}

// What is wrong with an inode, or NULL.
static const char *
find_fault(const struct ext2_node *node, const struct ext2_inode *raw)
{
	const uint32_t foreign = EXT2_FL_EXTENTS | EXT2_FL_INLINE_DATA | EXT2_FL_HUGE_FILE;

	if (raw->links_count == 0)
		return "is named but free";
	if (node->flags & foreign)
		return "is of a format that this file system doesn't have";
	if (node->attributes && !ext2_block_valid(node->fs, node->attributes))
		return "has attributes at a block that can't be";
	switch (node->mode & EXT2_S_IFMT) {
	case EXT2_S_IFREG:
		return node->size > EXT2_SIZE_MAX ? "is larger than a file can be" : NULL;
	case EXT2_S_IFDIR:
		if (node->size == 0 || node->size % EXT2_BLOCK_SIZE || node->size > UINT32_MAX)
			return "is a directory of a size that can't be";
		return NULL;
	case EXT2_S_IFLNK:
		if (node->size == 0 || node->size >= EXT2_BLOCK_SIZE)
			return "is a symbolic link of a size that can't be";
		return NULL;
	case EXT2_S_IFCHR:
	case EXT2_S_IFBLK:
	case EXT2_S_IFIFO:
	case EXT2_S_IFSOCK:
		return NULL;
	default:
		return "is of no kind";
	}
}

static void
take_times(struct ext2_node *node, const struct ext2_inode *raw)
{
	uint64_t fine = node->fine_times;

	node->accessed = raw->atime | (fine ? (uint64_t)raw->atime_extra << 32 : 0);
	node->modified = raw->mtime | (fine ? (uint64_t)raw->mtime_extra << 32 : 0);
	node->changed = raw->ctime | (fine ? (uint64_t)raw->ctime_extra << 32 : 0);
}

static void
take_raw(struct ext2_node *node, const struct ext2_inode *raw)
{
	node->mode = raw->mode;
	node->links = raw->links_count;
	node->owner = raw->uid | (uint32_t)raw->uid_high << 16;
	node->group = raw->gid | (uint32_t)raw->gid_high << 16;
	node->flags = raw->flags;
	node->sectors = raw->blocks;
	node->attributes = raw->file_acl;
	node->size = raw->size;
	if ((raw->mode & EXT2_S_IFMT) == EXT2_S_IFREG)
		node->size |= (uint64_t)raw->size_high << 32;
	node->fine_times =
		node->fs->inode_size >= EXT2_INODE_SIZE && raw->extra_isize >= EXTRA_TIMES;
	take_times(node, raw);
	memcpy(node->block, raw->block, sizeof(node->block));
}

int
ext2_node_load(struct ext2_fs *fs, uint32_t number, struct ext2_node *node)
{
	struct ext2_inode *raw;
	struct buf *b;
	const char *fault;
	int error;

	if (!ext2_number_valid(fs, number))
		return ext2_corrupt(fs, "inode %u is named but can't be", number);
	error = raw_get(fs, number, &b, &raw);
	if (error)
		return error;
	memset(node, 0, sizeof(*node));
	node->fs = fs;
	node->number = number;
	take_raw(node, raw);
	fault = find_fault(node, raw);
	raw_put(b);
	return fault ? ext2_corrupt(fs, "inode %u %s", number, fault) : 0;
}

static void
give_times(const struct ext2_node *node, struct ext2_inode *raw)
{
	ext2_time_t accessed = __atomic_load_n(&node->accessed, __ATOMIC_RELAXED);

	raw->atime = (uint32_t)accessed;
	raw->mtime = (uint32_t)node->modified;
	raw->ctime = (uint32_t)node->changed;
	if (node->fine_times) {
		raw->atime_extra = (uint32_t)(accessed >> 32);
		raw->mtime_extra = (uint32_t)(node->modified >> 32);
		raw->ctime_extra = (uint32_t)(node->changed >> 32);
	}
}

static void
give_raw(const struct ext2_node *node, struct ext2_inode *raw)
{
	raw->mode = node->mode;
	raw->links_count = (uint16_t)node->links;
	raw->uid = (uint16_t)node->owner;
	raw->uid_high = (uint16_t)(node->owner >> 16);
	raw->gid = (uint16_t)node->group;
	raw->gid_high = (uint16_t)(node->group >> 16);
	raw->flags = node->flags;
	raw->blocks = node->sectors;
	raw->file_acl = node->attributes;
	raw->size = (uint32_t)node->size;
	if ((node->mode & EXT2_S_IFMT) == EXT2_S_IFREG)
		raw->size_high = (uint32_t)(node->size >> 32);
	give_times(node, raw);
	memcpy(raw->block, node->block, sizeof(raw->block));
}

int
ext2_node_store(struct ext2_node *node)
{
	struct ext2_inode *raw;
	struct buf *b;
	int error = raw_get(node->fs, node->number, &b, &raw);

	if (error)
		return error;
	give_raw(node, raw);
	buf_mark_dirty(b);
	raw_put(b);
	return 0;
}

// Write a new inode over an old one's remains; -EUCLEAN if that one is alive.
static int
init_raw(struct ext2_node *node)
{
	struct ext2_fs *fs = node->fs;
	struct ext2_inode *raw;
	struct buf *b;
	int error = raw_get(fs, node->number, &b, &raw);

	if (error)
		return error;
	if (raw->links_count != 0) {
		raw_put(b);
		return ext2_corrupt(fs, "inode %u is in use but marked free", node->number);
	}
	memset(raw, 0, fs->inode_size);
	raw->generation = (uint32_t)random_u64();
	if (node->fine_times) {
		raw->extra_isize = EXT2_EXTRA_ISIZE;
		raw->crtime = (uint32_t)node->changed;
		raw->crtime_extra = (uint32_t)(node->changed >> 32);
	}
	give_raw(node, raw);
	buf_mark_dirty(b);
	raw_put(b);
	return 0;
}

// Linux's two encodings: 8 bits each in the first pointer, or 12 and 20 bits
// in the second.
static void
set_device(struct ext2_node *node, uint64_t device)
{
	uint32_t a = major(device), b = minor(device);

	if (a < 256 && b < 256)
		node->block[0] = a << 8 | b;
	else
		node->block[1] = (uint32_t)makedev(a, b);
}

uint64_t
ext2_node_device(const struct ext2_node *node)
{
	if (node->block[0])
		return makedev(node->block[0] >> 8 & 0xff, node->block[0] & 0xff);
	return node->block[1];
}

int
ext2_node_create(struct ext2_node *dir, const struct vnode_new *what, struct ext2_node *node)
{
	struct ext2_fs *fs = dir->fs;
	bool directory = what->type == VNODE_DIRECTORY;
	int error;

	memset(node, 0, sizeof(*node));
	node->fs = fs;
	node->fine_times = fs->inode_size >= EXT2_INODE_SIZE;
	node->mode = (uint16_t)(vnode_type_to_mode(what->type) | (what->mode & 07777));
	node->owner = what->owner;
	node->group = what->group;
	node->accessed = node->modified = node->changed = ext2_now(node);
	if (what->type == VNODE_CHARDEV || what->type == VNODE_BLOCKDEV)
		set_device(node, what->device);
	do {
		error = ext2_number_alloc(fs, dir, directory, &node->number);
		if (error)
			return error;
		error = init_raw(node);
	} while (error == -EUCLEAN); // its number stays taken: look further
	if (error)
		ext2_number_free(fs, node->number, directory);
	return error;
}

// Give back the block of extended attributes, which others may share.
static int
release_attributes(struct ext2_node *node)
{
	struct ext2_xattr_head *head;
	struct buf *b;
	bool last;
	int error;

	if (node->attributes == 0)
		return 0;
	error = buf_get(node->fs->dev, node->attributes, BUF_READ, &b);
	if (error)
		return error;
	buf_lock(b);
	head = (struct ext2_xattr_head *)b->data;
	if (head->magic != EXT2_XATTR_MAGIC || head->refcount == 0)
		error = ext2_corrupt(node->fs, "inode %u: block %u holds no attributes",
				     node->number, node->attributes);
	last = head->refcount == 1;
	if (!error && !last) {
		head->refcount--;
		buf_mark_dirty(b);
	}
	buf_unlock(b);
	buf_put(b);
	if (!error && last)
		error = ext2_block_free(node->fs, node->attributes);
	if (error)
		return error;
	node->attributes = 0;
	node->sectors -= MIN(node->sectors, SECTORS_PER_BLOCK);
	return 0;
}

// The inode on the disk says that it is free, and since when.
static int
store_free(struct ext2_node *node)
{
	struct ext2_inode *raw;
	struct buf *b;
	int error = raw_get(node->fs, node->number, &b, &raw);

	if (error)
		return error;
	give_raw(node, raw);
	raw->dtime = (uint32_t)ext2_now(node);
	buf_mark_dirty(b);
	raw_put(b);
	return 0;
}

int
ext2_node_release(struct ext2_node *node)
{
	int error = 0;

	if (has_blocks(node))
		error = ext2_map_cut(node, 0);
	if (!error)
		error = release_attributes(node);
	if (error) {
		ext2_node_store(node); // as far as it went
		return error;
	}
	node->size = 0;
	node->links = 0;
	error = store_free(node);
	if (error)
		return error;
	node->released = true;
	return ext2_number_free(node->fs, node->number, (node->mode & EXT2_S_IFMT) == EXT2_S_IFDIR);
}

static bool
is_before(ext2_time_t a, ext2_time_t b)
{
	struct timespec x = ext2_time_unpack(a), y = ext2_time_unpack(b);

	return x.tv_sec < y.tv_sec || (x.tv_sec == y.tv_sec && x.tv_nsec < y.tv_nsec);
}

void
ext2_node_accessed(struct ext2_node *node)
{
	ext2_time_t old = __atomic_load_n(&node->accessed, __ATOMIC_RELAXED);
	ext2_time_t now = ext2_now(node);
	struct ext2_inode *raw;
	struct buf *b;

	if (is_before(node->modified, old) && is_before(node->changed, old) &&
	    ext2_time_unpack(now).tv_sec - ext2_time_unpack(old).tv_sec < ACCESS_STALE_S)
		return;
	if (node->links == 0 || ext2_begin(node->fs))
		return;
	__atomic_store_n(&node->accessed, now, __ATOMIC_RELAXED);
	if (raw_get(node->fs, node->number, &b, &raw) == 0) {
		raw->atime = (uint32_t)now;
		if (node->fine_times)
			raw->atime_extra = (uint32_t)(now >> 32);
		buf_mark_dirty(b);
		raw_put(b);
	}
	ext2_end(node->fs);
}
