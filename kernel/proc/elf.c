// SPDX-License-Identifier: MIT
/*
 * The check of an ELF executable (proc/elf.h).
 *
 * Accepted: 64-bit, little-endian, RISC-V, ET_EXEC or ET_DYN without an
 * interpreter (static-pie).  Each number is checked before it is used in
 * arithmetic, so nothing wraps around; what is accepted can be mapped as it is:
 *
 *   1. Every segment lies in the file and in the user half, above page 0 and
 *      below what the stack and the mappings need.
 *   2. Address and offset agree modulo the page size: a page of the file can
 *      be a page of memory.
 *   3. Segments ascend and share no page, since each page has one set of rights.
 *   4. The entry lies in a segment that may be executed.
 *
 * A segment with both W and X is accepted, as Linux does.
 */
#include "proc/elf.h"

#include "abi/errno.h"
#include "arch/layout.h"
#include "arch/pte.h"
#include "lib/math.h"
#include "lib/string.h"

// Programs end below this; mappings and the stack lie above.
#define PROGRAM_TOP (USER_TOP / 2)

static int
refuse(const char **why, const char *reason)
{
	*why = reason;
	return -ENOEXEC;
}

int
elf_check_header(const Elf64_Ehdr *h, uint64_t file_size, const char **why)
{
	if (file_size < sizeof *h || memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
		return refuse(why, "not an ELF file");
	if (h->e_ident[EI_CLASS] != ELFCLASS64)
		return refuse(why, "not a 64-bit program");
	if (h->e_ident[EI_DATA] != ELFDATA2LSB)
		return refuse(why, "not little-endian");
	if (h->e_ident[EI_VERSION] != EV_CURRENT || h->e_version != EV_CURRENT)
		return refuse(why, "an unknown version of ELF");
	if (h->e_machine != EM_RISCV)
		return refuse(why, "for another machine than RISC-V");
	if (h->e_type != ET_EXEC && h->e_type != ET_DYN)
		return refuse(why, "not an executable (an object file or a core?)");
	if (h->e_phentsize != sizeof(Elf64_Phdr))
		return refuse(why, "program headers of an unknown size");
	if (h->e_phnum == 0 || h->e_phnum > ELF_PHDRS_MAX)
		return refuse(why, "no program headers, or too many");
	if (h->e_phoff > file_size || h->e_phnum * sizeof(Elf64_Phdr) > file_size - h->e_phoff)
		return refuse(why, "program headers beyond the end of the file");
	return 0;
}

static uint32_t
protection(Elf64_Word flags)
{
	return (flags & PF_R ? PTE_R : 0) | (flags & PF_W ? PTE_W : 0) | (flags & PF_X ? PTE_X : 0);
}

static int
check_segment(const Elf64_Phdr *p, uint64_t base, uint64_t file_size, const char **why)
{
	if (p->p_filesz > p->p_memsz)
		return refuse(why, "a segment larger in the file than in memory");
	if (p->p_offset > file_size || p->p_filesz > file_size - p->p_offset)
		return refuse(why, "a segment beyond the end of the file");
	if ((p->p_vaddr ^ p->p_offset) & PAGE_MASK)
		return refuse(why, "a segment that is not aligned to pages as in the file");
	if (p->p_vaddr > PROGRAM_TOP - base || p->p_memsz > PROGRAM_TOP - base - p->p_vaddr)
		return refuse(why, "a segment outside a program's addresses");
	if (p->p_vaddr + base < USER_BOTTOM)
		return refuse(why, "a segment in page 0");
	return 0;
}

static int
add_segment(struct elf_image *image, const Elf64_Phdr *p, uint64_t base, const char **why)
{
	uaddr_t address = p->p_vaddr + base;

	if (image->count == ELF_SEGMENTS_MAX)
		return refuse(why, "too many segments");
	struct elf_segment *s = &image->segment[image->count];
	*s = (struct elf_segment){
		.start = align_down(address, PAGE_SIZE),
		.end = align_up(address + p->p_memsz, PAGE_SIZE),
		.address = address,
		.offset = p->p_offset,
		.file_size = p->p_filesz,
		.protection = protection(p->p_flags),
	};
	if (s->start < image->end)
		return refuse(why, "segments that overlap, share a page or don't ascend");
	image->end = s->end;
	image->count++;
	return 0;
}

// Where the program headers are in memory, if a segment has them.
static void
find_headers(struct elf_image *image, const Elf64_Ehdr *h)
{
	uint64_t size = h->e_phnum * sizeof(Elf64_Phdr);

	for (unsigned i = 0; i < image->count; i++) {
		const struct elf_segment *s = &image->segment[i];
		if (h->e_phoff >= s->offset && size <= s->file_size &&
		    h->e_phoff - s->offset <= s->file_size - size)
			image->phdr = s->address + (h->e_phoff - s->offset);
	}
}

static bool
entry_is_code(const struct elf_image *image)
{
	for (unsigned i = 0; i < image->count; i++) {
		const struct elf_segment *s = &image->segment[i];
		if (image->entry >= s->start && image->entry < s->end)
			return (s->protection & PTE_X) != 0;
	}
	return false;
}

int
elf_check(const Elf64_Ehdr *h, const Elf64_Phdr *phdr, uint64_t file_size, struct elf_image *image,
	  const char **why)
{
	uint64_t base = h->e_type == ET_DYN ? ELF_DYN_BASE : 0;

	*image = (struct elf_image){ .phnum = h->e_phnum, .entry = h->e_entry + base };
	for (unsigned i = 0; i < h->e_phnum; i++) {
		const Elf64_Phdr *p = &phdr[i];
		if (p->p_type == PT_INTERP)
			return refuse(why, "linked dynamically; link it with -static");
		if (p->p_type != PT_LOAD || p->p_memsz == 0)
			continue;
		int error = check_segment(p, base, file_size, why);
		if (error == 0)
			error = add_segment(image, p, base, why);
		if (error != 0)
			return error;
	}
	if (image->count == 0)
		return refuse(why, "nothing to load");
	if (!entry_is_code(image))
		return refuse(why, "an entry point outside its code");
	find_headers(image, h);
	return 0;
}
