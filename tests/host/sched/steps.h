// SPDX-License-Identifier: MIT
/*
 * What code costs, without a clock: basic blocks that it runs through.  For
 * units with the flag -fsanitize-coverage=trace-pc; included once.
 */
#pragma once

#include <stdint.h>

static uint64_t steps;

void __sanitizer_cov_trace_pc(void);

__attribute__((no_sanitize_coverage)) void
__sanitizer_cov_trace_pc(void)
{
	steps++;
}

// The steps that a statement takes.
#define STEPS(statement)                \
	({                              \
		uint64_t from_ = steps; \
		statement;              \
		steps - from_;          \
	})
