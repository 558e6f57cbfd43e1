/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/own_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"

const struct own_name *own_names_find(const struct own_names *names, const void *bound, socklen_t bound_len)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		if (names->names[i].bound_len == bound_len && memcmp(&names->names[i].bound, bound, bound_len) == 0)
			return &names->names[i];
	return NULL;
}

bool own_names_fit(const struct own_names *names, const struct sockaddr_un *bound, socklen_t bound_len)
{
	return names->n < OWN_NAMES_MAX && !own_names_find(names, bound, bound_len);
}

void own_names_add(struct own_names *names, const struct sockaddr_un *bound, socklen_t bound_len, const void *asked,
		   socklen_t asked_len)
{
	struct own_name name = { .bound = *bound, .bound_len = bound_len, .asked_len = asked_len };

	memcpy(&name.asked, asked, MIN((size_t)asked_len, sizeof name.asked));
	grow_array(&names->names, &names->cap, names->n + 1, sizeof *names->names);
	names->names[names->n++] = name;
}

void own_names_fini(struct own_names *names)
{
	free(names->names);
	*names = (struct own_names){ 0 };
}
