// SPDX-License-Identifier: MIT
/*
 * ELF executables: what of a file is a program, checked (System V ABI, "Program
 * loading and dynamic linking"; RISC-V psABI, "ELF object files").
 *
 * A check of bytes in memory, without files or address spaces: proc/exec.c reads
 * the bytes and does what the result says, a unit test feeds it anything.
 */
#pragma once

#include "abi/elf.h"
#include "arch/types.h"

#define ELF_SEGMENTS_MAX 16 // to be loaded
#define ELF_PHDRS_MAX    64

// Where a position-independent program (ET_DYN) is put.
#define ELF_DYN_BASE UINT64_C(0x1000000)

// One PT_LOAD: the bytes [offset, offset + file_size) of the file at address,
// zeros after them to the end of the mapping.
struct elf_segment {
	uaddr_t start; // of the mapping, page-aligned
	uaddr_t end;   // page-aligned, exclusive
	uaddr_t address;
	uint64_t offset;
	uint64_t file_size;
	uint32_t protection; // PTE_R, PTE_W, PTE_X
};

struct elf_image {
	uaddr_t entry;
	uaddr_t phdr; // where the program headers are in memory, or 0
	unsigned phnum;
	uaddr_t end; // of the last segment, page-aligned: the heap's start
	unsigned count;
	struct elf_segment segment[ELF_SEGMENTS_MAX]; // ascending, not overlapping
};

// Check the header of a file of so many bytes.  0, or -ENOEXEC and *why says
// what is wrong.
int elf_check_header(const Elf64_Ehdr *header, uint64_t file_size, const char **why);

// Check the program headers of a file whose header is sound, and fill image.
int elf_check(const Elf64_Ehdr *header, const Elf64_Phdr *phdr, uint64_t file_size,
	      struct elf_image *image, const char **why);
