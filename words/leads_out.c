/* SPDX-License-Identifier: Apache-2.0 */
#include "words/leads_out.h"

#include <ctype.h>
#include <string.h>

bool climbs(const char *text, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if (text[i] == '.' && text[i + 1] == '.' && (i == 0 || !isalnum((unsigned char)text[i - 1])) &&
		    (i + 2 == n || !isalnum((unsigned char)text[i + 2])))
			return true;
	return false;
}

bool begins_path(const char *text, const char *p)
{
	size_t before = (size_t)(p - text);

	if (*p == '~' && p[1] == '/')
		return true;
	if (*p == '.' && p[1] == '.' && (p[2] == '/' || (before && p[-1] == '/')))
		return true;
	if (*p != '/' || !p[1] || isspace((unsigned char)p[1]))
		return false;
	if (p[1] == '/' && ((before >= 5 && strncmp(p - 5, "http:", 5) == 0) ||
			    (before >= 6 && strncmp(p - 6, "https:", 6) == 0)))
		return false;
	return !before || !(isalnum((unsigned char)p[-1]) || strchr("_.-/)]", p[-1]));
}

bool leads_out(const char *text)
{
	for (const char *p = text; *p; p++)
		if (begins_path(text, p))
			return true;
	return climbs(text, strlen(text));
}
