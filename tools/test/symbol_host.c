// SPDX-License-Identifier: MIT
// Ask the kernel's symbol_find(), compiled for the host, about addresses read
// from standard input: "function offset file:line" for each, or "-".
#include <inttypes.h>
#include <stdio.h>

#include "lib/symbol.h"

int
main(void)
{
	uint64_t pc;
	struct symbol s;

	while (scanf("%" SCNx64, &pc) == 1) {
		if (symbol_find(pc, &s))
			printf("%s %" PRIu64 " %s:%u\n", s.function, s.offset,
			       s.file ? s.file : "?", s.line);
		else
			puts("-");
	}
	return 0;
}
