// SPDX-License-Identifier: MIT
/*
 * Signals: numbers, actions, and what lies on the stack when a handler runs.
 *
 * Linux for riscv64: include/uapi/asm-generic/signal.h and siginfo.h,
 * arch/riscv/include/uapi/asm/sigcontext.h and ucontext.h.  There is no
 * sa_restorer: the kernel supplies the code that returns from a handler.
 */
#pragma once

#include "abi/types.h"

#define SIGHUP    1
#define SIGINT    2
#define SIGQUIT   3
#define SIGILL    4
#define SIGTRAP   5
#define SIGABRT   6
#define SIGIOT    6
#define SIGBUS    7
#define SIGFPE    8
#define SIGKILL   9
#define SIGUSR1   10
#define SIGSEGV   11
#define SIGUSR2   12
#define SIGPIPE   13
#define SIGALRM   14
#define SIGTERM   15
#define SIGSTKFLT 16
#define SIGCHLD   17
#define SIGCONT   18
#define SIGSTOP   19
#define SIGTSTP   20
#define SIGTTIN   21
#define SIGTTOU   22
#define SIGURG    23
#define SIGXCPU   24
#define SIGXFSZ   25
#define SIGVTALRM 26
#define SIGPROF   27
#define SIGWINCH  28
#define SIGIO     29
#define SIGPOLL   29
#define SIGPWR    30
#define SIGSYS    31
#define SIGRTMIN  32
#define SIGRTMAX  64
#define _NSIG     64 // signals are 1 to _NSIG

// A set of signals: signal n is bit n - 1.
typedef uint64_t sigset_t;

// rt_sigprocmask()
#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

// What sent a signal, and why.
union sigval {
	int sival_int;
	void *sival_ptr;
};

typedef struct siginfo {
	int si_signo;
	int si_errno;
	int si_code;
	union {
		// kill(), tgkill(); SIGCHLD goes on with si_status
		struct {
			pid_t si_pid;
			uid_t si_uid;
			union {
				union sigval si_value;
				struct {
					int si_status;
					clock_t si_utime;
					clock_t si_stime;
				};
			};
		};
		// SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGTRAP
		struct {
			void *si_addr;
			int16_t si_addr_lsb;
		};
		// SIGIO
		struct {
			int64_t si_band;
			int si_fd;
		};
		// SIGSYS
		struct {
			void *si_call_addr;
			int si_syscall;
			uint32_t si_arch;
		};
		uint8_t __si_pad[112];
	};
} siginfo_t;

// si_code
#define SI_USER   0 // kill()
#define SI_KERNEL 0x80
#define SI_QUEUE  (-1)
#define SI_TIMER  (-2)
#define SI_TKILL  (-6) // tkill(), tgkill()

#define ILL_ILLOPC 1
#define ILL_ILLOPN 2
#define ILL_ILLADR 3
#define ILL_ILLTRP 4
#define ILL_PRVOPC 5
#define ILL_PRVREG 6

#define FPE_INTDIV 1
#define FPE_INTOVF 2
#define FPE_FLTDIV 3
#define FPE_FLTOVF 4
#define FPE_FLTUND 5
#define FPE_FLTRES 6
#define FPE_FLTINV 7

#define SEGV_MAPERR 1 // nothing mapped there
#define SEGV_ACCERR 2 // mapped, but not for that

#define BUS_ADRALN 1
#define BUS_ADRERR 2 // beyond the end of the mapped file
#define BUS_OBJERR 3

#define TRAP_BRKPT 1
#define TRAP_TRACE 2

#define CLD_EXITED    1
#define CLD_KILLED    2
#define CLD_DUMPED    3
#define CLD_TRAPPED   4
#define CLD_STOPPED   5
#define CLD_CONTINUED 6

// rt_sigaction()
struct sigaction {
	union {
		void (*sa_handler)(int);
		void (*sa_sigaction)(int, siginfo_t *, void *);
	};
	uint64_t sa_flags;
	sigset_t sa_mask;
};

#define SIG_DFL ((void (*)(int))0)
#define SIG_IGN ((void (*)(int))1)
#define SIG_ERR ((void (*)(int)) - 1) // signal() failed

#define SA_NOCLDSTOP 0x00000001
#define SA_NOCLDWAIT 0x00000002
#define SA_SIGINFO   0x00000004
#define SA_ONSTACK   0x08000000
#define SA_RESTART   0x10000000
#define SA_NODEFER   0x40000000
#define SA_RESETHAND 0x80000000

// sigaltstack()
typedef struct sigaltstack {
	void *ss_sp;
	int ss_flags; // SS_...
	size_t ss_size;
} stack_t;

#define SS_ONSTACK 1
#define SS_DISABLE 2

#define MINSIGSTKSZ 2048
#define SIGSTKSZ    8192

// Registers.  sc_regs[0] is pc (x0 needs no room), sc_regs[n] is xn.
struct sigcontext {
	uint64_t sc_regs[32];
	union {
		struct {
			uint32_t f[32];
			uint32_t fcsr;
		} f;
		struct {
			uint64_t f[32];
			uint32_t fcsr;
		} d;
		struct {
			uint64_t f[64] __attribute__((aligned(16)));
			uint32_t fcsr;
			uint32_t reserved[3]; // zeroes
		} q;
	} sc_fpregs;
};

typedef struct sigcontext mcontext_t;

typedef struct ucontext {
	uint64_t uc_flags;
	struct ucontext *uc_link;
	stack_t uc_stack;
	sigset_t uc_sigmask;
	uint8_t __unused[1024 / 8 - sizeof(sigset_t)];
	mcontext_t uc_mcontext;
} ucontext_t;

// What lies at sp when a handler starts: a1 and a2 point to its two parts.
struct rt_sigframe {
	siginfo_t info;
	ucontext_t uc;
};
