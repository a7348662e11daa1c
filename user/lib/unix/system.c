// SPDX-License-Identifier: MIT
/*
 * The machine as a whole: its name, memory, mounts, log and end.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../start/result.h"

int
prctl(int option, ...)
{
	unsigned long word[4];
	va_list args;

	va_start(args, option);
	for (int i = 0; i < 4; i++)
		word[i] = va_arg(args, unsigned long);
	va_end(args);
	return (int)__result(__sys_prctl(option, word[0], word[1], word[2], word[3]));
}

int
reboot(int command)
{
	return (int)__result(
		__sys_reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, (unsigned int)command, 0));
}

int
reboot_status(int status)
{
	return (int)__result(__sys_reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
					  LINUX_REBOOT_CMD_POWER_OFF, (unsigned int)status));
}

int
gethostname(char *name, size_t size)
{
	struct utsname uts;

	if (uname(&uts) < 0)
		return -1;
	if (strlcpy(name, uts.nodename, size) >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

long
sysconf(int name)
{
	switch (name) {
	case _SC_ARG_MAX:
		return ARG_MAX;
	case _SC_CLK_TCK:
		return (long)getauxval(AT_CLKTCK);
	case _SC_PAGESIZE:
		return (long)getauxval(AT_PAGESZ);
	default:
		errno = EINVAL;
		return -1;
	}
}

int
uname(struct utsname *name)
{
	return (int)__result(__sys_uname(name));
}

int
sysinfo(struct sysinfo *info)
{
	return (int)__result(__sys_sysinfo(info));
}

int
mount(const char *source, const char *target, const char *type, unsigned long flags,
      const void *data)
{
	return (int)__result(__sys_mount(source, target, type, flags, (void *)data));
}

int
umount2(const char *target, int flags)
{
	return (int)__result(__sys_umount2(target, (unsigned int)flags));
}

int
umount(const char *target)
{
	return (int)__result(__sys_umount2(target, 0));
}

int
klogctl(int action, char *buffer, int length)
{
	return (int)__result(__sys_syslog(action, buffer, length));
}

ssize_t
getrandom(void *data, size_t count, unsigned int flags)
{
	return __result(__sys_getrandom(data, count, flags));
}
