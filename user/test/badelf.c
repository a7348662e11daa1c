// SPDX-License-Identifier: MIT
/*
 * Files that look like programs: this program's own file, damaged in one way
 * each.  execve() must refuse it, and its caller lives on.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <abi/elf.h>

#include "lib/test.h"

#define RAN 25 // the status of a copy that runs

static char *const arguments[] = { "f", "-x", NULL };
static char *const no_environment[] = { NULL };

static union {
	Elf64_Ehdr header;
	char bytes[1 << 20];
} elf;
static size_t elf_size;

static void
load_self(void)
{
	int fd = open(test_self, O_RDONLY);
	ssize_t n;

	CHECK(fd >= 0);
	for (elf_size = 0; (n = read(fd, elf.bytes + elf_size, sizeof(elf) - elf_size)) > 0;)
		elf_size += (size_t)n;
	CHECK(elf_size > 0 && elf_size < sizeof(elf));
	close(fd);
}

// The first or last segment to be loaded.
static Elf64_Phdr *
segment(bool last)
{
	Elf64_Phdr *p = (Elf64_Phdr *)(void *)(elf.bytes + elf.header.e_phoff), *found = NULL;

	for (int i = 0; i < elf.header.e_phnum; i++)
		if (p[i].p_type == PT_LOAD && (found == NULL || last))
			found = &p[i];
	CHECK(found != NULL);
	return found;
}

enum damage {
	OTHER_MACHINE,
	OBJECT_FILE,
	HEADER_ALONE,
	HEADERS_CUT,
	NO_HEADERS,
	HEADER_SIZE,
	OTHER_CLASS, // from here on Linux checks less, or later
	OTHER_ENDIAN,
	FILE_CUT,
	MORE_IN_FILE_THAN_MEMORY,
	OFFSET_WRAPS,
	SIZE_WRAPS,
	IN_THE_KERNEL,
	PAGE_ZERO,
	OVERLAP,
	ODD_OFFSET,
	TOO_LARGE,
	ENTRY_NOWHERE,
	ENTRY_IN_DATA,
	DAMAGES,
};

static void
damage(enum damage what)
{
	Elf64_Phdr *first, *last;

	load_self();
	first = segment(false);
	last = segment(true);
	switch (what) {
	case OTHER_MACHINE:
		elf.header.e_machine = EM_386;
		break;
	case OBJECT_FILE:
		elf.header.e_type = ET_REL;
		break;
	case HEADER_ALONE:
		elf_size = sizeof(Elf64_Ehdr);
		break;
	case HEADERS_CUT:
		elf_size = elf.header.e_phoff + sizeof(Elf64_Phdr) + 5;
		break;
	case NO_HEADERS:
		elf.header.e_phnum = 0;
		break;
	case HEADER_SIZE:
		elf.header.e_phentsize = 32;
		break;
	case OTHER_CLASS:
		elf.header.e_ident[EI_CLASS] = ELFCLASS32;
		break;
	case OTHER_ENDIAN:
		elf.header.e_ident[EI_DATA] = ELFDATA2MSB;
		break;
	case FILE_CUT:
		elf_size = first->p_offset + first->p_filesz - 1;
		break;
	case MORE_IN_FILE_THAN_MEMORY:
		last->p_memsz = last->p_filesz - 1;
		break;
	case OFFSET_WRAPS:
		last->p_offset = -(uint64_t)4096 + last->p_offset % 4096;
		break;
	case SIZE_WRAPS:
		last->p_memsz = -(uint64_t)last->p_vaddr + 4096;
		break;
	case IN_THE_KERNEL:
		last->p_vaddr += 0xffffffff80000000;
		break;
	case PAGE_ZERO:
		first->p_vaddr %= 4096;
		break;
	case OVERLAP:
		last->p_vaddr = first->p_vaddr + (last->p_offset - first->p_offset) % 4096;
		break;
	case ODD_OFFSET:
		last->p_vaddr += 16;
		break;
	case TOO_LARGE:
		last->p_memsz = (uint64_t)1 << 38;
		break;
	case ENTRY_NOWHERE:
		elf.header.e_entry = 16;
		break;
	case ENTRY_IN_DATA:
		elf.header.e_entry = last->p_vaddr;
		break;
	case DAMAGES:
		break;
	}
}

static void
write_file(void)
{
	int fd = open("f", O_WRONLY | O_CREAT | O_TRUNC, 0777);

	CHECK(fd >= 0);
	test_write_all(fd, elf.bytes, elf_size);
	close(fd);
}

static void
refuse_damaged(enum damage from, enum damage to)
{
	for (enum damage what = from; what < to; what++) {
		damage(what);
		write_file();
		errno = 0;
		if (execve("f", arguments, no_environment) != -1 || errno != ENOEXEC)
			test_fail(__FILE__, __LINE__, "damage %d: errno %d", (int)what, errno);
	}
}

static void
undamaged_runs(void)
{
	load_self();
	write_file();
	pid_t pid = test_fork();
	if (pid == 0) {
		execve("f", arguments, no_environment);
		_exit(TEST_FAILED);
	}
	CHECK_EXITS(pid, RAN);
}

static void
damaged_headers(void)
{
	refuse_damaged(0, OTHER_CLASS);
}

static void
damaged_segments(void)
{
	refuse_damaged(OTHER_CLASS, DAMAGES);
}

static const struct test tests[] = {
	TEST(undamaged_runs),
	TEST(damaged_headers),
	TEST_OF_FAWN(damaged_segments),
};

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "-x") == 0)
		return RAN;
	return test_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]));
}
