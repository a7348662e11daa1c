// SPDX-License-Identifier: MIT
// kernel: proc/elf.c lib/random.c
// fakes: lock.c
/*
 * The check of ELF headers: what is refused and why, and that whatever is
 * accepted can be mapped as it is, for some hundred thousand damaged files.
 */
#include "abi/errno.h"
#include "arch/layout.h"
#include "arch/pte.h"
#include "check.h"
#include "fakes/fake.h"
#include "lib/random.h"
#include "lib/string.h"
#include "proc/elf.h"

#define FILE_SIZE 0x9000

// A program of text, read-only data and data, as the linker makes them.
struct program {
	Elf64_Ehdr header;
	Elf64_Phdr phdr[ELF_PHDRS_MAX];
};

static Elf64_Phdr
load(uint64_t offset, uint64_t address, uint64_t file_size, uint64_t size, uint32_t flags)
{
	return (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = flags,
		.p_offset = offset,
		.p_vaddr = address,
		.p_paddr = address,
		.p_filesz = file_size,
		.p_memsz = size,
		.p_align = 0x1000,
	};
}

static struct program
sound(void)
{
	struct program p = {
		.header = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				     EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = EM_RISCV,
			.e_version = EV_CURRENT,
			.e_entry = 0x10400,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 4,
		},
	};
	p.phdr[0] = (Elf64_Phdr){ .p_type = PT_RISCV_ATTRIBUTES, .p_filesz = 5 };
	p.phdr[1] = load(0, 0x10000, 0x3100, 0x3100, PF_R | PF_X);
	p.phdr[2] = load(0x3100, 0x14100, 0x1000, 0x1000, PF_R);
	p.phdr[3] = load(0x4200, 0x16200, 0x300, 0x5000, PF_R | PF_W);
	return p;
}

static int
check(const struct program *p, uint64_t size, struct elf_image *image, const char **why)
{
	*why = NULL;
	int error = elf_check_header(&p->header, size, why);
	return error != 0 ? error : elf_check(&p->header, p->phdr, size, image, why);
}

static void
check_refused(const struct program *p, const char *reason)
{
	struct elf_image image;
	const char *why;

	CHECK_EQ(check(p, FILE_SIZE, &image, &why), -ENOEXEC);
	CHECK_STRING(why, reason);
}

TEST(a_sound_program)
{
	struct program p = sound();
	struct elf_image image;
	const char *why;

	CHECK_EQ(check(&p, FILE_SIZE, &image, &why), 0);
	CHECK_EQ(image.entry, 0x10400);
	CHECK_EQ(image.phdr, 0x10000 + sizeof(Elf64_Ehdr));
	CHECK_EQ(image.phnum, 4);
	CHECK_EQ(image.count, 3);
	CHECK_EQ(image.segment[0].start, 0x10000);
	CHECK_EQ(image.segment[0].end, 0x14000);
	CHECK_EQ(image.segment[0].protection, PTE_R | PTE_X);
	CHECK_EQ(image.segment[1].start, 0x14000);
	CHECK_EQ(image.segment[1].end, 0x16000);
	CHECK_EQ(image.segment[1].address, 0x14100);
	CHECK_EQ(image.segment[1].protection, PTE_R);
	CHECK_EQ(image.segment[2].start, 0x16000);
	CHECK_EQ(image.segment[2].end, 0x1c000);
	CHECK_EQ(image.segment[2].offset, 0x4200);
	CHECK_EQ(image.segment[2].file_size, 0x300);
	CHECK_EQ(image.segment[2].protection, PTE_R | PTE_W);
	CHECK_EQ(image.end, 0x1c000);
}

TEST(a_static_pie_is_moved)
{
	struct program p = sound();
	struct elf_image image;
	const char *why;

	p.header.e_type = ET_DYN;
	p.header.e_entry = 0x400;
	for (unsigned i = 1; i < 4; i++)
		p.phdr[i].p_vaddr -= 0x10000;
	CHECK_EQ(check(&p, FILE_SIZE, &image, &why), 0);
	CHECK_EQ(image.segment[0].start, ELF_DYN_BASE);
	CHECK_EQ(image.entry, ELF_DYN_BASE + 0x400);
	CHECK_EQ(image.phdr, ELF_DYN_BASE + sizeof(Elf64_Ehdr));
}

TEST(headers_that_are_not_loaded_have_no_address)
{
	struct program p = sound();
	struct elf_image image;
	const char *why;

	p.header.e_phoff = FILE_SIZE - 4 * sizeof(Elf64_Phdr);
	CHECK_EQ(check(&p, FILE_SIZE, &image, &why), 0);
	CHECK_EQ(image.phdr, 0);
}

// Each case spoils one thing of a sound program.
#define REFUSED(test_name, reason, statement) \
	TEST(test_name)                       \
	{                                     \
		struct program p = sound();   \
		statement;                    \
		check_refused(&p, reason);    \
	}

REFUSED(bad_magic, "not an ELF file", p.header.e_ident[EI_MAG3] = 'f')
REFUSED(class_32, "not a 64-bit program", p.header.e_ident[EI_CLASS] = ELFCLASS32)
REFUSED(big_endian, "not little-endian", p.header.e_ident[EI_DATA] = ELFDATA2MSB)
REFUSED(unknown_version, "an unknown version of ELF", p.header.e_version = 2)
REFUSED(other_machine, "for another machine than RISC-V", p.header.e_machine = EM_X86_64)
REFUSED(object_file, "not an executable (an object file or a core?)", p.header.e_type = ET_REL)
REFUSED(odd_header_size, "program headers of an unknown size", p.header.e_phentsize = 32)
REFUSED(no_headers, "no program headers, or too many", p.header.e_phnum = 0)
REFUSED(too_many_headers, "no program headers, or too many", p.header.e_phnum = ELF_PHDRS_MAX + 1)
REFUSED(headers_beyond_end, "program headers beyond the end of the file",
	p.header.e_phoff = FILE_SIZE - 3 * sizeof(Elf64_Phdr))
REFUSED(headers_far_beyond, "program headers beyond the end of the file",
	p.header.e_phoff = UINT64_C(1) << 63)
REFUSED(headers_wrap, "program headers beyond the end of the file",
	p.header.e_phoff = UINT64_MAX - 8)
REFUSED(larger_in_the_file, "a segment larger in the file than in memory",
	p.phdr[3].p_filesz = 0x5001)
REFUSED(beyond_the_file, "a segment beyond the end of the file", p.phdr[3].p_offset = 0xa200)
REFUSED(size_wraps, "a segment beyond the end of the file",
	p.phdr[3].p_filesz = p.phdr[3].p_memsz = UINT64_MAX)
REFUSED(huge_memory, "a segment outside a program's addresses",
	p.phdr[3].p_memsz = UINT64_C(1) << 40)
REFUSED(memory_wraps, "a segment outside a program's addresses", p.phdr[3].p_memsz = UINT64_MAX)
REFUSED(in_the_kernel, "a segment outside a program's addresses",
	p.phdr[3].p_vaddr = UINT64_C(0xffffffff80200200))
REFUSED(at_the_stack, "a segment outside a program's addresses",
	p.phdr[3].p_vaddr = USER_TOP - 0x1000 + 0x200)
REFUSED(in_page_0, "a segment in page 0", (p.phdr[1].p_vaddr = 0, p.header.e_entry = 0x400))
REFUSED(not_aligned, "a segment that is not aligned to pages as in the file",
	p.phdr[2].p_vaddr = 0x14108)
REFUSED(shared_page, "segments that overlap, share a page or don't ascend",
	p.phdr[3].p_vaddr = 0x15200)
REFUSED(descending, "segments that overlap, share a page or don't ascend",
	p.phdr[3].p_vaddr = 0x8200)
REFUSED(interpreter, "linked dynamically; link it with -static", p.phdr[0].p_type = PT_INTERP)
REFUSED(nothing_to_load, "nothing to load",
	for (unsigned i = 0; i < 4; i++) p.phdr[i].p_type = PT_NOTE)
REFUSED(entry_in_data, "an entry point outside its code", p.header.e_entry = 0x16200)
REFUSED(entry_nowhere, "an entry point outside its code", p.header.e_entry = 0)
REFUSED(entry_wraps, "an entry point outside its code", p.header.e_entry = UINT64_MAX)

TEST(too_many_segments)
{
	struct program p = sound();

	p.header.e_phnum = ELF_SEGMENTS_MAX + 2;
	for (unsigned i = 0; i < ELF_SEGMENTS_MAX + 2; i++)
		p.phdr[i] = load(0, 0x10000 + i * 0x1000, 0x10, 0x10, PF_R | PF_X);
	check_refused(&p, "too many segments");
	p.header.e_phnum = ELF_SEGMENTS_MAX;
	struct elf_image image;
	const char *why;
	CHECK_EQ(check(&p, FILE_SIZE, &image, &why), 0);
	CHECK_EQ(image.count, ELF_SEGMENTS_MAX);
}

TEST(short_files)
{
	struct program p = sound();
	struct elf_image image;
	const char *why;

	for (uint64_t size = 0; size < 0x4500; size++)
		CHECK_EQ(check(&p, size, &image, &why), -ENOEXEC);
	CHECK_EQ(check(&p, 0x4500, &image, &why), 0);
}

// ---- Damage ------------------------------------------------------------------

static struct random dice;

// A number that is likely to be near some limit.
static uint64_t
nasty(void)
{
	static const uint64_t seeds[] = {
		0,
		1,
		0xfff,
		0x1000,
		0x10000,
		0x14000,
		FILE_SIZE,
		UINT64_C(1) << 31,
		UINT64_C(1) << 32,
		UINT64_C(1) << 38,
		UINT64_C(1) << 63,
		UINT64_MAX,
		USER_TOP,
		USER_TOP / 2,
		USER_BOTTOM,
		ELF_DYN_BASE,
	};
	uint64_t n = seeds[random_next(&dice) % (sizeof seeds / sizeof seeds[0])];

	switch (random_next(&dice) % 4) {
	case 0:
		return n;
	case 1:
		return n + random_next(&dice) % 0x2000 - 0x1000;
	case 2:
		return (n + random_next(&dice) % 16 * 0x1000) & ~UINT64_C(0xfff);
	default:
		return random_next(&dice) >> random_next(&dice) % 64;
	}
}

static void
damage_header(Elf64_Ehdr *h)
{
	switch (random_next(&dice) % 6) {
	case 0:
		((uint8_t *)h)[random_next(&dice) % sizeof *h] ^= 1 << random_next(&dice) % 8;
		break;
	case 1:
		h->e_phnum = (Elf64_Half)(random_next(&dice) % 8);
		break;
	case 2:
		h->e_phoff = nasty();
		break;
	case 3:
		h->e_entry = nasty();
		break;
	case 4:
		h->e_type = (Elf64_Half)(random_next(&dice) % 5);
		break;
	default:
		break;
	}
}

static void
damage_segment(Elf64_Phdr *p)
{
	uint64_t *field[] = { &p->p_offset, &p->p_vaddr, &p->p_filesz, &p->p_memsz };

	switch (random_next(&dice) % 4) {
	case 0:
		((uint8_t *)p)[random_next(&dice) % sizeof *p] ^= 1 << random_next(&dice) % 8;
		break;
	case 1:
		p->p_type = (uint32_t)(random_next(&dice) % 4);
		p->p_flags = (uint32_t)(random_next(&dice) % 8);
		break;
	default:
		*field[random_next(&dice) % 4] = nasty();
	}
}

// What proc/elf.c promises of an image, found out by other arithmetic: all in
// 128 bits, where nothing wraps.
static void
check_promises(const struct program *p, uint64_t size, const struct elf_image *image)
{
	typedef unsigned __int128 wide;
	bool entry = false;
	wide before = 0;

	CHECK(image->count >= 1 && image->count <= ELF_SEGMENTS_MAX);
	for (unsigned i = 0; i < image->count; i++) {
		const struct elf_segment *s = &image->segment[i];
		CHECK(s->start % PAGE_SIZE == 0 && s->end % PAGE_SIZE == 0);
		CHECK(s->start >= USER_BOTTOM && s->end <= USER_TOP && s->start < s->end);
		CHECK(s->start >= before);
		before = s->end;
		CHECK((wide)s->offset + s->file_size <= size);
		CHECK(s->address >= s->start && (wide)s->address + s->file_size <= s->end);
		CHECK_EQ(s->address % PAGE_SIZE, s->offset % PAGE_SIZE);
		CHECK_EQ(s->protection & ~(uint32_t)(PTE_R | PTE_W | PTE_X), 0);
		if ((s->protection & PTE_X) && image->entry >= s->start && image->entry < s->end)
			entry = true;
	}
	CHECK(entry);
	CHECK_EQ(image->end, before);
	CHECK(p->header.e_machine == EM_RISCV && p->header.e_ident[EI_CLASS] == ELFCLASS64);
	CHECK((wide)p->header.e_phoff + p->header.e_phnum * sizeof(Elf64_Phdr) <= size);
}

TEST(damaged_programs)
{
	unsigned accepted = 0, refused = 0;
	struct elf_image image;
	const char *why;

	random_init(&dice, 7);
	for (unsigned i = 0; i < 300000; i++) {
		struct program p = sound();
		uint64_t size = random_next(&dice) % 8 == 0 ? nasty() : FILE_SIZE;
		damage_header(&p.header);
		for (unsigned n = random_next(&dice) % 4; n > 0; n--)
			damage_segment(&p.phdr[random_next(&dice) % 4]);
		int error = check(&p, size, &image, &why);
		if (error == 0) {
			check_promises(&p, size, &image);
			accepted++;
		} else {
			CHECK_EQ(error, -ENOEXEC);
			CHECK(why != NULL);
			refused++;
		}
	}
	// Both happen often, or this test shows nothing.
	CHECK(accepted > 30000);
	CHECK(refused > 100000);
}
