// SPDX-License-Identifier: MIT
/*
 * Print numbers from first (1) to last in steps (of 1).
 */
#include <ctype.h>
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tool.h>
#include <unistd.h>

#define EXACT 0x1p53 // integers below are exact doubles
#define USAGE "seq [-s separator] [first [step]] last"

/*
 * A number; digits behind its point are counted, so that all are printed with
 * as many.
 */
static double
parse(const char *text, int *digits)
{
	const char *point = strchr(text, '.');
	char *end;
	double number = strtod(text, &end);

	if (end == text || *end != '\0' || !isfinite(number))
		errx(2, "'%s' is not a number", text);
	if (point != NULL && (int)strlen(point + 1) > *digits)
		*digits = (int)strlen(point + 1);
	return number;
}

static int
is_number(const char *text)
{
	return text[0] == '-' && (isdigit((unsigned char)text[1]) || text[1] == '.');
}

int
main(int argc, char **argv)
{
	const char *separator = "\n";
	double first = 1, step = 1, last;
	int digits = 0;
	int ignored = 0;
	int count;

	while (optind < argc && !is_number(argv[optind]) &&
	       tool_option(argc, argv, "s:", USAGE) != -1)
		separator = optarg;
	count = argc - optind;
	if (count < 1 || count > 3)
		tool_usage(USAGE);
	argv += optind;
	if (count > 1)
		first = parse(argv[0], &digits);
	if (count > 2)
		step = parse(argv[1], &digits);
	last = parse(argv[count - 1], &ignored);
	if (step == 0)
		errx(2, "the step is 0");

	// Multiplied, not added up: errors do not grow, and the last number gets
	// half a step's hundredth of grace.
	for (long i = 0; !ferror(stdout); i++) {
		double number = first + (double)i * step;

		if (step > 0 ? number > last + step / 200 : number < last + step / 200)
			break;
		if (i > 0)
			fputs(separator, stdout);
		if (digits == 0 && fabs(number) < EXACT)
			printf("%ld", (long)number);
		else
			printf("%.*f", digits, number);
		count = 0;
	}
	if (count == 0)
		putchar('\n');
	tool_exit(0);
}
