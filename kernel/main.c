// SPDX-License-Identifier: MIT
/*
 * Boot, in one column (docs/architecture.md tells the same as prose).
 *
 * entry.S calls kernel_main() on one hart, any hart, with translation by the
 * boot table and interrupts off; the other harts sleep in the firmware until
 * sched_start_harts().  What needs to sleep (finding the root file system,
 * starting init) runs in a thread of its own once everything else is up.
 */
#include "abi/errno.h"
#include "arch/fdt.h"
#include "arch/hart.h"
#include "arch/irq.h"
#include "arch/power.h"
#include "arch/time.h"
#include "arch/trap.h"
#include "block/blockdev.h"
#include "block/buf.h"
#include "dev/dev.h"
#include "fs/fs.h"
#include "lib/bootargs.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/random.h"
#include "lib/version.h"
#include "lock/spinlock.h"
#include "mm/kstack.h"
#include "mm/memory.h"
#include "proc/proc.h"
#include "sched/clock.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "sched/timer.h"
#include "vfs/file.h"
#include "vfs/mount.h"
#include "vfs/walk.h"
#include "vm/space.h"

void kernel_main(void);

static void
boot_arguments(void)
{
	const char *line = fdt_string(fdt_find("/chosen"), "bootargs");

	bootargs_init(line != NULL ? line : "");
	if (bootargs_flag("quiet"))
		print_set_console_level(PRINT_ERROR);
	uint32_t length = 0;
	const void *seed = fdt_property(fdt_find("/chosen"), "rng-seed", &length);
	random_set_seed(bootargs_number("seed", hash_bytes(seed, length)));
}

static void
emergency_stacks(void)
{
	for (unsigned i = 0; i < hart_count(); i++) {
		hart_at(i)->emergency_sp = kstack_alloc();
		if (hart_at(i)->emergency_sp == 0)
			panic("no memory for the harts' emergency stacks; give QEMU more (MEM=)");
	}
}

// The device that holds the root: boot argument root=, else a disk whose
// serial is "root", else the first device, else the initial RAM disk.
static struct blockdev *
find_root(void)
{
	char name[32];

	if (bootargs_string("root", name, sizeof name)) {
		struct blockdev *dev = blockdev_find(name);
		if (dev == NULL)
			panic("no disk \"%s\" (boot argument root=)", name);
		return dev;
	}
	struct blockdev *dev = blockdev_find("root");
	if (dev == NULL)
		dev = blockdev_at(0);
	if (dev == NULL)
		panic("no disk: give QEMU one (make qemu does), or an initrd");
	return dev;
}

static void
mount_dev(void)
{
	struct walk_context ctx = { .root = mount_root_vnode() };
	struct vnode *at;

	ctx.start = ctx.root;
	int error = walk_path(&ctx, "/dev", WALK_DIRECTORY, &at);
	if (error == 0) {
		error = mount_add("devfs", "", at, "/dev", 0);
		vnode_put(at);
	}
	vnode_put(ctx.root);
	if (error != 0)
		print_warn("/dev: not mounted, error %d: the image needs an empty folder /dev",
			   error);
}

static void
start_user_land(void *arg)
{
	(void)arg;
	struct blockdev *dev = find_root();
	unsigned flags = bootargs_flag("ro") ? MOUNT_READ_ONLY : 0;

	int error = mount_root("ext2", dev->name, flags);
	if (error != 0)
		panic("the root file system on %s can't be mounted: error %d", dev->name, error);
	mount_dev();
	error = proc_start_init("/bin/init");
	if (error != 0)
		panic("/bin/init can't be started: error %d; is the image complete?", error);
}

void
kernel_main(void)
{
	struct thread *t;

	sched_init_early(); // this is a thread now: locks and messages work
	trap_init_hart();   // a fault has a report
	if (fdt_init() != 0)
		panic("the firmware has handed over no device tree");
	power_init(); // a panic can switch the machine off
	boot_arguments();
	uart_init_early(); // messages are seen
	print("Fawn %s", kernel_version);
	time_init();
	hart_init();        // which harts there are
	lock_init();        // bounds and reports
	memory_init();      // pages, the kernel's page table
	emergency_stacks(); // a stack overflow has a report
	irq_init();         // the interrupt controller
	irq_init_hart();
	timer_init(); // timing wheels
	clock_init(); // real time
	sched_init(); // run queues, idle threads
	vm_init();    // address spaces follow threads
	buf_init();   // the buffer cache
	vnode_init(); // files
	file_init();
	mount_init();
	ext2_register();
	devfs_register();
	procfs_register();
	ramdisk_init(); // drivers
	virtio_init();
	uart_init();
	proc_init();         // processes
	sched_start_harts(); // the other harts
	if (thread_create("start", NULL, start_user_land, NULL, &t) != 0)
		panic("no memory for the first thread; give QEMU more (MEM=)");
	thread_start(t);
	thread_put(t);
	sched_idle();
}
