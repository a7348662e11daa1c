// SPDX-License-Identifier: MIT
/*
 * System calls on the whole machine (Linux sync(2), reboot(2), syslog(2),
 * uname(2), sysinfo(2), getrandom(2)).
 */
#include "abi/errno.h"
#include "abi/klog.h"
#include "abi/reboot.h"
#include "abi/sysinfo.h"
#include "abi/utsname.h"
#include "arch/power.h"
#include "arch/time.h"
#include "lib/log.h"
#include "lib/math.h"
#include "lib/print.h"
#include "lib/random.h"
#include "lib/string.h"
#include "lib/version.h"
#include "mm/heap.h"
#include "mm/memory.h"
#include "mm/page.h"
#include "proc/proc.h"
#include "sched/clock.h"
#include "sched/sched.h"
#include "sys/syscall_table.h"
#include "vfs/mount.h"
#include "vm/usercopy.h"

// Linux's console levels: messages below the level are shown.
#define CONSOLE_LEVEL_MIN 1
#define CONSOLE_LEVEL_MAX 8
#define CONSOLE_LEVEL_ERROR 4

#define RANDOM_CHUNK 256

int64_t
sys_sync(void)
{
	int error = mount_sync_all(false);
	if (error != 0)
		print_limited(PRINT_ERROR, "sync: not everything could be written: error %d", error);
	return 0;
}

static void
end_file_systems(void)
{
	proc_expect_end();
	int error = mount_sync_all(true);
	if (error != 0)
		print_error("power-off: not everything could be written: error %d", error);
}

int64_t
sys_reboot(uint32_t magic1, uint32_t magic2, uint32_t command, uint64_t argument)
{
	if (magic1 != LINUX_REBOOT_MAGIC1 ||
	    (magic2 != LINUX_REBOOT_MAGIC2 && magic2 != LINUX_REBOOT_MAGIC2A &&
	     magic2 != LINUX_REBOOT_MAGIC2B && magic2 != LINUX_REBOOT_MAGIC2C))
		return -EINVAL;
	switch (command) {
	case LINUX_REBOOT_CMD_POWER_OFF:
		end_file_systems();
		power_off((unsigned)argument & 0xff);
	case LINUX_REBOOT_CMD_HALT:
		end_file_systems();
		power_off(0);
	case LINUX_REBOOT_CMD_RESTART:
		end_file_systems();
		power_reboot();
	default:
		return -EINVAL;
	}
}

// The newest messages that fit into length bytes at buffer.
static int64_t
log_out(uaddr_t buffer, int length)
{
	if (length < 0)
		return -EINVAL;
	size_t size = MIN((size_t)length, log_length());
	if (size == 0)
		return 0;
	char *text = heap_alloc(size);
	if (text == NULL)
		return -ENOMEM;
	size_t n = log_read(text, size);
	int error = copy_out(buffer, text, n);
	heap_free(text);
	return error != 0 ? error : (int64_t)n;
}

static int64_t
set_console_level(int level)
{
	if (level < CONSOLE_LEVEL_MIN || level > CONSOLE_LEVEL_MAX)
		return -EINVAL;
	if (level <= CONSOLE_LEVEL_ERROR)
		print_set_console_level(PRINT_ERROR);
	else
		print_set_console_level(level == CONSOLE_LEVEL_MAX ? PRINT_DEBUG : PRINT_INFO);
	return 0;
}

int64_t
sys_syslog(int action, uaddr_t buffer, int length)
{
	switch (action) {
	case SYSLOG_ACTION_CLOSE:
	case SYSLOG_ACTION_OPEN:
		return 0;
	case SYSLOG_ACTION_READ_ALL:
		return log_out(buffer, length);
	case SYSLOG_ACTION_CONSOLE_LEVEL:
		return set_console_level(length);
	case SYSLOG_ACTION_SIZE_BUFFER:
		return (int64_t)log_length();
	default:
		return -EINVAL;
	}
}

int64_t
sys_uname(uaddr_t name)
{
	struct utsname u = {
		.sysname = "Fawn",
		.nodename = "fawn",
		.machine = "riscv64",
		.domainname = "(none)",
	};
	string_copy(u.release, kernel_version, sizeof u.release);
	string_copy(u.version, "SMP", sizeof u.version);
	return copy_out(name, &u, sizeof u);
}

int64_t
sys_sysinfo(uaddr_t address)
{
	struct sysinfo info = {
		.uptime = (int64_t)(clock_monotonic_ns() / NS_PER_SEC),
		.totalram = memory_size(),
		.freeram = page_free_count() * PAGE_SIZE,
		.procs = (uint16_t)MIN(proc_count(), UINT16_MAX),
		.mem_unit = 1,
	};
	sched_load(info.loads);
	return copy_out(address, &info, sizeof info);
}

int64_t
sys_getrandom(uaddr_t buffer, uint64_t length, uint64_t flags)
{
	uint8_t bytes[RANDOM_CHUNK];

	if (flags & ~UINT64_C(7)) // GRND_NONBLOCK, GRND_RANDOM, GRND_INSECURE
		return -EINVAL;
	length = MIN(length, INT32_MAX);
	for (uint64_t at = 0; at < length; at += RANDOM_CHUNK) {
		uint64_t n = MIN(length - at, RANDOM_CHUNK);
		random_bytes(bytes, n);
		if (copy_out(buffer + at, bytes, n) != 0)
			return at > 0 ? (int64_t)at : -EFAULT;
	}
	return (int64_t)length;
}
