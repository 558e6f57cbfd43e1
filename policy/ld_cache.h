/* SPDX-License-Identifier: Apache-2.0 */
/* The directories that ldconfig(8) has put into the loader's cache. Private to policy/. */
#ifndef PROCTOR_POLICY_LD_CACHE_H
#define PROCTOR_POLICY_LD_CACHE_H

#include "base/util.h"

/* Calls EACH once with every directory (absolute) that /etc/ld.so.cache has libraries in. */
void ld_cache_dirs(void (*each)(const char *dir, void *arg), void *arg);
/* The same for a cache in memory. A cache that is damaged or of another format has no directories. */
void ld_cache_parse(const char *data, size_t len, void (*each)(const char *dir, void *arg),
		    void *arg);

#endif
