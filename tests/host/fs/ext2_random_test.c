// SPDX-License-Identifier: MIT
// Random operations against a model, on a disk that finds wrong uses of buffers:
// roomy, small enough to be full now and then, and of several kinds.
// kernel: fs/ext2_vnode.c fs/ext2_names.c fs/ext2_file.c fs/ext2_dir.c
// kernel: fs/ext2_map.c fs/ext2_inode.c fs/ext2_alloc.c fs/ext2_sync.c
// kernel: fs/ext2_super.c vm/uio.c lib/bitmap.c lib/random.c
// fakes: disk.c vnodes.c command.c usercopy.c sleep.c page.c heap.c
// fakes: lock.c sync.c print.c time.c
#include "fs/ext2_model.h"

TEST(roomy_disk)
{
	for (uint64_t seed = 1; seed <= 4; seed++)
		model_run(seed, "-I 256", 65536, 6000);
}

TEST(small_disk)
{
	for (uint64_t seed = 11; seed <= 18; seed++)
		model_run(seed, "-I 256 -m 0", 1024, 4000);
	CHECK(model_times_full > 100);
}

TEST(few_inodes)
{
	for (uint64_t seed = 21; seed <= 24; seed++)
		model_run(seed, "-I 128 -N 32", 4096, 4000);
	CHECK(model_times_full > 100);
}

TEST(many_groups)
{
	for (uint64_t seed = 31; seed <= 34; seed++)
		model_run(seed, "-I 256 -g 256 -N 512 -O ^resize_inode,^meta_bg", 8192, 4000);
}

TEST(old_revision)
{
	for (uint64_t seed = 41; seed <= 42; seed++)
		model_run(seed, "-r 0", 4096, 4000);
}
