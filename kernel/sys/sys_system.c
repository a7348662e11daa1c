// SPDX-License-Identifier: MIT
/*
 * System calls on the machine and the kernel as a whole.
 */
#include "abi/errno.h"
#include "abi/klog.h"
#include "abi/reboot.h"
#include "abi/sysinfo.h"
#include "abi/utsname.h"
#include "arch/power.h"
#include "arch/time.h"
#include "block/bcache.h"
#include "lib/log.h"
#include "lib/math.h"
#include "lib/print.h"
#include "lib/random.h"
#include "lib/string.h"
#include "lib/version.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "proc/proc.h"
#include "sched/clock.h"
#include "sched/sched.h"
#include "sys/syscall_table.h"
#include "vfs/mount.h"
#include "vm/usercopy.h"

#define RELEASE "0.1"

int64_t
sys_uname(uaddr_t name)
{
	struct utsname u = { .sysname = "Fawn",
			     .nodename = "fawn",
			     .release = RELEASE,
			     .machine = "riscv64",
			     .domainname = "(none)" };

	string_copy(u.version, kernel_version, sizeof u.version);
	return copy_out(name, &u, sizeof u);
}

int64_t
sys_sysinfo(uaddr_t info)
{
	struct bcache_counts cache;
	struct sysinfo s = { .mem_unit = 1 };

	bcache_count(&cache);
	s.uptime = (int64_t)(clock_monotonic_ns() / NS_PER_SEC);
	sched_load(s.loads);
	s.totalram = page_total_count() * PAGE_SIZE;
	s.freeram = page_free_count() * PAGE_SIZE;
	s.bufferram = cache.buffers * PAGE_SIZE;
	s.procs = (uint16_t)MIN(proc_count(), UINT16_MAX);
	return copy_out(info, &s, sizeof s);
}

// ---- The end -----------------------------------------------------------------

static bool
is_magic(uint32_t magic1, uint32_t magic2)
{
	return magic1 == LINUX_REBOOT_MAGIC1 &&
	       (magic2 == LINUX_REBOOT_MAGIC2 || magic2 == LINUX_REBOOT_MAGIC2A ||
		magic2 == LINUX_REBOOT_MAGIC2B || magic2 == LINUX_REBOOT_MAGIC2C);
}

// Everything to the disks.  Returns whether that worked.
static bool
put_away(void)
{
	proc_expect_end();
	int error = mount_sync_all(true);
	if (error != 0)
		print_error("not everything could be written to the disk: error %d", error);
	return error == 0;
}

int64_t
sys_reboot(uint32_t magic1, uint32_t magic2, uint32_t command, uint64_t argument)
{
	if (!is_magic(magic1, magic2))
		return -EINVAL;
	switch (command) {
	case LINUX_REBOOT_CMD_POWER_OFF:
		// A machine that lost data has not ended well, whatever is asked.
		power_off(put_away() || (argument & 0xff) != 0 ? argument & 0xff : 1);
	case LINUX_REBOOT_CMD_RESTART:
		put_away();
		power_reboot();
	default:
		return -EINVAL;
	}
}

// ---- Messages ----------------------------------------------------------------

static int64_t
read_log(uaddr_t buffer, int length)
{
	if (buffer == 0 || length < 0)
		return -EINVAL;
	size_t size = MIN((size_t)length, log_length());
	char *text = heap_alloc(size + 1);
	if (text == NULL)
		return -ENOMEM;
	size_t n = log_read(text, size);
	int error = copy_out(buffer, text, n);
	heap_free(text);
	return error != 0 ? error : (int64_t)n;
}

// Linux's levels: messages below `level` are shown.
static int
set_console_level(int level)
{
	if (level < 1 || level > 8)
		return -EINVAL;
	if (level <= 4)
		print_set_console_level(PRINT_ERROR);
	else if (level <= 6)
		print_set_console_level(PRINT_WARNING);
	else
		print_set_console_level(level == 7 ? PRINT_INFO : PRINT_DEBUG);
	return 0;
}

int64_t
sys_syslog(int action, uaddr_t buffer, int length)
{
	switch (action) {
	case SYSLOG_ACTION_OPEN:
	case SYSLOG_ACTION_CLOSE:
		return 0;
	case SYSLOG_ACTION_READ_ALL:
		return read_log(buffer, length);
	case SYSLOG_ACTION_CLEAR:
		log_clear();
		return 0;
	case SYSLOG_ACTION_CONSOLE_OFF:
		return set_console_level(1);
	case SYSLOG_ACTION_CONSOLE_ON:
		return set_console_level(7);
	case SYSLOG_ACTION_CONSOLE_LEVEL:
		return set_console_level(length);
	case SYSLOG_ACTION_SIZE_BUFFER:
		return (int64_t)log_length();
	default:
		return -EINVAL;
	}
}

#define GRND_ALL 7 // NONBLOCK, RANDOM, INSECURE: all the same here

int64_t
sys_getrandom(uaddr_t buffer, uint64_t length, uint64_t flags)
{
	uint8_t bytes[256];
	uint64_t n = MIN(length, INT32_MAX);

	if (flags & ~(uint64_t)GRND_ALL)
		return -EINVAL;
	for (uint64_t done = 0; done < n;) {
		uint64_t chunk = MIN(sizeof bytes, n - done);
		random_bytes(bytes, chunk);
		if (copy_out(buffer + done, bytes, chunk) != 0)
			return -EFAULT;
		done += chunk;
		if (signal_waiting())
			return (int64_t)done;
	}
	return (int64_t)n;
}
