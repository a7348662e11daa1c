// SPDX-License-Identifier: MIT
/*
 * The engine under all of printf() (C17, 7.21.6.1).
 *
 * Not here: %n, wide characters, %a.  A conversion that is not known is written
 * as it stands.
 */
#include "format.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#define DIGITS_MAX 22 // of a 64-bit number in base 8

// A va_list that functions can take from in turn.
struct args {
	va_list list;
};

void
__format_text(struct sink *sink, const char *text, size_t length)
{
	sink->write(sink, text, length);
	sink->total += length;
}

void
__format_repeat(struct sink *sink, char c, size_t count)
{
	char piece[32];

	memset(piece, c, sizeof(piece));
	for (; count > sizeof(piece); count -= sizeof(piece))
		__format_text(sink, piece, sizeof(piece));
	__format_text(sink, piece, count);
}

static void
format_padded(struct sink *sink, const struct conversion *cv, const char *text, size_t length)
{
	size_t pad = cv->width > length ? cv->width - length : 0;

	if (!cv->left)
		__format_repeat(sink, ' ', pad);
	__format_text(sink, text, length);
	if (cv->left)
		__format_repeat(sink, ' ', pad);
}

/*
 * Digits of value at the end of a buffer of DIGITS_MAX; return how many.
 */
static size_t
make_digits(char *end, uint64_t value, unsigned int base, bool upper)
{
	const char *symbols = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char *p = end;

	for (; value != 0; value /= base)
		*--p = symbols[value % base];
	return (size_t)(end - p);
}

/*
 * [spaces] prefix [zeroes] digits [spaces]
 */
static void
format_number(struct sink *sink, const struct conversion *cv, uint64_t value, unsigned int base,
	      const char *prefix)
{
	char buffer[DIGITS_MAX];
	char *end = buffer + sizeof(buffer);
	size_t digits = make_digits(end, value, base, cv->letter == 'X');
	size_t zeroes = cv->precision < 0 ? 1 : (size_t)cv->precision;
	size_t length;

	if (cv->alternate && base == 8 && zeroes <= digits)
		zeroes = digits + 1;
	zeroes = zeroes > digits ? zeroes - digits : 0;
	length = strlen(prefix) + zeroes + digits;
	if (cv->zero && !cv->left && cv->precision < 0 && cv->width > length) {
		zeroes += cv->width - length;
		length = cv->width;
	}
	if (!cv->left && cv->width > length)
		__format_repeat(sink, ' ', cv->width - length);
	__format_text(sink, prefix, strlen(prefix));
	__format_repeat(sink, '0', zeroes);
	__format_text(sink, end - digits, digits);
	if (cv->left && cv->width > length)
		__format_repeat(sink, ' ', cv->width - length);
}

static void
format_signed(struct sink *sink, const struct conversion *cv, struct args *args)
{
	int64_t value;
	const char *prefix = cv->plus ? "+" : cv->space ? " " : "";

	if (cv->length == 'l' || cv->length == 'j' || cv->length == 'z' || cv->length == 't')
		value = va_arg(args->list, int64_t);
	else
		value = va_arg(args->list, int);
	if (cv->length == 'h')
		value = (short)value;
	else if (cv->length == 'H')
		value = (signed char)value;
	if (value < 0)
		format_number(sink, cv, -(uint64_t)value, 10, "-");
	else
		format_number(sink, cv, (uint64_t)value, 10, prefix);
}

static void
format_unsigned(struct sink *sink, const struct conversion *cv, struct args *args)
{
	unsigned int base = cv->letter == 'u' ? 10 : cv->letter == 'o' ? 8 : 16;
	const char *prefix = "";
	uint64_t value;

	if (cv->length == 'l' || cv->length == 'j' || cv->length == 'z' || cv->length == 't')
		value = va_arg(args->list, uint64_t);
	else
		value = va_arg(args->list, unsigned int);
	if (cv->length == 'h')
		value = (unsigned short)value;
	else if (cv->length == 'H')
		value = (unsigned char)value;
	if (cv->alternate && base == 16 && value != 0)
		prefix = cv->letter == 'X' ? "0X" : "0x";
	format_number(sink, cv, value, base, prefix);
}

static void
format_pointer(struct sink *sink, const struct conversion *cv, struct args *args)
{
	uintptr_t value = (uintptr_t)va_arg(args->list, void *);

	if (value == 0)
		format_padded(sink, cv, "(nil)", 5);
	else
		format_number(sink, cv, value, 16, "0x");
}

static void
format_string(struct sink *sink, const struct conversion *cv, struct args *args)
{
	const char *text = va_arg(args->list, const char *);
	size_t limit = cv->precision < 0 ? SIZE_MAX : (size_t)cv->precision;

	if (text == NULL)
		text = limit < 6 ? "" : "(null)";
	format_padded(sink, cv, text, strnlen(text, limit));
}

static void
format_char(struct sink *sink, const struct conversion *cv, struct args *args)
{
	char c = (char)va_arg(args->list, int);

	format_padded(sink, cv, &c, 1);
}

static void
format_floating(struct sink *sink, const struct conversion *cv, struct args *args)
{
	if (cv->length == 'L')
		__format_double(sink, cv, (double)va_arg(args->list, long double));
	else
		__format_double(sink, cv, va_arg(args->list, double));
}

/*
 * A width or precision: digits, or * for an argument.
 */
static long
parse_count(const char **format, struct args *args)
{
	long count = 0;

	if (**format == '*') {
		(*format)++;
		return va_arg(args->list, int);
	}
	for (; **format >= '0' && **format <= '9'; (*format)++) {
		if (count < INT_MAX)
			count = count * 10 + (**format - '0');
	}
	return count < INT_MAX ? count : INT_MAX;
}

static bool
parse_flag(struct conversion *cv, char c)
{
	switch (c) {
	case '-':
		return cv->left = true;
	case '+':
		return cv->plus = true;
	case ' ':
		return cv->space = true;
	case '#':
		return cv->alternate = true;
	case '0':
		return cv->zero = true;
	default:
		return false;
	}
}

/*
 * What stands behind a %.  A negative width means left, a negative precision
 * none.
 */
static const char *
parse_conversion(struct conversion *cv, const char *format, struct args *args)
{
	long width;

	*cv = (struct conversion){ .precision = -1 };
	while (parse_flag(cv, *format))
		format++;
	width = parse_count(&format, args);
	if (width < 0)
		cv->left = true;
	cv->width = (size_t)(width < 0 ? -width : width);
	if (*format == '.') {
		format++;
		cv->precision = parse_count(&format, args);
		if (cv->precision < 0)
			cv->precision = -1;
	}
	if (*format != '\0' && strchr("hljztL", *format) != NULL) {
		cv->length = *format++;
		if (*format == cv->length && (cv->length == 'h' || cv->length == 'l')) {
			cv->length = cv->length == 'h' ? 'H' : 'l';
			format++;
		}
	}
	cv->letter = *format;
	return format;
}

static bool
format_one(struct sink *sink, const struct conversion *cv, struct args *args)
{
	switch (cv->letter) {
	case 'd':
	case 'i':
		format_signed(sink, cv, args);
		return true;
	case 'u':
	case 'o':
	case 'x':
	case 'X':
		format_unsigned(sink, cv, args);
		return true;
	case 'p':
		format_pointer(sink, cv, args);
		return true;
	case 's':
		format_string(sink, cv, args);
		return true;
	case 'c':
		format_char(sink, cv, args);
		return true;
	case 'f':
	case 'F':
	case 'e':
	case 'E':
	case 'g':
	case 'G':
		format_floating(sink, cv, args);
		return true;
	case '%':
		__format_text(sink, "%", 1);
		return true;
	default:
		return false;
	}
}

int
__format(struct sink *sink, const char *format, va_list list)
{
	struct args args;

	va_copy(args.list, list);
	while (*format != '\0') {
		size_t plain = strcspn(format, "%");
		struct conversion cv;
		const char *end;

		__format_text(sink, format, plain);
		format += plain;
		if (*format == '\0')
			break;
		end = parse_conversion(&cv, format + 1, &args);
		if (*end != '\0')
			end++;
		if (!format_one(sink, &cv, &args))
			__format_text(sink, format, (size_t)(end - format));
		format = end;
	}
	va_end(args.list);
	if (sink->total > INT_MAX) {
		errno = EOVERFLOW;
		return -1;
	}
	return (int)sink->total;
}
