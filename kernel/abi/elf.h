// SPDX-License-Identifier: MIT
/*
 * ELF files, 64-bit (System V ABI, "Object files" and "Program loading and
 * dynamic linking"; RISC-V psABI, "ELF object files").
 */
#pragma once

#include <stdint.h>

typedef uint16_t Elf64_Half;
typedef uint32_t Elf64_Word;
typedef int32_t Elf64_Sword;
typedef uint64_t Elf64_Xword;
typedef int64_t Elf64_Sxword;
typedef uint64_t Elf64_Addr;
typedef uint64_t Elf64_Off;

// e_ident: which kind of ELF file.
#define EI_MAG0       0
#define EI_MAG1       1
#define EI_MAG2       2
#define EI_MAG3       3
#define EI_CLASS      4
#define EI_DATA       5
#define EI_VERSION    6
#define EI_OSABI      7
#define EI_ABIVERSION 8
#define EI_PAD        9
#define EI_NIDENT     16

#define ELFMAG  "\177ELF"
#define SELFMAG 4
#define ELFMAG0 0x7f
#define ELFMAG1 'E'
#define ELFMAG2 'L'
#define ELFMAG3 'F'

#define ELFCLASSNONE   0
#define ELFCLASS32     1
#define ELFCLASS64     2
#define ELFDATANONE    0
#define ELFDATA2LSB    1 // little-endian
#define ELFDATA2MSB    2
#define ELFOSABI_NONE  0
#define ELFOSABI_LINUX 3
#define EV_NONE        0
#define EV_CURRENT     1

typedef struct {
	uint8_t e_ident[EI_NIDENT];
	Elf64_Half e_type;    // ET_
	Elf64_Half e_machine; // EM_
	Elf64_Word e_version; // EV_CURRENT
	Elf64_Addr e_entry;
	Elf64_Off e_phoff;  // where the program headers lie
	Elf64_Off e_shoff;  // where the section headers lie
	Elf64_Word e_flags; // EF_
	Elf64_Half e_ehsize;
	Elf64_Half e_phentsize;
	Elf64_Half e_phnum;
	Elf64_Half e_shentsize;
	Elf64_Half e_shnum;
	Elf64_Half e_shstrndx; // which section holds the sections' names
} Elf64_Ehdr;

#define ET_NONE 0
#define ET_REL  1
#define ET_EXEC 2
#define ET_DYN  3
#define ET_CORE 4

#define EM_NONE    0
#define EM_386     3
#define EM_ARM     40
#define EM_X86_64  62
#define EM_AARCH64 183
#define EM_RISCV   243

#define EF_RISCV_RVC              0x0001
#define EF_RISCV_FLOAT_ABI        0x0006 // one of the four below
#define EF_RISCV_FLOAT_ABI_SOFT   0x0000
#define EF_RISCV_FLOAT_ABI_SINGLE 0x0002
#define EF_RISCV_FLOAT_ABI_DOUBLE 0x0004
#define EF_RISCV_FLOAT_ABI_QUAD   0x0006
#define EF_RISCV_RVE              0x0008
#define EF_RISCV_TSO              0x0010

// A piece of the file to map, or a note to the loader.
typedef struct {
	Elf64_Word p_type;  // PT_
	Elf64_Word p_flags; // PF_
	Elf64_Off p_offset;
	Elf64_Addr p_vaddr;
	Elf64_Addr p_paddr;
	Elf64_Xword p_filesz;
	Elf64_Xword p_memsz; // what exceeds p_filesz is zeroes
	Elf64_Xword p_align;
} Elf64_Phdr;

#define PT_NULL             0
#define PT_LOAD             1
#define PT_DYNAMIC          2
#define PT_INTERP           3
#define PT_NOTE             4
#define PT_SHLIB            5
#define PT_PHDR             6
#define PT_TLS              7
#define PT_GNU_EH_FRAME     0x6474e550
#define PT_GNU_STACK        0x6474e551
#define PT_GNU_RELRO        0x6474e552
#define PT_GNU_PROPERTY     0x6474e553
#define PT_RISCV_ATTRIBUTES 0x70000003

#define PF_X 1
#define PF_W 2
#define PF_R 4

#define PN_XNUM 0xffff // the number is in section 0's sh_info

typedef struct {
	Elf64_Word sh_name;
	Elf64_Word sh_type;   // SHT_
	Elf64_Xword sh_flags; // SHF_
	Elf64_Addr sh_addr;
	Elf64_Off sh_offset;
	Elf64_Xword sh_size;
	Elf64_Word sh_link;
	Elf64_Word sh_info;
	Elf64_Xword sh_addralign;
	Elf64_Xword sh_entsize;
} Elf64_Shdr;

#define SHN_UNDEF  0
#define SHN_ABS    0xfff1
#define SHN_COMMON 0xfff2

#define SHT_NULL     0
#define SHT_PROGBITS 1
#define SHT_SYMTAB   2
#define SHT_STRTAB   3
#define SHT_RELA     4
#define SHT_HASH     5
#define SHT_DYNAMIC  6
#define SHT_NOTE     7
#define SHT_NOBITS   8
#define SHT_REL      9
#define SHT_DYNSYM   11

#define SHF_WRITE     0x1
#define SHF_ALLOC     0x2
#define SHF_EXECINSTR 0x4
#define SHF_TLS       0x400

typedef struct {
	Elf64_Word st_name;
	uint8_t st_info; // binding and type
	uint8_t st_other;
	Elf64_Half st_shndx;
	Elf64_Addr st_value;
	Elf64_Xword st_size;
} Elf64_Sym;

#define ELF64_ST_BIND(info)       ((info) >> 4)
#define ELF64_ST_TYPE(info)       ((info)&0xf)
#define ELF64_ST_INFO(bind, type) (((bind) << 4) + ((type)&0xf))

#define STB_LOCAL  0
#define STB_GLOBAL 1
#define STB_WEAK   2

#define STT_NOTYPE  0
#define STT_OBJECT  1
#define STT_FUNC    2
#define STT_SECTION 3
#define STT_FILE    4
#define STT_TLS     6

// A note: this, the name and the contents, each padded to 4 bytes.
typedef struct {
	Elf64_Word n_namesz;
	Elf64_Word n_descsz;
	Elf64_Word n_type;
} Elf64_Nhdr;

// A word pair of the auxiliary vector (abi/auxv.h).
typedef struct {
	uint64_t a_type;
	union {
		uint64_t a_val;
	} a_un;
} Elf64_auxv_t;
