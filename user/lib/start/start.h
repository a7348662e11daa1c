// SPDX-License-Identifier: MIT
/*
 * What a program's start leaves for the rest of the library.
 */
#pragma once

struct auxv {
	unsigned long type; // AT_...
	unsigned long value;
};

// Ends with AT_NULL.
extern const struct auxv *__auxv;

// The last part of argv[0].
extern const char *__progname;

// Bounds of the table of constructors, from the linker script.
typedef void constructor(int argc, char **argv, char **envp);
extern constructor *const __init_array_start[];
extern constructor *const __init_array_end[];

int main(int argc, char **argv, char **envp);

// Called by crt0.S; stack is what the kernel left at sp.
_Noreturn void __start(long *stack);
