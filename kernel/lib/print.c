// SPDX-License-Identifier: MIT
/*
 * Kernel messages.
 *
 *   1. One call is one message; a message is one or more whole lines, whether
 *      or not it ends in a newline.  Each line is a record of the log ring.
 *   2. Messages of different harts never mix: one lock is held from formatting
 *      to the sink.  It is a plain lock (plainlock_impl.h), so that trouble
 *      with any other lock can be printed.
 *   3. A message from inside the sink can't be had; it is counted, and the
 *      next message says so.
 *   4. In a panic, the hart that panics prints and nobody else does.
 *
 * Until the UART's driver sets the sink, text goes to the firmware's console,
 * a call for each character: slow, but a panic before that is seen.
 */
#include "lib/print.h"

#include "arch/sbi.h"
#include "arch/time.h"
#include "lib/log.h"
#include "lib/plainlock_impl.h"
#include "lib/string.h"

// Console putchar, SBI 1.0 section 5.2 (legacy)
#define SBI_LEGACY_PUTCHAR 1

#define MESSAGE_MAX 1024 // longer ones are cut

struct arch_thread *plain_locks_breaker;

static void firmware_sink(const char *bytes, size_t n);

/*
 *   p  print_state.lock
 *   a  atomic
 */
static struct {
	struct plain_lock lock;
	char text[MESSAGE_MAX];             // [p]
	void (*sink)(const char *, size_t); // [a]
	enum print_level console_level;     // [a]
	uint64_t lost;                      // [a] messages of rule 3
} print_state = {
	.sink = firmware_sink,
	.console_level = PRINT_INFO,
};

static void
firmware_sink(const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sbi_call(SBI_LEGACY_PUTCHAR, 0, (unsigned char)bytes[i], 0, 0, 0, 0);
}

static void
emit_line(enum print_level level, uint64_t now, const char *text, size_t n)
{
	log_append((int)level, now, text, n);
	if (level > __atomic_load_n(&print_state.console_level, __ATOMIC_RELAXED))
		return;

	void (*sink)(const char *, size_t) = __atomic_load_n(&print_state.sink, __ATOMIC_ACQUIRE);
	sink(text, n);
	sink("\n", 1);
}

// Split a message into lines.  The lock is held.
static void
emit(enum print_level level, const char *text)
{
	uint64_t now = time_ns();

	for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1) {
		emit_line(level, now, text, (size_t)(end - text));
		if (end[1] == '\0')
			return;
	}
	emit_line(level, now, text, strlen(text));
}

static void
emit_lost(void)
{
	uint64_t lost = __atomic_exchange_n(&print_state.lost, 0, __ATOMIC_RELAXED);

	if (lost == 0)
		return;
	format_string(print_state.text, sizeof(print_state.text),
		      "print: %llu messages from inside the console are lost",
		      (unsigned long long)lost);
	emit(PRINT_WARNING, print_state.text);
}

void
print_va(enum print_level level, const char *format, va_list args)
{
	if (!plain_lock(&print_state.lock)) {
		if (!plain_locks_broken())
			__atomic_fetch_add(&print_state.lost, 1, __ATOMIC_RELAXED);
		return;
	}
	emit_lost();
	format_string_va(print_state.text, sizeof(print_state.text), format, args);
	emit(level, print_state.text);
	plain_unlock(&print_state.lock);
}

void
print_at(enum print_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_va(level, format, args);
	va_end(args);
}

bool
print_allowed(struct print_limit *limit)
{
	uint64_t now = time_ns();
	uint64_t last = __atomic_load_n(&limit->last, __ATOMIC_RELAXED);

	// Of several harts that find the second over, one gets the exchange.
	if ((last != 0 && now < last + NS_PER_SEC) ||
	    !__atomic_compare_exchange_n(&limit->last, &last, now | 1, false, __ATOMIC_RELAXED,
					 __ATOMIC_RELAXED)) {
		__atomic_fetch_add(&limit->dropped, 1, __ATOMIC_RELAXED);
		return false;
	}
	uint64_t dropped = __atomic_exchange_n(&limit->dropped, 0, __ATOMIC_RELAXED);
	if (dropped > 0)
		print_warn("(%llu messages like the next one were left out)",
			   (unsigned long long)dropped);
	return true;
}

void
print_set_console_level(enum print_level level)
{
	__atomic_store_n(&print_state.console_level, level, __ATOMIC_RELAXED);
}

void
print_set_sink(void (*sink)(const char *bytes, size_t n))
{
	__atomic_store_n(&print_state.sink, sink, __ATOMIC_RELEASE);
}

void
print_enter_panic(void)
{
	if (plain_locks_broken() != NULL)
		print_set_sink(firmware_sink);
	plain_locks_break();
}
