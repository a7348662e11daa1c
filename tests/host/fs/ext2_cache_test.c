// SPDX-License-Identifier: MIT
// The same random operations, with the kernel's own buffer cache between ext2 and
// the disk; so small that it always has to evict.
// kernel: fs/ext2_vnode.c fs/ext2_names.c fs/ext2_file.c fs/ext2_dir.c
// kernel: fs/ext2_map.c fs/ext2_inode.c fs/ext2_alloc.c fs/ext2_sync.c
// kernel: fs/ext2_super.c vm/uio.c lib/bitmap.c lib/random.c lib/kstat.c
// fakes: device.c vnodes.c command.c usercopy.c sleep.c page.c heap.c
// fakes: lock.c sync.c print.c time.c
// kernel: block/bcache.c block/bcache_order.c block/bcache_write.c
// kernel: block/buf.c block/blockdev.c
#include "fs/ext2_model.h"

TEST(roomy_disk)
{
	for (uint64_t seed = 51; seed <= 54; seed++)
		model_run(seed, "-I 256", 65536, 6000);
}

TEST(small_disk)
{
	for (uint64_t seed = 61; seed <= 66; seed++)
		model_run(seed, "-I 256 -m 0", 1024, 4000);
}

TEST(many_groups)
{
	for (uint64_t seed = 71; seed <= 74; seed++)
		model_run(seed, "-I 256 -g 256 -N 512 -O ^resize_inode,^meta_bg", 8192, 4000);
}
