// SPDX-License-Identifier: MIT
/*
 * System calls as text (sys/format.h).
 */
#include "sys/format.h"

#include "abi/errno.h"
#include "abi/fcntl.h"
#include "lib/math.h"
#include "lib/print.h"
#include "lib/string.h"
#include "sys/syscall_table.h"

// Text of bounded size; what doesn't fit is left out.
struct text {
	char *to;
	size_t size;
	size_t length;
};

static void put(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
put(struct text *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = format_string_va(t->to + t->length, t->size - t->length, format, args);
	va_end(args);
	t->length = MIN(t->length + (size_t)n, t->size - 1);
}

// One byte as C would have it in a string.
static void
put_byte(struct text *t, unsigned char c)
{
	switch (c) {
	case '\n':
		put(t, "\\n");
		break;
	case '\t':
		put(t, "\\t");
		break;
	case '\r':
		put(t, "\\r");
		break;
	case '"':
	case '\\':
		put(t, "\\%c", c);
		break;
	default:
		if (c >= ' ' && c < 0x7f)
			put(t, "%c", c);
		else
			put(t, "\\x%02x", c);
	}
}

static void
put_quoted(struct text *t, const char *bytes, size_t n, bool more)
{
	put(t, "\"");
	for (size_t i = 0; i < n; i++)
		put_byte(t, (unsigned char)bytes[i]);
	put(t, more ? "\"..." : "\"");
}

static void
put_address(struct text *t, uaddr_t address)
{
	if (address == 0)
		put(t, "NULL");
	else
		put(t, "%#lx", address);
}

static void
put_string(struct text *t, uaddr_t address, const struct format_memory *memory)
{
	char bytes[FORMAT_BYTES_MAX];
	int64_t length = address == 0 ? -EFAULT : memory->string(bytes, address, sizeof bytes);

	if (length == -ENAMETOOLONG)
		put_quoted(t, bytes, sizeof bytes, true);
	else if (length < 0)
		put_address(t, address);
	else
		put_quoted(t, bytes, (size_t)length, false);
}

static void
put_buffer(struct text *t, uaddr_t address, uint64_t size, const struct format_memory *memory)
{
	char bytes[FORMAT_BYTES_MAX];
	uint64_t n = MIN(size, sizeof bytes);

	if (address == 0 || memory->bytes(bytes, address, n) != 0)
		put_address(t, address);
	else
		put_quoted(t, bytes, n, n < size);
}

static void
put_argument(struct text *t, enum syscall_arg type, const uint64_t *value,
	     const struct format_memory *memory)
{
	switch (type) {
	case SYSCALL_DIRFD:
		if ((int)*value == AT_FDCWD) {
			put(t, "AT_FDCWD");
			break;
		}
		put(t, "%d", (int)*value);
		break;
	case SYSCALL_INT:
	case SYSCALL_FD:
	case SYSCALL_PID:
	case SYSCALL_SIG:
		put(t, "%d", (int)*value);
		break;
	case SYSCALL_UINT:
		put(t, "%u", (unsigned)*value);
		break;
	case SYSCALL_LONG:
	case SYSCALL_OFF:
		put(t, "%ld", (int64_t)*value);
		break;
	case SYSCALL_ULONG:
	case SYSCALL_SIZE:
		put(t, "%lu", *value);
		break;
	case SYSCALL_MODE:
		put(t, "0%o", (unsigned)*value);
		break;
	case SYSCALL_FLAGS:
		put(t, "%#lx", *value);
		break;
	case SYSCALL_PTR:
		put_address(t, *value);
		break;
	case SYSCALL_PATH:
	case SYSCALL_STR:
		put_string(t, *value, memory);
		break;
	case SYSCALL_BUF: // its size is the next argument (tools/syscalls.py checks)
		put_buffer(t, value[0], value[1], memory);
		break;
	}
}

size_t
format_call(char *to, size_t size, const struct syscall_entry *call, const uint64_t args[6],
	    const struct format_memory *memory)
{
	struct text t = { .to = to, .size = size };

	put(&t, "%s(", call->name);
	for (unsigned i = 0; i < call->nargs; i++) {
		if (i > 0)
			put(&t, ", ");
		put_argument(&t, call->types[i], &args[i], memory);
	}
	put(&t, ")");
	return t.length;
}

const char *
format_errno(int number)
{
#define NAME(e) [e] = #e
	static const char *const names[] = {
		NAME(EPERM),        NAME(ENOENT),      NAME(ESRCH),        NAME(EINTR),
		NAME(EIO),          NAME(ENXIO),       NAME(E2BIG),        NAME(ENOEXEC),
		NAME(EBADF),        NAME(ECHILD),      NAME(EAGAIN),       NAME(ENOMEM),
		NAME(EACCES),       NAME(EFAULT),      NAME(ENOTBLK),      NAME(EBUSY),
		NAME(EEXIST),       NAME(EXDEV),       NAME(ENODEV),       NAME(ENOTDIR),
		NAME(EISDIR),       NAME(EINVAL),      NAME(ENFILE),       NAME(EMFILE),
		NAME(ENOTTY),       NAME(ETXTBSY),     NAME(EFBIG),        NAME(ENOSPC),
		NAME(ESPIPE),       NAME(EROFS),       NAME(EMLINK),       NAME(EPIPE),
		NAME(EDOM),         NAME(ERANGE),      NAME(EDEADLK),      NAME(ENAMETOOLONG),
		NAME(ENOLCK),       NAME(ENOSYS),      NAME(ENOTEMPTY),    NAME(ELOOP),
		NAME(EOVERFLOW),    NAME(EOPNOTSUPP),  NAME(EADDRINUSE),   NAME(ENETUNREACH),
		NAME(ECONNABORTED), NAME(ECONNRESET),  NAME(ENOBUFS),      NAME(EISCONN),
		NAME(ENOTCONN),     NAME(ETIMEDOUT),   NAME(ECONNREFUSED), NAME(EHOSTUNREACH),
		NAME(EALREADY),     NAME(EINPROGRESS), NAME(EUCLEAN),
	};
#undef NAME

	return number > 0 && (size_t)number < ARRAY_SIZE(names) ? names[number] : NULL;
}

// Results below this are not errors but large numbers, such as addresses
// (Linux's MAX_ERRNO).
#define ERRNO_MAX 4095

size_t
format_result(char *to, size_t size, int64_t result)
{
	struct text t = { .to = to, .size = size };

	if (result < 0 && result >= -ERRNO_MAX) {
		const char *name = format_errno((int)-result);
		put(&t, " = %ld%s%s", result, name != NULL ? " " : "", name != NULL ? name : "");
	} else if (result > INT32_MAX || result < 0) {
		put(&t, " = %#lx", (uint64_t)result);
	} else {
		put(&t, " = %ld", result);
	}
	return t.length;
}
