// SPDX-License-Identifier: MIT
/*
 * Dates as text, in the C locale: every conversion of C17 (7.27.3.5), %s and the
 * names of GNU's that scripts use.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const weekdays[] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
					"Thursday", "Friday", "Saturday" };
static const char *const months[] = { "January",   "February", "March",    "April",
				      "May",       "June",     "July",     "August",
				      "September", "October",  "November", "December" };

struct output {
	char *text;
	size_t size;
	size_t length; // beyond size once something did not fit
};

static void put_format(struct output *out, const char *format, const struct tm *tm);

static void
put_text(struct output *out, const char *text, size_t length)
{
	if (out->length + length < out->size)
		memcpy(out->text + out->length, text, length);
	else
		out->size = 0;
	out->length += length;
}

static void
put_string(struct output *out, const char *text)
{
	put_text(out, text, strlen(text));
}

static void
put_number(struct output *out, int digits, long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%0*ld", digits, number);
	put_string(out, text);
}

static void
put_spaced(struct output *out, long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%2ld", number);
	put_string(out, text);
}

/*
 * A name, or its first three letters; a field out of range has none.
 */
static void
put_name(struct output *out, const char *const *names, int count, int index, int is_short)
{
	if (index < 0 || index >= count)
		put_string(out, "?");
	else
		put_text(out, names[index], is_short ? 3 : strlen(names[index]));
}

static int
is_leap(long year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/*
 * ISO 8601: week 1 is the one with the year's first Thursday, weeks begin on
 * Monday; some days belong to the year before or after.
 */
static int
iso_week(const struct tm *tm, long *year)
{
	int monday = (tm->tm_wday + 6) % 7; // days since
	int week = (tm->tm_yday - monday + 10) / 7;
	int new_year; // its weekday, Monday is 0
	int weeks;

	*year = tm->tm_year + 1900L;
	if (week < 1) {
		int last_year_days = is_leap(--*year) ? 366 : 365;

		return (tm->tm_yday + last_year_days - monday + 10) / 7;
	}
	new_year = ((monday - tm->tm_yday) % 7 + 7) % 7;
	weeks = new_year == 3 || (new_year == 2 && is_leap(*year)) ? 53 : 52;
	if (week > weeks) {
		++*year;
		return 1;
	}
	return week;
}

static void
put_date(struct output *out, char conversion, const struct tm *tm)
{
	long year = tm->tm_year + 1900L;
	long iso_year;
	int week = iso_week(tm, &iso_year);

	switch (conversion) {
	case 'C':
		put_number(out, 2, year / 100);
		break;
	case 'd':
		put_number(out, 2, tm->tm_mday);
		break;
	case 'e':
		put_spaced(out, tm->tm_mday);
		break;
	case 'G':
		put_number(out, 1, iso_year);
		break;
	case 'g':
		put_number(out, 2, iso_year % 100);
		break;
	case 'j':
		put_number(out, 3, tm->tm_yday + 1);
		break;
	case 'm':
		put_number(out, 2, tm->tm_mon + 1);
		break;
	case 'U':
		put_number(out, 2, (tm->tm_yday + 7 - tm->tm_wday) / 7);
		break;
	case 'u':
		put_number(out, 1, tm->tm_wday == 0 ? 7 : tm->tm_wday);
		break;
	case 'V':
		put_number(out, 2, week);
		break;
	case 'W':
		put_number(out, 2, (tm->tm_yday + 7 - (tm->tm_wday + 6) % 7) / 7);
		break;
	case 'w':
		put_number(out, 1, tm->tm_wday);
		break;
	case 'Y':
		put_number(out, 1, year);
		break;
	case 'y':
		put_number(out, 2, (year % 100 + 100) % 100);
		break;
	}
}

static void
put_time(struct output *out, char conversion, const struct tm *tm)
{
	int hour = tm->tm_hour % 12 == 0 ? 12 : tm->tm_hour % 12;
	struct tm copy = *tm;

	switch (conversion) {
	case 'H':
		put_number(out, 2, tm->tm_hour);
		break;
	case 'I':
		put_number(out, 2, hour);
		break;
	case 'k':
		put_spaced(out, tm->tm_hour);
		break;
	case 'l':
		put_spaced(out, hour);
		break;
	case 'M':
		put_number(out, 2, tm->tm_min);
		break;
	case 'p':
		put_string(out, tm->tm_hour < 12 ? "AM" : "PM");
		break;
	case 'S':
		put_number(out, 2, tm->tm_sec);
		break;
	case 's':
		put_number(out, 1, timegm(&copy));
		break;
	}
}

/*
 * Conversions that stand for others.
 */
static const char *
expansion(char conversion)
{
	switch (conversion) {
	case 'c':
		return "%a %b %e %H:%M:%S %Y";
	case 'D':
	case 'x':
		return "%m/%d/%y";
	case 'F':
		return "%Y-%m-%d";
	case 'n':
		return "\n";
	case 'R':
		return "%H:%M";
	case 'r':
		return "%I:%M:%S %p";
	case 'T':
	case 'X':
		return "%H:%M:%S";
	case 't':
		return "\t";
	case 'Z':
		return "UTC";
	case 'z':
		return "+0000";
	default:
		return NULL;
	}
}

static void
put_conversion(struct output *out, char conversion, const struct tm *tm)
{
	const char *other = expansion(conversion);

	if (conversion == '%')
		put_text(out, "%", 1);
	else if (other != NULL)
		put_format(out, other, tm);
	else if (strchr("aA", conversion) != NULL)
		put_name(out, weekdays, 7, tm->tm_wday, conversion == 'a');
	else if (strchr("bBh", conversion) != NULL)
		put_name(out, months, 12, tm->tm_mon, conversion != 'B');
	else if (strchr("HIklMpSs", conversion) != NULL)
		put_time(out, conversion, tm);
	else
		put_date(out, conversion, tm);
}

static void
put_format(struct output *out, const char *format, const struct tm *tm)
{
	for (; *format != '\0'; format++) {
		const char *start = format;

		if (*format != '%') {
			put_text(out, format, 1);
			continue;
		}
		format++;
		if (*format == 'E' || *format == 'O')
			format++;
		if (*format != '\0' &&
		    strchr("aAbBcCdDeFgGhHIjklmMnprRsStTuUVwWxXyYzZ%", *format)) {
			put_conversion(out, *format, tm);
			continue;
		}
		put_text(out, start, (size_t)(format - start) + (*format != '\0'));
		if (*format == '\0')
			break;
	}
}

size_t
strftime(char *text, size_t size, const char *format, const struct tm *tm)
{
	struct output out = { text, size, 0 };

	put_format(&out, format, tm);
	if (out.length >= out.size)
		return 0;
	text[out.length] = '\0';
	return out.length;
}

char *
asctime_r(const struct tm *tm, char *text)
{
	return strftime(text, 26, "%a %b %e %H:%M:%S %Y\n", tm) > 0 ? text : NULL;
}

char *
asctime(const struct tm *tm)
{
	static char text[26];

	return asctime_r(tm, text);
}

char *
ctime(const time_t *time)
{
	struct tm tm;

	return gmtime_r(time, &tm) == NULL ? NULL : asctime(&tm);
}
