/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/xdg.h"

#include <stdlib.h>

#include "base/util.h"

char *xdg_directory(const char *variable, const char *below_home)
{
	const char *named = getenv(variable), *home = getenv("HOME");

	if (named && named[0] == '/')
		return xasprintf("%s/proctor", named);
	return home && home[0] == '/' ? xasprintf("%s/%s/proctor", home, below_home) : NULL;
}
