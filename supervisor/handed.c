/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/handed.h"

#include <unistd.h>

#include "base/util.h"

void handed_keep(struct handed *handed, int fd, int second, const struct user_regs_struct *regs)
{
	handed_drop(handed);
	*handed = (struct handed){ true, fd, second, *regs };
}

bool handed_is_for(const struct handed *handed, const struct user_regs_struct *regs)
{
	return handed->is && abi_is_same_call(&handed->regs, regs);
}

int handed_take(struct handed *handed, int *ret_second)
{
	handed->is = false;
	*ret_second = handed->second;
	return handed->fd;
}

void handed_drop(struct handed *handed)
{
	if (handed->is && handed->fd >= 0)
		close(handed->fd);
	if (handed->is && handed->second >= 0)
		close(handed->second);
	handed->is = false;
}
