// SPDX-License-Identifier: MIT
/*
 * ext2 on disk: the bytes that the kernel, mkfs and the rest of the world
 * agree on.  Revision 1, blocks of 4 KiB.
 *
 * Sources
 *   [P] Dave Poirier, "The Second Extended File System, Internal Layout"
 *       (nongnu.org/ext2-doc), by section; our field is its s_, bg_ or i_
 *       field without the prefix.
 *   [D] "ext4 Data Structures and Algorithms", Linux Documentation/
 *       filesystems/ext4: what came after [P] (inodes past 128 bytes, times in
 *       ns, feature bits), so that an image of ext3 or ext4 can be told apart
 *       and refused by the name of what it needs.
 *
 * All numbers are little-endian, as are RISC-V and the hosts we build on.
 * Block 0 holds 1024 bytes for a boot loader, then the superblock; the group
 * descriptors begin in block 1.  Each group holds, in any order that its
 * descriptor says, a block bitmap, an inode bitmap and its part of the inode
 * table; some groups begin with a copy of superblock and descriptors.
 */
#pragma once

#include <stdint.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "ext2 is little-endian on disk and this code does not swap bytes"
#endif

#define EXT2_MAGIC        0xef53 // [P] s_magic
#define EXT2_SUPER_OFFSET 1024   // bytes from the start of the device
#define EXT2_BLOCK_LOG    12     // we use blocks of 4 KiB only
#define EXT2_BLOCK_SIZE   (1u << EXT2_BLOCK_LOG)
#define EXT2_LOG_4K       2                     // s_log_block_size for them: 1024 << 2
#define EXT2_SECTOR       512                   // the unit of ext2_inode.blocks
#define EXT2_GROUP_BITS   (8 * EXT2_BLOCK_SIZE) // bits in a bitmap's block

// [P] s_rev_level.  Revision 0 has fixed inodes of 128 bytes and no features.
#define EXT2_REV_DYNAMIC     1
#define EXT2_INODE_SIZE_REV0 128
#define EXT2_FIRST_INO_REV0  11

// [P] s_state, s_errors, s_creator_os
#define EXT2_STATE_CLEAN     0x0001
#define EXT2_STATE_ERRORS    0x0002
#define EXT2_ERRORS_CONTINUE 1
#define EXT2_OS_LINUX        0

// [P] 3.1, reserved inodes
#define EXT2_INO_ROOT       2
#define EXT2_INO_RESIZE     7
#define EXT2_INO_JOURNAL    8
#define EXT2_INO_LOST_FOUND 11 // the first one free, by custom this

/*
 * Features, [P] s_feature_* and [D] super block.  A driver that does not know
 * a bit: compat, go on; ro_compat, read but never write; incompat, keep out.
 */
#define EXT2_COMPAT_LIST(F)                          \
	F(0x0001, DIR_PREALLOC, "dir_prealloc")      \
	F(0x0002, IMAGIC, "imagic_inodes")           \
	F(0x0004, HAS_JOURNAL, "has_journal")        \
	F(0x0008, EXT_ATTR, "ext_attr")              \
	F(0x0010, RESIZE_INODE, "resize_inode")      \
	F(0x0020, DIR_INDEX, "dir_index")            \
	F(0x0040, LAZY_BG, "lazy_bg")                \
	F(0x0080, EXCLUDE_INODE, "exclude_inode")    \
	F(0x0100, EXCLUDE_BITMAP, "snapshot_bitmap") \
	F(0x0200, SPARSE_SUPER2, "sparse_super2")    \
	F(0x0400, FAST_COMMIT, "fast_commit")        \
	F(0x0800, STABLE_INODES, "stable_inodes")    \
	F(0x1000, ORPHAN_FILE, "orphan_file")

#define EXT2_INCOMPAT_LIST(F)                       \
	F(0x00001, COMPRESSION, "compression")      \
	F(0x00002, FILETYPE, "filetype")            \
	F(0x00004, RECOVER, "needs_recovery")       \
	F(0x00008, JOURNAL_DEV, "journal_dev")      \
	F(0x00010, META_BG, "meta_bg")              \
	F(0x00040, EXTENTS, "extents")              \
	F(0x00080, 64BIT, "64bit")                  \
	F(0x00100, MMP, "mmp")                      \
	F(0x00200, FLEX_BG, "flex_bg")              \
	F(0x00400, EA_INODE, "ea_inode")            \
	F(0x01000, DIRDATA, "dirdata")              \
	F(0x02000, CSUM_SEED, "metadata_csum_seed") \
	F(0x04000, LARGEDIR, "large_dir")           \
	F(0x08000, INLINE_DATA, "inline_data")      \
	F(0x10000, ENCRYPT, "encrypt")              \
	F(0x20000, CASEFOLD, "casefold")

#define EXT2_RO_COMPAT_LIST(F)                     \
	F(0x00001, SPARSE_SUPER, "sparse_super")   \
	F(0x00002, LARGE_FILE, "large_file")       \
	F(0x00004, BTREE_DIR, "btree_dir")         \
	F(0x00008, HUGE_FILE, "huge_file")         \
	F(0x00010, GDT_CSUM, "uninit_bg")          \
	F(0x00020, DIR_NLINK, "dir_nlink")         \
	F(0x00040, EXTRA_ISIZE, "extra_isize")     \
	F(0x00080, HAS_SNAPSHOT, "has_snapshot")   \
	F(0x00100, QUOTA, "quota")                 \
	F(0x00200, BIGALLOC, "bigalloc")           \
	F(0x00400, METADATA_CSUM, "metadata_csum") \
	F(0x00800, REPLICA, "replica")             \
	F(0x01000, READONLY, "read-only")          \
	F(0x02000, PROJECT, "project")             \
	F(0x04000, SHARED_BLOCKS, "shared_blocks") \
	F(0x08000, VERITY, "verity")               \
	F(0x10000, ORPHAN_PRESENT, "orphan_present")

#define EXT2_COMPAT_BIT_(bit, name, text)    EXT2_COMPAT_##name = (bit),
#define EXT2_INCOMPAT_BIT_(bit, name, text)  EXT2_INCOMPAT_##name = (bit),
#define EXT2_RO_COMPAT_BIT_(bit, name, text) EXT2_RO_COMPAT_##name = (bit),

enum ext2_compat { EXT2_COMPAT_LIST(EXT2_COMPAT_BIT_) };
enum ext2_incompat { EXT2_INCOMPAT_LIST(EXT2_INCOMPAT_BIT_) };
enum ext2_ro_compat { EXT2_RO_COMPAT_LIST(EXT2_RO_COMPAT_BIT_) };

// [P] 3.1.  From 84 on only in revision 1; journal and later are [D].
struct ext2_super {
	uint32_t inodes_count;
	uint32_t blocks_count;
	uint32_t r_blocks_count; // kept for root
	uint32_t free_blocks_count;
	uint32_t free_inodes_count;
	uint32_t first_data_block; // 0 with blocks of 4 KiB
	uint32_t log_block_size;   // block size is 1024 << this
	uint32_t log_frag_size;
	uint32_t blocks_per_group;
	uint32_t frags_per_group;
	uint32_t inodes_per_group;
	uint32_t mtime; // last mounted, s since 1970
	uint32_t wtime; // last written
	uint16_t mnt_count;
	uint16_t max_mnt_count; // 0xffff: no check by count
	uint16_t magic;
	uint16_t state;
	uint16_t errors;
	uint16_t minor_rev_level;
	uint32_t lastcheck;
	uint32_t checkinterval; // 0: no check by time
	uint32_t creator_os;
	uint32_t rev_level;
	uint16_t def_resuid;
	uint16_t def_resgid;
	uint32_t first_ino; // the first inode that is not reserved
	uint16_t inode_size;
	uint16_t block_group_nr; // the group that holds this copy
	uint32_t feature_compat;
	uint32_t feature_incompat;
	uint32_t feature_ro_compat;
	uint8_t uuid[16];
	char volume_name[16];
	char last_mounted[64];
	uint32_t algo_bitmap;
	uint8_t prealloc_blocks;
	uint8_t prealloc_dir_blocks;
	uint16_t reserved_gdt_blocks; // after the descriptors, for growth
	uint8_t journal_uuid[16];
	uint32_t journal_inum;
	uint32_t journal_dev;
	uint32_t last_orphan;
	uint32_t hash_seed[4];
	uint8_t def_hash_version;
	uint8_t jnl_backup_type;
	uint16_t desc_size;
	uint32_t default_mount_opts;
	uint32_t first_meta_bg;
	uint32_t mkfs_time;
	uint32_t jnl_blocks[17];
	uint32_t blocks_count_hi;
	uint32_t r_blocks_count_hi;
	uint32_t free_blocks_count_hi;
	uint16_t min_extra_isize;
	uint16_t want_extra_isize;
	uint32_t flags;
	uint8_t unused[664];
	uint32_t checksum;
};

// [P] 3.2
struct ext2_group {
	uint32_t block_bitmap; // block numbers
	uint32_t inode_bitmap;
	uint32_t inode_table;
	uint16_t free_blocks_count;
	uint16_t free_inodes_count;
	uint16_t used_dirs_count;
	uint16_t flags; // [D]; 0 in ext2
	uint32_t reserved[3];
};

/*
 * [P] 3.3.  Block pointers: 12 direct, then one each of single, double and
 * triple indirect; 0 is a hole.  A symbolic link of less than 60 bytes lies in
 * block[] itself and owns no data block; a device has its number there.
 */
#define EXT2_NDIRECT          12
#define EXT2_IND              12
#define EXT2_DIND             13
#define EXT2_TIND             14
#define EXT2_NBLOCK           15
#define EXT2_PER_BLOCK        (EXT2_BLOCK_SIZE / 4) // pointers in an indirect block
#define EXT2_SYMLINK_FAST_MAX 59

struct ext2_inode {
	uint16_t mode;
	uint16_t uid;
	uint32_t size;
	uint32_t atime;
	uint32_t ctime;
	uint32_t mtime;
	uint32_t dtime; // when deleted; 0 while in use
	uint16_t gid;
	uint16_t links_count;
	uint32_t blocks; // of 512 bytes, indirect blocks included
	uint32_t flags;
	uint32_t osd1;
	uint32_t block[EXT2_NBLOCK];
	uint32_t generation;
	uint32_t file_acl;
	uint32_t size_high; // regular files only ([P]: i_dir_acl)
	uint32_t faddr;
	uint8_t frag;
	uint8_t fsize;
	uint16_t file_acl_high;
	uint16_t uid_high;
	uint16_t gid_high;
	uint32_t reserved;
	// What follows is there if inode_size >= 256, and valid as far as
	// extra_isize reaches, counted from here.  [D] inodes.
	uint16_t extra_isize;
	uint16_t checksum_hi;
	uint32_t ctime_extra;
	uint32_t mtime_extra;
	uint32_t atime_extra;
	uint32_t crtime;
	uint32_t crtime_extra;
	uint32_t version_hi;
	uint32_t projid;
	uint8_t xattr[96];
};

#define EXT2_INODE_SIZE  256
#define EXT2_EXTRA_ISIZE 32 // up to and with projid

// [D] inode timestamps: 30 bits of ns above 2 bits that extend the seconds.
#define EXT2_EXTRA_EPOCH_BITS 2
#define EXT2_EXTRA_EPOCH_MASK 3u

// [P] 3.3, i_mode, the kind
#define EXT2_S_IFMT   0xf000
#define EXT2_S_IFSOCK 0xc000
#define EXT2_S_IFLNK  0xa000
#define EXT2_S_IFREG  0x8000
#define EXT2_S_IFBLK  0x6000
#define EXT2_S_IFDIR  0x4000
#define EXT2_S_IFCHR  0x2000
#define EXT2_S_IFIFO  0x1000

// [P] 3.3, i_flags; the last three are [D]
#define EXT2_FL_SYNC        0x00000008
#define EXT2_FL_IMMUTABLE   0x00000010
#define EXT2_FL_APPEND      0x00000020
#define EXT2_FL_INDEX       0x00001000 // this directory has a hash index
#define EXT2_FL_HUGE_FILE   0x00040000
#define EXT2_FL_EXTENTS     0x00080000
#define EXT2_FL_INLINE_DATA 0x10000000

#define EXT2_LINK_MAX 32000

// [D] extended attributes.  A block of them may belong to several inodes.
#define EXT2_XATTR_MAGIC 0xea020000u

struct ext2_xattr_head {
	uint32_t magic;
	uint32_t refcount;
	uint32_t blocks;
	uint32_t hash;
	uint32_t checksum;
	uint32_t reserved[3];
};

/*
 * [P] 4.1.  A directory's blocks are filled with records, none across a
 * block's end; the last reaches up to it.  A record with inode 0 is free room.
 */
#define EXT2_NAME_MAX     255
#define EXT2_DIRENT_HEAD  8 // bytes before the name
#define EXT2_DIRENT_ALIGN 4

struct ext2_dirent {
	uint32_t inode;
	uint16_t rec_len; // to the next record
	uint8_t name_len;
	uint8_t file_type; // enum ext2_ft, with the filetype feature
	char name[];       // no NUL after it
};

enum ext2_ft {
	EXT2_FT_UNKNOWN,
	EXT2_FT_REG,
	EXT2_FT_DIR,
	EXT2_FT_CHR,
	EXT2_FT_BLK,
	EXT2_FT_FIFO,
	EXT2_FT_SOCK,
	EXT2_FT_LNK,
};

// Bytes that a record with a name of name_len bytes takes.
static inline uint32_t
ext2_dirent_size(uint32_t name_len)
{
	return (EXT2_DIRENT_HEAD + name_len + EXT2_DIRENT_ALIGN - 1) &
	       ~(uint32_t)(EXT2_DIRENT_ALIGN - 1);
}

// A group has a copy of the superblock and the descriptors; under sparse_super
// these are 0, 1 and the powers of 3, 5 and 7.  [P] s_feature_ro_compat.
static inline int
ext2_sparse_group_has_super(uint32_t group)
{
	for (uint32_t base = 3; base <= 7; base += 2) {
		uint64_t power = base;
		while (power < group)
			power *= base;
		if (power == group)
			return 1;
	}
	return group <= 1;
}

_Static_assert(sizeof(struct ext2_super) == 1024, "superblock");
_Static_assert(__builtin_offsetof(struct ext2_super, magic) == 56, "magic");
_Static_assert(__builtin_offsetof(struct ext2_super, rev_level) == 76, "rev");
_Static_assert(__builtin_offsetof(struct ext2_super, first_ino) == 84, "first");
_Static_assert(__builtin_offsetof(struct ext2_super, inode_size) == 88, "isize");
_Static_assert(__builtin_offsetof(struct ext2_super, feature_compat) == 92, "fc");
_Static_assert(__builtin_offsetof(struct ext2_super, uuid) == 104, "uuid");
_Static_assert(__builtin_offsetof(struct ext2_super, volume_name) == 120, "label");
_Static_assert(__builtin_offsetof(struct ext2_super, reserved_gdt_blocks) == 206,
	       "reserved descriptors");
_Static_assert(__builtin_offsetof(struct ext2_super, journal_inum) == 224, "jinum");
_Static_assert(__builtin_offsetof(struct ext2_super, desc_size) == 254, "desc");
_Static_assert(__builtin_offsetof(struct ext2_super, mkfs_time) == 264, "mkfs");
_Static_assert(__builtin_offsetof(struct ext2_super, blocks_count_hi) == 336, "hi");
_Static_assert(__builtin_offsetof(struct ext2_super, flags) == 352, "flags");
_Static_assert(__builtin_offsetof(struct ext2_super, checksum) == 1020, "sum");

_Static_assert(sizeof(struct ext2_group) == 32, "group descriptor");
_Static_assert(__builtin_offsetof(struct ext2_group, used_dirs_count) == 16, "used directories");

_Static_assert(sizeof(struct ext2_inode) == EXT2_INODE_SIZE, "inode");
_Static_assert(__builtin_offsetof(struct ext2_inode, block) == 40, "pointers");
_Static_assert(__builtin_offsetof(struct ext2_inode, size_high) == 108, "size");
_Static_assert(__builtin_offsetof(struct ext2_inode, uid_high) == 120, "uid");
_Static_assert(__builtin_offsetof(struct ext2_inode, extra_isize) == EXT2_INODE_SIZE_REV0,
	       "first inode's end");
_Static_assert(__builtin_offsetof(struct ext2_inode, crtime) == 144, "crtime");
_Static_assert(__builtin_offsetof(struct ext2_inode, xattr) ==
		       EXT2_INODE_SIZE_REV0 + EXT2_EXTRA_ISIZE,
	       "extra fields");

_Static_assert(__builtin_offsetof(struct ext2_dirent, name) == EXT2_DIRENT_HEAD,
	       "directory record");
