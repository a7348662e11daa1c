// SPDX-License-Identifier: MIT
/*
 * The frame that lies on the user's stack while a handler runs: Linux's
 * rt_sigframe for riscv64 (arch/riscv/kernel/signal.c tells what is where; the
 * layout is abi/signal.h).
 *
 * The handler is entered with a0 = signal, a1 = &info, a2 = &uc, ra = the code
 * that calls rt_sigreturn().  What comes back is the program's word: every
 * register is its own to set, but the status register is not in the frame, bits
 * of fcsr that don't exist must be 0 and so must the words reserved after it.
 */
#include "abi/errno.h"
#include "arch/hart.h"
#include "arch/layout.h"
#include "arch/time.h"
#include "arch/trap.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "proc/proc_impl.h"
#include "sched/thread.h"
#include "vm/usercopy.h"

#define STACK_ALIGN 16   // psABI, "Integer Calling Convention"
#define FCSR_BITS   0xff // RISC-V Unprivileged, section 11.2

// Units of clock_t in siginfo (USER_HZ).
#define NS_PER_CLOCK (NS_PER_SEC / 100)

static void
fill_info(siginfo_t *to, int sig, const struct signal_info *info)
{
	to->si_signo = sig;
	to->si_code = info->code;
	if (info->forced) {
		to->si_addr = (void *)info->address;
		return;
	}
	to->si_pid = info->pid;
	to->si_uid = info->uid;
	if (sig == SIGCHLD) {
		to->si_status = info->status;
		to->si_utime = (clock_t)(info->user_ns / NS_PER_CLOCK);
		to->si_stime = (clock_t)(info->system_ns / NS_PER_CLOCK);
	}
}

static void
fill_registers(mcontext_t *to, const struct trapframe *tf)
{
	const struct fpu_state *fpu = &thread_current()->arch.fpu;

	to->sc_regs[0] = tf->epc;
	memcpy(&to->sc_regs[1], tf->x, sizeof tf->x);
	fpu_save_current();
	if (!fpu->used)
		return;
	memcpy(to->sc_fpregs.d.f, fpu->f, sizeof fpu->f);
	to->sc_fpregs.d.fcsr = fpu->fcsr;
}

int
sigframe_push(struct trapframe *tf, int sig, const struct signal_info *info,
	      const struct signal_action *action, sigset_t mask)
{
	uaddr_t sp = (tf->x[TF_SP] - sizeof(struct rt_sigframe)) & ~(uint64_t)(STACK_ALIGN - 1);
	struct rt_sigframe *frame = heap_zalloc(sizeof *frame);

	if (frame == NULL)
		return -ENOMEM;
	fill_info(&frame->info, sig, info);
	frame->uc.uc_stack.ss_flags = SS_DISABLE;
	frame->uc.uc_sigmask = mask;
	fill_registers(&frame->uc.uc_mcontext, tf);
	int error = copy_out(sp, frame, sizeof *frame);
	heap_free(frame);
	if (error != 0)
		return error;

	tf->epc = action->handler;
	tf->x[TF_RA] = SIGRETURN_ADDRESS;
	tf->x[TF_SP] = sp;
	tf->x[TF_A0] = (uint64_t)sig;
	tf->x[TF_A1] = sp + offsetof(struct rt_sigframe, info);
	tf->x[TF_A2] = sp + offsetof(struct rt_sigframe, uc);
	return 0;
}

static bool
is_sound(const mcontext_t *m)
{
	const uint32_t *reserved = m->sc_fpregs.q.reserved;

	return (reserved[0] | reserved[1] | reserved[2]) == 0 &&
	       (m->sc_fpregs.d.fcsr & ~(uint32_t)FCSR_BITS) == 0;
}

// Nothing but zeros: what fill_registers() leaves for a thread without
// floating point.
static bool
has_no_floats(const mcontext_t *m)
{
	uint64_t any = m->sc_fpregs.d.fcsr;

	for (unsigned i = 0; i < 32; i++)
		any |= m->sc_fpregs.d.f[i];
	return any == 0;
}

static void
take_registers(struct trapframe *tf, const mcontext_t *m)
{
	struct fpu_state *fpu = &thread_current()->arch.fpu;

	tf->epc = m->sc_regs[0];
	memcpy(tf->x, &m->sc_regs[1], sizeof tf->x);
	fpu_save_current();
	if (!fpu->used && has_no_floats(m))
		return;
	memcpy(fpu->f, m->sc_fpregs.d.f, sizeof fpu->f);
	fpu->fcsr = m->sc_fpregs.d.fcsr;
	fpu->used = 1;
	fpu_load_current();
}

int
sigframe_pop(struct trapframe *tf, sigset_t *mask)
{
	uaddr_t sp = tf->x[TF_SP];
	int error = -EFAULT;

	if (sp % STACK_ALIGN != 0)
		return -EFAULT;
	struct rt_sigframe *frame = heap_alloc(sizeof *frame);
	if (frame == NULL)
		return -ENOMEM;
	if (copy_in(frame, sp, sizeof *frame) == 0 && is_sound(&frame->uc.uc_mcontext)) {
		*mask = frame->uc.uc_sigmask;
		take_registers(tf, &frame->uc.uc_mcontext);
		error = 0;
	}
	heap_free(frame);
	return error;
}
