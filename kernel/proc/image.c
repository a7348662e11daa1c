// SPDX-License-Identifier: MIT
/*
 * The memory of a new program (proc/image.h).
 *
 *	USER_TOP
 *	  (two pages)      the code that calls rt_sigreturn(), one page of the
 *	                   machine's in all processes
 *	  (a gap)
 *	  STACK_TOP        arguments, environment, auxiliary vector; the stack
 *	  ...              mappings
 *	  heap             after the last segment
 *	  segments         where the file says
 *
 * A segment is a region of its own.  Its bytes are read into anonymous memory,
 * which is zeros before, so what lies after them in the last page is zero and
 * nobody's old data; while they are read the region is writable, afterwards it
 * has the segment's rights.  load_segment() is the one place that knows this: a
 * file's own memory type would make it a mapping.
 */
#include "proc/image.h"

#include "abi/auxv.h"
#include "abi/errno.h"
#include "arch/icache.h"
#include "arch/layout.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/page.h"
#include "proc/args.h"
#include "proc/elf.h"
#include "proc/proc_impl.h"
#include "vfs/file.h"
#include "vm/mmap.h"

#define STACK_TOP     (USER_TOP - 16 * PAGE_SIZE)
#define STACK_INITIAL (ARGS_BYTES_MAX + 16 * PAGE_SIZE)

// The extensions that programs may use: bit n is extension 'A' + n.
#define HWCAP_BIT(letter) (UINT64_C(1) << ((letter) - 'A'))
#define HWCAP                                                                                 \
	(HWCAP_BIT('I') | HWCAP_BIT('M') | HWCAP_BIT('A') | HWCAP_BIT('F') | HWCAP_BIT('D') | \
	 HWCAP_BIT('C'))

#define CLOCKS_PER_SECOND 100 // USER_HZ

_Static_assert(STACK_INITIAL <= STACK_SIZE_MAX, "arguments fit the stack");

// ---- The return from a signal ------------------------------------------------

// li a7, SYS_rt_sigreturn; ecall
static const uint32_t sigreturn_code[] = { 0x08b00893, 0x00000073 };

static struct page *sigreturn_page;

static int
sigreturn_fault(struct region *r, uaddr_t va, enum fault_access access, struct page **page,
		uint64_t *flags)
{
	(void)r;
	(void)va;
	(void)access;
	(void)flags;
	page_get(sigreturn_page);
	*page = sigreturn_page;
	return 0;
}

static const struct region_ops sigreturn_ops = {
	.name = "sigreturn",
	.fault = sigreturn_fault,
};

void
image_init(void)
{
	sigreturn_page = page_alloc(PAGE_ZERO);
	if (sigreturn_page == NULL)
		panic("no memory for the first programs; give QEMU more (MEM=)");
	memcpy(page_to_virt(sigreturn_page), sigreturn_code, sizeof sigreturn_code);
	icache_written();
}

// ---- Making regions ----------------------------------------------------------

static int
map_fixed(uaddr_t start, uaddr_t end, uint32_t protection, uint32_t flags,
	  const struct region_ops *ops)
{
	struct map_request request = {
		.address = start,
		.size = end - start,
		.fixed = true,
		.no_replace = true,
		.protection = protection,
		.flags = flags,
		.ops = ops,
	};
	uaddr_t address;

	return mmap_map(space_current(), &request, &address);
}

// Read the segment's bytes into its region.
static int
read_segment(struct file *f, const struct elf_segment *s)
{
	struct uio_part part;
	struct uio uio;

	for (uint64_t done = 0; done < s->file_size;) {
		uint64_t n;
		uio_init(&uio, &part, UIO_READ, UIO_USER, s->address + done, s->file_size - done,
			 0);
		int error = file_read(f, &uio, (int64_t)(s->offset + done), &n);
		if (error == -EFAULT)
			return -ENOMEM; // the only way that our own region can fail
		if (error != 0)
			return error;
		if (n == 0)
			return -ENOEXEC;
		done += n;
	}
	return 0;
}

static int
load_segment(struct file *f, const struct elf_segment *s)
{
	int error = map_fixed(s->start, s->end, PTE_R | PTE_W, 0, &region_anonymous);

	if (error == 0)
		error = read_segment(f, s);
	if (error == 0 && s->protection != (PTE_R | PTE_W))
		error = mmap_protect(space_current(), s->start, s->end - s->start, s->protection);
	if (error == 0 && (s->protection & PTE_X))
		icache_written();
	return error;
}

static void
set_heap(struct space *s, uaddr_t start)
{
	mutex_lock(&s->lock);
	s->brk_start = start;
	s->brk = start;
	s->stack_limit = STACK_SIZE_MAX;
	mutex_unlock(&s->lock);
}

static int
load_stack(const struct elf_image *image, const struct args *a, const char *path, uaddr_t *sp)
{
	struct args_aux aux[] = {
		{ AT_PHDR, image->phdr },
		{ AT_PHENT, sizeof(Elf64_Phdr) },
		{ AT_PHNUM, image->phnum },
		{ AT_PAGESZ, PAGE_SIZE },
		{ AT_BASE, 0 },
		{ AT_FLAGS, 0 },
		{ AT_ENTRY, image->entry },
		{ AT_UID, 0 },
		{ AT_EUID, 0 },
		{ AT_GID, 0 },
		{ AT_EGID, 0 },
		{ AT_SECURE, 0 },
		{ AT_HWCAP, HWCAP },
		{ AT_CLKTCK, CLOCKS_PER_SECOND },
		{ AT_RANDOM, 0 },
		{ AT_EXECFN, 0 },
	};

	int error = map_fixed(STACK_TOP - STACK_INITIAL, STACK_TOP, PTE_R | PTE_W, REGION_STACK,
			      &region_anonymous);
	if (error != 0)
		return error;
	error = args_write_stack(a, STACK_TOP, path, aux, ARRAY_SIZE(aux), sp);
	return error == -EFAULT ? -ENOMEM : error;
}

int
image_load(struct file *f, const struct elf_image *image, const struct args *a, const char *path,
	   uaddr_t *sp)
{
	int error = map_fixed(SIGRETURN_ADDRESS, SIGRETURN_ADDRESS + PAGE_SIZE, PTE_R | PTE_X,
			      REGION_SHARED, &sigreturn_ops);

	for (unsigned i = 0; i < image->count && error == 0; i++)
		error = load_segment(f, &image->segment[i]);
	if (error != 0)
		return error;
	set_heap(space_current(), image->end);
	return load_stack(image, a, path, sp);
}
