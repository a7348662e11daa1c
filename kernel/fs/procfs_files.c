// SPDX-License-Identifier: MIT
/*
 * The files of /proc that tell of what lies at or below the VFS.  Those that
 * Linux has too are in its format (proc(5)); the others are lines of a name and
 * numbers, with a headline if there is more than one.
 */
#include "arch/irq.h"
#include "arch/time.h"
#include "block/bcache.h"
#include "fs/procfs_impl.h"
#include "lib/bootargs.h"
#include "lib/math.h"
#include "lib/version.h"
#include "lock/lockclass.h"
#include "vfs/file.h"
#include "vfs/mount.h"
#include "vfs/pipe.h"
#include "vfs/pseudo.h"
#include "vfs/vnode.h"

static int
generate_cmdline(struct pseudo_text *t)
{
	pseudo_printf(t, "%s\n", bootargs_line());
	return 0;
}

static int
generate_version(struct pseudo_text *t)
{
	pseudo_printf(t, "Fawn %s\n", kernel_version);
	return 0;
}

static void
print_mount(void *arg, const struct mount *m)
{
	pseudo_printf(arg, "%s %s %s %s 0 0\n", m->source[0] != '\0' ? m->source : m->type->name,
		      m->path, m->type->name, m->flags & MOUNT_READ_ONLY ? "ro" : "rw");
}

static int
generate_mounts(struct pseudo_text *t)
{
	mount_for_each(print_mount, t);
	return 0;
}

static void
print_irq(void *arg, unsigned line, const char *name, uint64_t count)
{
	pseudo_printf(arg, "%4u: %12lu  %s\n", line, (unsigned long)count, name);
}

static int
generate_interrupts(struct pseudo_text *t)
{
	irq_for_each(print_irq, t);
	return 0;
}

static void
print_lock_class(void *arg, const struct lock_class *c)
{
	pseudo_printf(arg, "%-24s %4d %14lu %12lu %14lu %12lu %12lu\n", c->name, (int)c->rank,
		      (unsigned long)c->acquired, (unsigned long)c->contended,
		      (unsigned long)c->waits, (unsigned long)(c->max_hold_ns / NS_PER_US),
		      (unsigned long)(c->max_wait_ns / NS_PER_US));
}

static int
generate_locks(struct pseudo_text *t)
{
	pseudo_printf(t, "%-24s %4s %14s %12s %14s %12s %12s\n", "class", "rank", "acquired",
		      "contended", "turns", "max-hold-us", "max-wait-us");
	lock_class_for_each(print_lock_class, t);
	return 0;
}

static int
generate_vfsstat(struct pseudo_text *t)
{
	struct bcache_counts buffers;
	unsigned vnodes, referenced;

	bcache_count(&buffers);
	vnode_count(&vnodes, &referenced);
	pseudo_printf(t, "buffers %u\nbuffers_dirty %u\nbuffers_referenced %u\n", buffers.buffers,
		      buffers.dirty, buffers.referenced);
	pseudo_printf(t, "vnodes %u\nvnodes_referenced %u\n", vnodes, referenced);
	pseudo_printf(t, "files %u\npipes %u\n", file_count(), pipe_count());
	return 0;
}

static struct pseudo_file files[] = {
	{ .name = "cmdline", .generate = generate_cmdline },
	{ .name = "interrupts", .generate = generate_interrupts },
	{ .name = "locks", .generate = generate_locks },
	{ .name = "mounts", .generate = generate_mounts },
	{ .name = "version", .generate = generate_version },
	{ .name = "vfsstat", .generate = generate_vfsstat },
};

void
procfs_register_files(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(files); i++)
		pseudo_register(&files[i]);
}
