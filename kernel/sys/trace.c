// SPDX-License-Identifier: MIT
/*
 * The call trace (sys/trace.h).  Arguments are formatted before the call, which
 * may change what they point to, and printed after it with the result; but a
 * call that never returns here is printed before.
 */
#include "sys/trace.h"

#include "abi/errno.h"
#include "abi/syscall.h"
#include "arch/hart.h"
#include "lib/print.h"
#include "proc/proc.h"
#include "proc/restart.h"
#include "sys/format.h"
#include "sys/syscall_table.h"
#include "vm/usercopy.h"

#define LINE_SIZE   256
#define RESULT_SIZE 40

static const struct format_memory user_memory = {
	.string = copy_in_string,
	.bytes = copy_in,
};

static void
print_line(const char *call, const char *result)
{
	print("%s[%d] %s%s", arch_current()->name, uthread_current()->tid, call, result);
}

static const char *
describe(char *to, size_t size, int64_t result)
{
	switch (-result) {
	case EINTR:
	case EINTR_ALWAYS:
	case EINTR_SILENT:
		return " = ? (a signal)";
	case EFRAME:
		return "";
	default:
		format_result(to, size, result);
		return to;
	}
}

int64_t
trace_call(uint64_t number, const uint64_t args[6])
{
	char line[LINE_SIZE];
	char result_text[RESULT_SIZE];

	if (number >= syscall_count || syscall_table[number].call == NULL) {
		format_string(line, sizeof line, "call %lu", number);
		print_line(line, " = -38 ENOSYS");
		return -ENOSYS;
	}
	const struct syscall_entry *call = &syscall_table[number];
	format_call(line, sizeof line, call, args, &user_memory);
	if (number == SYS_exit || number == SYS_exit_group)
		print_line(line, " = ?");
	int64_t result = call->call(args);
	print_line(line, describe(result_text, sizeof result_text, result));
	return result;
}
