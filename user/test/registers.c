// SPDX-License-Identifier: MIT
/*
 * Registers of RISC-V: what a system call, a signal handler, a fault, a switch
 * and a fork must leave as it was.
 */
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/raw.h"
#include "lib/test.h"

// Registers that a program may use freely: x5 to x7 and x9 to x31 (not ra, sp,
// gp, tp and the frame pointer x8).
#define REGISTERS 26

static uint64_t in[REGISTERS], out[REGISTERS + 1];

/*
 * Load all from `in`, run the instructions, store all to `out`.  The pointer to
 * both is kept below the stack pointer's new place meanwhile.
 */
#define WITH_REGISTERS(name, instructions)                                                        \
	__attribute__((noinline)) static void name(void)                                          \
	{                                                                                         \
		register const uint64_t *a0 asm("a0") = in;                                       \
		register uint64_t *a1 asm("a1") = out;                                            \
		asm volatile("addi sp, sp, -32\n\t"                                               \
			     "sd a1, 0(sp)\n\t"                                                   \
			     "sd s0, 8(sp)\n\t"                                                   \
			     "sd ra, 16(sp)\n\t"                                                  \
			     "mv s0, a0\n\t"                                                      \
			     "ld t0, 0(s0)\n\tld t1, 8(s0)\n\tld t2, 16(s0)\n\t"                  \
			     "ld s1, 24(s0)\n\tld a0, 32(s0)\n\tld a1, 40(s0)\n\t"                \
			     "ld a2, 48(s0)\n\tld a3, 56(s0)\n\tld a4, 64(s0)\n\t"                \
			     "ld a5, 72(s0)\n\tld a6, 80(s0)\n\tld a7, 88(s0)\n\t"                \
			     "ld s2, 96(s0)\n\tld s3, 104(s0)\n\tld s4, 112(s0)\n\t"              \
			     "ld s5, 120(s0)\n\tld s6, 128(s0)\n\tld s7, 136(s0)\n\t"             \
			     "ld s8, 144(s0)\n\tld s9, 152(s0)\n\tld s10, 160(s0)\n\t"            \
			     "ld s11, 168(s0)\n\tld t3, 176(s0)\n\tld t4, 184(s0)\n\t"            \
			     "ld t5, 192(s0)\n\tld t6, 200(s0)\n\t"                               \
			     "ld s0, 8(sp)\n\t" instructions "\n\t"                               \
			     "sd s0, 24(sp)\n\t"                                                  \
			     "ld s0, 0(sp)\n\t"                                                   \
			     "sd t0, 0(s0)\n\tsd t1, 8(s0)\n\tsd t2, 16(s0)\n\t"                  \
			     "sd s1, 24(s0)\n\tsd a0, 32(s0)\n\tsd a1, 40(s0)\n\t"                \
			     "sd a2, 48(s0)\n\tsd a3, 56(s0)\n\tsd a4, 64(s0)\n\t"                \
			     "sd a5, 72(s0)\n\tsd a6, 80(s0)\n\tsd a7, 88(s0)\n\t"                \
			     "sd s2, 96(s0)\n\tsd s3, 104(s0)\n\tsd s4, 112(s0)\n\t"              \
			     "sd s5, 120(s0)\n\tsd s6, 128(s0)\n\tsd s7, 136(s0)\n\t"             \
			     "sd s8, 144(s0)\n\tsd s9, 152(s0)\n\tsd s10, 160(s0)\n\t"            \
			     "sd s11, 168(s0)\n\tsd t3, 176(s0)\n\tsd t4, 184(s0)\n\t"            \
			     "sd t5, 192(s0)\n\tsd t6, 200(s0)\n\t"                               \
			     "ld t0, 8(sp)\n\t"                                                   \
			     "ld t1, 24(sp)\n\t"                                                  \
			     "sub t0, t0, t1\n\t" /* s0 must have stayed as well */               \
			     "sd t0, 208(s0)\n\t"                                                 \
			     "ld s0, 8(sp)\n\t"                                                   \
			     "ld ra, 16(sp)\n\t"                                                  \
			     "addi sp, sp, 32"                                                    \
			     : "+r"(a0), "+r"(a1)                                                 \
			     :                                                                    \
			     : "memory", "ra", "t0", "t1", "t2", "s1", "a2", "a3", "a4", "a5",    \
			       "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", \
			       "s11", "t3", "t4", "t5", "t6");                                    \
	}

enum { A0 = 4, A1 = 5, A7 = 11 }; // places in the arrays

static void
fill_registers(void)
{
	for (unsigned i = 0; i < REGISTERS; i++)
		in[i] = 0x0123456789abcdef * (i + 1);
}

static void
check_registers(int but)
{
	for (int i = 0; i < REGISTERS; i++)
		if (i != but && out[i] != in[i])
			test_fail(__FILE__, __LINE__, "register %d is %#lx, was %#lx", i, out[i],
				  in[i]);
	CHECK_EQ(out[REGISTERS], 0);
}

WITH_REGISTERS(with_ecall, "ecall")
WITH_REGISTERS(with_trap, ".4byte 0x00100073") // ebreak, not its short form
WITH_REGISTERS(with_store, "sd a0, 0(a1)")
WITH_REGISTERS(with_loop, "li s0, 20000000\n1:\taddi s0, s0, -1\n\tbnez s0, 1b\n\tld s0, 8(sp)")

static void
call_keeps_registers(void)
{
	static const long calls[] = { SYS_getpid, SYS_sched_yield, SYS_getppid, 4711 };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		fill_registers();
		in[A7] = (uint64_t)calls[i];
		with_ecall();
		check_registers(A0);
		if (calls[i] == 4711)
			CHECK_EQ(out[A0], -ENOSYS);
	}
}

static volatile sig_atomic_t handled;

// Leave nothing in any register as it was.
static void
clobber(void)
{
	asm volatile("li t0, -1\n\tli t1, -1\n\tli t2, -1\n\tli a0, -1\n\tli a1, -1\n\t"
		     "li a2, -1\n\tli a3, -1\n\tli a4, -1\n\tli a5, -1\n\tli a6, -1\n\t"
		     "li a7, -1\n\tli t3, -1\n\tli t4, -1\n\tli t5, -1\n\tli t6, -1\n\t"
		     "fmv.d.x ft0, t0\n\tfmv.d.x fa0, t0\n\tfmv.d.x ft11, t0\n\tfmv.d.x fa7, t0\n\t"
		     "fscsr zero"
		     :
		     :
		     : "t0", "t1", "t2", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t3", "t4",
		       "t5", "t6", "ft0", "fa0", "ft11", "fa7");
}

// Step over the ebreak: pc is the first of the saved registers.
static void
on_trap(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	handled++;
	*(uint64_t *)(void *)&((ucontext_t *)context)->uc_mcontext += 4;
	clobber();
}

static void
on_signal(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
	handled++;
	clobber();
}

static void
handle(int sig, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = handler;
	action.sa_flags = SA_SIGINFO;
	CHECK_EQ(sigaction(sig, &action, NULL), 0);
}

static void
handler_restores_registers(void)
{
	handle(SIGTRAP, on_trap);
	for (int i = 1; i <= 10; i++) {
		fill_registers();
		with_trap();
		check_registers(-1);
		CHECK_EQ(handled, i);
	}
}

// Signals from outside, at any instruction.
static void
registers_in_a_storm(void)
{
	handle(SIGUSR1, on_signal);
	pid_t pid = test_fork();
	if (pid == 0) {
		for (;;) {
			test_sleep_ms(1);
			kill(getppid(), SIGUSR1);
		}
	}
	for (int i = 0; i < 10 || handled < 5; i++) {
		fill_registers();
		with_loop();
		check_registers(-1);
	}
	kill(pid, SIGKILL);
	CHECK_KILLED(pid, SIGKILL);
}

// A page fault that is served is not noticed.
static void
fault_keeps_registers(void)
{
	for (int i = 0; i < 20; i++) {
		void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			       0);
		fill_registers();
		in[A1] = (uint64_t)p;
		with_store();
		check_registers(-1);
		CHECK_EQ(*(uint64_t *)p, in[A0]);
	}
}

// Others run on the same harts, with other values in all registers.
static void
loop_with(int who)
{
	for (int round = 0; round < 5; round++) {
		for (unsigned i = 0; i < REGISTERS; i++)
			in[i] = 0x0123456789abcdef * (i + 1) + (uint64_t)who;
		with_loop();
		check_registers(-1);
	}
}

static void
switches_keep_registers(void)
{
	pid_t pid[6];

	for (int i = 0; i < 6; i++)
		pid[i] = test_child(loop_with, i);
	for (int i = 0; i < 6; i++)
		CHECK_EXITS(pid[i], 0);
}

// ---- Floating point -----------------------------------------------------------

#define LOAD_ALL(p)                                                                             \
	asm volatile("fld f0, 0(%0)\n\tfld f1, 8(%0)\n\tfld f5, 16(%0)\n\tfld f8, 24(%0)\n\t"   \
		     "fld f12, 32(%0)\n\tfld f18, 40(%0)\n\tfld f27, 48(%0)\n\tfld f31, 56(%0)" \
		     :                                                                          \
		     : "r"(p)                                                                   \
		     : "f0", "f1", "f5", "f8", "f12", "f18", "f27", "f31", "memory")
#define STORE_ALL(p)                                                                            \
	asm volatile("fsd f0, 0(%0)\n\tfsd f1, 8(%0)\n\tfsd f5, 16(%0)\n\tfsd f8, 24(%0)\n\t"   \
		     "fsd f12, 32(%0)\n\tfsd f18, 40(%0)\n\tfsd f27, 48(%0)\n\tfsd f31, 56(%0)" \
		     :                                                                          \
		     : "r"(p)                                                                   \
		     : "memory")

// Keep values in the unit while others run, asleep and awake.
static void
float_with(int who)
{
	double in_unit[8], seen[8];
	uint64_t rounding = (uint64_t)who % 4, now;

	for (int round = 0; round < 30; round++) {
		for (int i = 0; i < 8; i++)
			in_unit[i] = who * 1000.25 + i + round;
		asm volatile("fsrm %0" ::"r"(rounding));
		LOAD_ALL(in_unit);
		for (volatile int i = 0; i < 200000; i++)
			continue;
		RAW(SYS_sched_yield);
		STORE_ALL(seen);
		asm volatile("frrm %0" : "=r"(now));
		CHECK(memcmp(in_unit, seen, sizeof(seen)) == 0);
		CHECK_EQ(now, rounding);
	}
}

static void
switches_keep_floats(void)
{
	pid_t pid[6];

	for (int i = 0; i < 6; i++)
		pid[i] = test_child(float_with, i);
	for (int i = 0; i < 6; i++)
		CHECK_EXITS(pid[i], 0);
}

static void
fork_copies_floats(void)
{
	double in_unit[8] = { 1.5, -2.5, 3e300, 4, 5, 6, 7, 8 }, seen[8];

	LOAD_ALL(in_unit);
	long pid = RAW(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	STORE_ALL(seen);
	CHECK(memcmp(in_unit, seen, sizeof(seen)) == 0);
	if (pid == 0)
		_exit(11);
	CHECK_EXITS((pid_t)pid, 11);
}

static void
handler_restores_floats(void)
{
	double in_unit[8] = { 1.5, -2.5, 3e300, 4, 5, 6, 7, 8 }, seen[8];
	uint64_t flags = 0x11, now;

	handle(SIGTRAP, on_trap);
	asm volatile("fscsr %0" ::"r"(flags));
	LOAD_ALL(in_unit);
	asm volatile(".4byte 0x00100073" ::: "memory");
	STORE_ALL(seen);
	asm volatile("frcsr %0" : "=r"(now));
	CHECK_EQ(handled, 1);
	CHECK(memcmp(in_unit, seen, sizeof(seen)) == 0);
	CHECK_EQ(now, flags);
}

// A handler may use the unit when the program never has.
static void
handler_uses_floats_first(void)
{
	handle(SIGTRAP, on_trap);
	asm volatile(".4byte 0x00100073" ::: "memory");
	CHECK_EQ(handled, 1);
	double one = 1, three = one * 3;
	CHECK(three == 3);
}

// ---- Odd registers --------------------------------------------------------------

static void
calls_without_a_stack(void)
{
	register long a0 asm("a0") = 0, a7 asm("a7") = SYS_getpid;

	asm volatile("mv t0, sp\n\tmv t1, gp\n\tmv t2, tp\n\t"
		     "li sp, -16\n\tli gp, -1\n\tli tp, -1\n\t"
		     "ecall\n\t"
		     "addi t3, sp, 16\n\taddi t4, gp, 1\n\taddi t5, tp, 1\n\t"
		     "mv sp, t0\n\tmv gp, t1\n\tmv tp, t2\n\t"
		     "or t3, t3, t4\n\tor t3, t3, t5\n\t"
		     "beqz t3, 1f\n\tli a0, -1\n1:"
		     : "+r"(a0)
		     : "r"(a7)
		     : "t0", "t1", "t2", "t3", "t4", "t5", "memory");
	CHECK_EQ(a0, getpid());
}

// A signal that finds no stack for its handler kills.
static void
handler_without_a_stack(void)
{
	handle(SIGTRAP, on_trap);
	CHECK_DIES(SIGSEGV, asm volatile("li sp, 16\n\t.4byte 0x00100073"));
	handle(SIGSEGV, on_signal);
	CHECK_DIES(SIGSEGV, asm volatile("li sp, -64\n\tsd zero, 0(sp)"));
}

static int
return_tp(void *arg)
{
	uint64_t tp;

	(void)arg;
	asm volatile("mv %0, tp" : "=r"(tp));
	return tp == 0x12345670 ? 44 : TEST_FAILED;
}

static void
clone_sets_tp(void)
{
	static char stack[8192] __attribute__((aligned(16)));
	long pid = raw_clone(return_tp, stack + sizeof(stack), CLONE_SETTLS | SIGCHLD, NULL, NULL,
			     (void *)0x12345670, NULL);

	CHECK(pid > 0);
	CHECK_EXITS((pid_t)pid, 44);
}

static void
bad_instructions(void)
{
	CHECK_DIES(SIGILL, asm volatile(".4byte 0xffffffff"));
	CHECK_DIES(SIGILL, asm volatile(".2byte 0"));
	CHECK_DIES(SIGILL, asm volatile("csrr zero, sstatus"));
	CHECK_DIES(SIGILL, asm volatile("csrw satp, zero"));
	CHECK_DIES(SIGILL, asm volatile("sfence.vma"));
	CHECK_DIES(SIGILL, asm volatile("sret"));
	CHECK_DIES(SIGILL, asm volatile("wfi"));
	CHECK_DIES(SIGTRAP, asm volatile("ebreak"));
}

// A program may read how many cycles and instructions went by, and the time.
static void
counters_are_readable(void)
{
	uint64_t cycle, instret, time, later;

	asm volatile("rdcycle %0" : "=r"(cycle));
	asm volatile("rdinstret %0" : "=r"(instret));
	asm volatile("rdtime %0" : "=r"(time));
	do
		asm volatile("rdtime %0" : "=r"(later));
	while (later == time);
	CHECK(later > time);
	asm volatile("rdcycle %0" : "=r"(later));
	CHECK(later != cycle);
	asm volatile("rdinstret %0" : "=r"(later));
	CHECK(later != instret);
}

static void
unknown_calls(void)
{
	static const long numbers[] = { 0, 244, 1000, 65535, -1, INT64_MIN, INT64_MAX };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i] == 0)
			continue; // io_setup: Linux has it
		CHECK_EQ(RAW(numbers[i], 1, 2, 3, 4, 5, 6), -ENOSYS);
	}
}

static const struct test tests[] = {
	TEST(call_keeps_registers),
	TEST(handler_restores_registers),
	TEST(registers_in_a_storm),
	TEST(fault_keeps_registers),
	TEST(switches_keep_registers),
	TEST(switches_keep_floats),
	TEST(fork_copies_floats),
	TEST(handler_restores_floats),
	TEST(handler_uses_floats_first),
	TEST(calls_without_a_stack),
	TEST(handler_without_a_stack),
	TEST_OF_FAWN(clone_sets_tp),
	TEST(bad_instructions),
	TEST(counters_are_readable),
	TEST(unknown_calls),
};

TEST_MAIN(tests)
