/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/own_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/pool_socket.h"
#include "cli/warm.h"

/* Runs in the child. Its standard error is the command's, for messages about what cannot be held. */
static int run_pool(const struct pool_options *options, int fd, pid_t parent)
{
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		return EXIT_INTERNAL;
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return EXIT_INTERNAL;
	return pool_serve(options, fd);
}

int own_pool_start(struct pool_options options, struct own_pool *ret_pool)
{
	_cleanup_free_ char *name = NULL;
	pid_t parent = getpid(), pid;
	unsigned char random[16];
	char text[2 * sizeof random + 1];
	int fd;

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return -EIO;
	hex_text(random, sizeof random, text);
	name = xasprintf("@proctor-pool-%s", text);
	options.listen = name;
	options.quiet = options.lasting = true;
	fd = pool_listen(name, NULL);
	if (fd < 0)
		return fd;
	pid = fork();
	if (pid == 0)
		_exit(run_pool(&options, fd, parent));
	close(fd);
	if (pid < 0)
		return -errno;
	warm_trust(parent);
	*ret_pool = (struct own_pool){ .pid = pid, .name = steal_ptr(&name) };
	return 0;
}

void own_pool_end(struct own_pool *pool)
{
	int r;

	if (pool->pid) {
		kill(pool->pid, SIGTERM);
		do {
			r = (int)waitpid(pool->pid, NULL, 0);
		} while (r < 0 && errno == EINTR);
	}
	free(pool->name);
	*pool = (struct own_pool){ 0 };
}
