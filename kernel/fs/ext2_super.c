// SPDX-License-Identifier: MIT
/*
 * Mount: is this ext2, whole, and of a kind that we can read and write?
 *
 * The superblock and every group descriptor are checked before anything else
 * is done; what they say is then fixed for as long as the file system is
 * mounted, and the rest of the code relies on it:
 *
 *   1. All groups lie on the device, and each holds its own bitmaps and its
 *      part of the inode table, inside itself and apart from each other.
 *   2. groups x inodes in a group = inodes; an inode lies inside one block.
 *   3. No group counts more free blocks or inodes than it has.
 *
 * What is refused is refused by one line in the log that says what and, where
 * there is something to do about it, what to do.
 *
 * A journal (ext3) that is empty is left alone: the disk is then an ext2.
 */
#include "fs/ext2_impl.h"

#include "lib/math.h"
#include "lib/string.h"
#include "mm/heap.h"

#define RIGHT_COMMAND "make it with mke2fs -t ext2 -b 4096"
#define LOG_SIZE_MAX  6 // 64 KiB, the largest block that ext2 defines

#define STATFS_MAGIC 0xef53 // Linux's EXT2_SUPER_MAGIC, in statfs(2)

struct feature {
	uint32_t bit;
	const char *name;
};

#define FEATURE_ROW(bit, name, text) { (bit), (text) },

static const struct feature incompat_features[] = { EXT2_INCOMPAT_LIST(FEATURE_ROW){ 0, NULL } };
static const struct feature ro_features[] = { EXT2_RO_COMPAT_LIST(FEATURE_ROW){ 0, NULL } };

static struct lock_class group_class = LOCK_CLASS("ext2 group", RANK_FS_ALLOC);
static struct lock_class gate_class = LOCK_CLASS("ext2 gate", RANK_MOUNT);

// Mounted file systems; the mount table's lock is held over mount and unmount.
static struct list mounted = LIST_INIT(mounted);

// Append to a text of size bytes; what doesn't fit is cut.
static void
append(char *text, size_t size, const char *separator, const char *name)
{
	size_t used = strlen(text);

	format_string(text + used, size - used, "%s\"%s\"", used ? separator : "", name);
}

// The names of the bits, as mke2fs and tune2fs call them.
static void
name_features(uint32_t bits, const struct feature *list, char *text, size_t size)
{
	char number[16];

	text[0] = '\0';
	for (; list->name; list++) {
		if (bits & list->bit)
			append(text, size, ", ", list->name);
		bits &= ~list->bit;
	}
	if (bits) {
		format_string(number, sizeof(number), "%#x", bits);
		append(text, size, ", ", number);
	}
}

static int
check_features(struct ext2_fs *fs, const struct ext2_super *super)
{
	const uint32_t incompat = EXT2_INCOMPAT_FILETYPE;
	const uint32_t ro_compat = EXT2_RO_COMPAT_SPARSE_SUPER | EXT2_RO_COMPAT_LARGE_FILE;
	uint32_t unknown = super->feature_incompat & ~incompat;
	char names[160];

	if (unknown == EXT2_INCOMPAT_RECOVER) {
		print_error("ext2: %s: its journal must be replayed first (\"needs_recovery\"); "
			    "run e2fsck -fy on it",
			    fs->mount->source);
		return -EINVAL;
	}
	if (unknown) {
		name_features(unknown, incompat_features, names, sizeof(names));
		print_error("ext2: %s: needs feature %s, which Fawn lacks; " RIGHT_COMMAND,
			    fs->mount->source, names);
		return -EINVAL;
	}
	unknown = super->feature_ro_compat & ~ro_compat;
	if (unknown && !fs->read_only) {
		name_features(unknown, ro_features, names, sizeof(names));
		print_warn("ext2: %s: has feature %s, which Fawn can't write: read-only",
			   fs->mount->source, names);
		fs->read_only = true;
	}
	return 0;
}

// What kind of ext2, if it is one.
static int
check_kind(struct ext2_fs *fs, const struct ext2_super *super)
{
	const char *source = fs->mount->source;

	if (super->magic != EXT2_MAGIC) {
		print_error("ext2: %s: is not an ext2 file system (magic number %#x, not %#x)",
			    source, super->magic, EXT2_MAGIC);
		return -EINVAL;
	}
	if (super->rev_level > EXT2_REV_DYNAMIC) {
		print_error("ext2: %s: is of revision %u, Fawn knows 0 and 1; " RIGHT_COMMAND,
			    source, super->rev_level);
		return -EINVAL;
	}
	if (super->log_block_size > LOG_SIZE_MAX) {
		print_error("ext2: %s: its superblock makes no sense (block size); run e2fsck",
			    source);
		return -EUCLEAN;
	}
	if (super->log_block_size != EXT2_LOG_4K) {
		print_error("ext2: %s: has blocks of %u bytes, Fawn needs 4096; " RIGHT_COMMAND,
			    source, 1024u << super->log_block_size);
		return -EINVAL;
	}
	return super->rev_level == 0 ? 0 : check_features(fs, super);
}

// What makes no sense in the numbers of the superblock, or NULL.
static const char *
find_nonsense(const struct ext2_fs *fs, const struct ext2_super *super)
{
	if (fs->blocks < 2 || super->first_data_block != 0)
		return "number of blocks";
	if (fs->group_blocks == 0 || fs->group_blocks > EXT2_GROUP_BITS || fs->group_blocks % 8)
		return "blocks in a group";
	if (fs->inode_size < EXT2_INODE_SIZE_REV0 || fs->inode_size > EXT2_BLOCK_SIZE ||
	    (fs->inode_size & (fs->inode_size - 1)))
		return "size of an inode";
	if (fs->group_inodes == 0 || fs->group_inodes > EXT2_GROUP_BITS || fs->group_inodes % 8)
		return "inodes in a group";
	if (fs->inodes != (uint64_t)fs->groups * fs->group_inodes)
		return "number of inodes";
	if (fs->first_inode < EXT2_FIRST_INO_REV0 || fs->first_inode > fs->group_inodes)
		return "first inode";
	if (fs->head_blocks >= fs->group_blocks)
		return "reserve for group descriptors";
	return NULL;
}

static int
take_geometry(struct ext2_fs *fs, const struct ext2_super *super)
{
	bool old = super->rev_level == 0;
	const char *nonsense;

	fs->blocks = super->blocks_count;
	fs->inodes = super->inodes_count;
	fs->group_blocks = super->blocks_per_group;
	fs->group_inodes = super->inodes_per_group;
	fs->groups = fs->group_blocks ? (uint32_t)div_round_up(fs->blocks, fs->group_blocks) : 0;
	fs->inode_size = old ? EXT2_INODE_SIZE_REV0 : super->inode_size;
	fs->first_inode = old ? EXT2_FIRST_INO_REV0 : super->first_ino;
	fs->table_blocks = (uint32_t)div_round_up((uint64_t)fs->group_inodes * fs->inode_size,
						  EXT2_BLOCK_SIZE);
	fs->has_file_type = !old && super->feature_incompat & EXT2_INCOMPAT_FILETYPE;
	fs->large_files = !old && super->feature_ro_compat & EXT2_RO_COMPAT_LARGE_FILE;
	fs->copies = EXT2_COPIES_ALL;
	if (!old && super->feature_ro_compat & EXT2_RO_COMPAT_SPARSE_SUPER)
		fs->copies = EXT2_COPIES_SPARSE;
	if (!old && super->feature_compat & EXT2_COMPAT_SPARSE_SUPER2)
		fs->copies = EXT2_COPIES_FEW;
	fs->head_blocks = 1 + (uint32_t)div_round_up(fs->groups, EXT2_DESCS_PER_BLOCK);
	if (!old && super->feature_compat & EXT2_COMPAT_RESIZE_INODE)
		fs->head_blocks += super->reserved_gdt_blocks;
	fs->was_clean = super->state & EXT2_STATE_CLEAN && !(super->state & EXT2_STATE_ERRORS);

	nonsense = find_nonsense(fs, super);
	if (nonsense) {
		print_error("ext2: %s: its superblock makes no sense (%s); run e2fsck",
			    fs->mount->source, nonsense);
		return -EUCLEAN;
	}
	if (fs->blocks > fs->dev->blocks) {
		print_error(
			"ext2: %s: is cut short: the file system has %u blocks, the device %llu; "
			"copy the image again",
			fs->mount->source, fs->blocks, (unsigned long long)fs->dev->blocks);
		return -EUCLEAN;
	}
	return 0;
}

// Whether blocks [at, at + count) lie in the group, behind its head.
static bool
in_group(const struct ext2_fs *fs, uint32_t group, uint32_t at, uint32_t count)
{
	uint32_t start = ext2_group_start(fs, group) + ext2_head_length(fs, group);
	uint32_t end = ext2_group_start(fs, group) + ext2_group_length(fs, group);

	return at >= start && at < end && count <= end - at;
}

// What is wrong with a group's descriptor, or NULL.
static const char *
find_group_fault(const struct ext2_fs *fs, uint32_t group)
{
	const struct ext2_group *g = &fs->group[group];

	if (!in_group(fs, group, g->block_bitmap, 1) || !in_group(fs, group, g->inode_bitmap, 1) ||
	    g->block_bitmap == g->inode_bitmap)
		return "bitmaps";
	if (!in_group(fs, group, g->inode_table, fs->table_blocks) ||
	    g->block_bitmap - g->inode_table < fs->table_blocks ||
	    g->inode_bitmap - g->inode_table < fs->table_blocks)
		return "inode table";
	if (g->free_blocks_count > ext2_group_length(fs, group))
		return "free blocks";
	if (g->free_inodes_count > fs->group_inodes)
		return "free inodes";
	return NULL;
}

static int
read_groups(struct ext2_fs *fs)
{
	for (uint32_t first = 0; first < fs->groups; first += EXT2_DESCS_PER_BLOCK) {
		uint32_t count = MIN(fs->groups - first, EXT2_DESCS_PER_BLOCK);
		struct buf *b;
		int error = buf_get(fs->dev, 1 + first / EXT2_DESCS_PER_BLOCK, BUF_READ, &b);

		if (error)
			return error;
		buf_lock(b);
		memcpy(&fs->group[first], b->data, count * sizeof(struct ext2_group));
		buf_unlock(b);
		buf_put(b);
	}
	return 0;
}

static int
take_groups(struct ext2_fs *fs)
{
	int error;

	fs->group = heap_alloc_array(fs->groups, sizeof(fs->group[0]));
	if (!fs->group)
		return -ENOMEM;
	error = read_groups(fs);
	if (error)
		return error;
	for (uint32_t i = 0; i < fs->groups; i++) {
		const char *fault = find_group_fault(fs, i);

		if (fault) {
			print_error("ext2: %s: the descriptor of group %u makes no sense (%s); "
				    "run e2fsck",
				    fs->mount->source, i, fault);
			return -EUCLEAN;
		}
		fs->free_blocks += fs->group[i].free_blocks_count;
		fs->free_inodes += fs->group[i].free_inodes_count;
		fs->directories += fs->group[i].used_dirs_count;
	}
	return 0;
}

// The device that source names, which no other mount may have.
static int
find_device(const char *source, struct blockdev **dev)
{
	struct list *l;

	*dev = blockdev_find(source);
	if (!*dev) {
		print_error("ext2: %s: there is no such disk", source);
		return -ENXIO;
	}
	list_for_each(l, &mounted) {
		if (container_of(l, struct ext2_fs, link)->dev == *dev) {
			print_error("ext2: %s: is mounted already", source);
			return -EBUSY;
		}
	}
	return 0;
}

static int
take_super(struct ext2_fs *fs)
{
	const struct ext2_super *super = ext2_super_of(fs);
	int error = check_kind(fs, super);

	if (error)
		return error;
	error = take_geometry(fs, super);
	if (error)
		return error;
	return take_groups(fs);
}

static struct ext2_fs *
fs_alloc(struct mount *m, struct blockdev *dev)
{
	struct ext2_fs *fs = heap_zalloc(sizeof(*fs));

	if (!fs)
		return NULL;
	fs->mount = m;
	fs->dev = dev;
	fs->read_only = m->flags & MOUNT_READ_ONLY || dev->read_only;
	spin_init(&fs->gate, &gate_class);
	waitqueue_init(&fs->gate_wait, "the end of changes to a file system");
	for (unsigned i = 0; i < EXT2_GROUP_LOCKS; i++)
		mutex_init(&fs->group_lock[i], &group_class);
	return fs;
}

static void
fs_free(struct ext2_fs *fs)
{
	heap_free(fs->group);
	heap_free(fs);
}

int
ext2_mount(struct mount *m, const char *source, const char *options)
{
	struct blockdev *dev;
	struct ext2_fs *fs;
	int error = find_device(source, &dev);

	(void)options;
	if (error)
		return error;
	fs = fs_alloc(m, dev);
	if (!fs)
		return -ENOMEM;
	error = buf_get(dev, 0, BUF_READ, &fs->super);
	if (error) {
		print_error("ext2: %s: its first block can't be read (error %d)", source, -error);
		goto free_fs;
	}
	error = take_super(fs);
	if (!error && !fs->read_only)
		error = ext2_mark_in_use(fs);
	if (error)
		goto put_super;
	if (!fs->was_clean)
		print_warn("ext2: %s: was not unmounted, or is damaged; run e2fsck on it", source);
	if (fs->read_only)
		m->flags |= MOUNT_READ_ONLY;
	m->data = fs;
	m->root_number = EXT2_INO_ROOT;
	m->file_max = fs->large_files ? EXT2_SIZE_MAX : INT32_MAX;
	list_push_back(&mounted, &fs->link);
	__atomic_fetch_add(&dev->users, 1, __ATOMIC_RELAXED);
	return 0;

put_super:
	buf_put(fs->super);
free_fs:
	fs_free(fs);
	return error;
}

void
ext2_unmount(struct mount *m)
{
	struct ext2_fs *fs = m->data;

	if (ext2_sync(m, true))
		print_error("ext2: %s: could not be written at unmount", fs->dev->name);
	list_remove(&fs->link);
	buf_put(fs->super);
	buf_drop(fs->dev);
	__atomic_fetch_sub(&fs->dev->users, 1, __ATOMIC_RELAXED);
	m->data = NULL;
	fs_free(fs);
}

int
ext2_statfs(struct mount *m, struct statfs_info *info)
{
	struct ext2_fs *fs = m->data;
	uint64_t overhead = 0;

	for (uint32_t i = 0; i < fs->groups; i++)
		overhead += ext2_head_length(fs, i) + 2 + fs->table_blocks;
	*info = (struct statfs_info){
		.magic = STATFS_MAGIC,
		.block_size = EXT2_BLOCK_SIZE,
		.blocks = fs->blocks - overhead,
		.blocks_free = __atomic_load_n(&fs->free_blocks, __ATOMIC_RELAXED),
		.files = fs->inodes,
		.files_free = __atomic_load_n(&fs->free_inodes, __ATOMIC_RELAXED),
		.name_max = EXT2_NAME_MAX,
	};
	return 0;
}
