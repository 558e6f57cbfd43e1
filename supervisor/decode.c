/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/util.h"
#include "tracee/memory.h"

static void read_path(struct request *request, unsigned arg, int dirfd)
{
	struct request_path *path = &request->paths[request->n_paths++];
	ssize_t n;

	path->dirfd = dirfd;
	path->err = 0;
	path->len = 0;
	path->text[0] = '\0';
	path->null = request->args[arg] == 0;
	n = memory_read_string(request->tid, request->args[arg], path->text, sizeof path->text);
	if (n >= 0)
		path->len = (size_t)n;
	else
		path->err = n == -ENAMETOOLONG ? ENAMETOOLONG : EFAULT;
	if (n < 0)
		path->text[n == -ENAMETOOLONG ? sizeof path->text - 1 : 0] = '\0';
}

/* openat2(2), "Extensibility": bytes beyond the struct that we know must be zero. */
static int read_how(pid_t tid, uint64_t addr, uint64_t size, struct open_how *how)
{
	char tail[ABI_PAGE];
	size_t i;

	if (size < sizeof *how)
		return EINVAL;
	if (size > ABI_PAGE)
		return E2BIG;
	if (memory_read(tid, addr, tail, (size_t)size) < 0)
		return EFAULT;
	for (i = sizeof *how; i < size; i++)
		if (tail[i])
			return E2BIG;
	memcpy(how, tail, sizeof *how);
	return 0;
}

static void read_open(struct request *request)
{
	const struct syscall_row *row = request->row;
	unsigned i;

	if (request->nr == SYS_openat2) {
		request->how_err =
			read_how(request->tid, request->args[2], request->args[3], &request->how);
		return;
	}
	if (request->nr == SYS_creat)
		request->how.flags = O_CREAT | O_WRONLY | O_TRUNC;
	for (i = 0; i < row->n_args; i++) {
		if (row->args[i] == ARG_OPEN_FLAGS)
			request->how.flags = (uint32_t)request->args[i];
		else if (row->args[i] == ARG_MODE)
			request->how.mode = request->args[i] & 07777;
	}
}

/* Room for the copy of argument N, at most WANT bytes. */
static char *text_room(struct request *request, unsigned n, size_t want, size_t *ret_size)
{
	char *at = request->text + request->text_len;
	size_t size = MIN(want, sizeof request->text - request->text_len);

	request->text_at[n] = (uint16_t)request->text_len;
	*ret_size = size;
	return at;
}

static void text_done(struct request *request, unsigned n, size_t size)
{
	request->text_size[n] = (uint16_t)size;
	request->text_len += size;
}

static void read_text(struct request *request, unsigned n)
{
	size_t room;
	char *at = text_room(request, n, 128, &room);
	ssize_t len;

	if (room == 0)
		return;
	len = memory_read_string(request->tid, request->args[n], at, room);
	if (len == -ENAMETOOLONG)
		text_done(request, n, room);
	else if (len >= 0)
		text_done(request, n, (size_t)len + 1);
}

/* An address longer than any can be is none: it is as if nothing had been read. */
static void read_bytes(struct request *request, unsigned n, uint64_t addr, uint32_t size)
{
	size_t room, len = size > sizeof(struct sockaddr_storage) ? 0 : size;
	char *at = text_room(request, n, len, &room);

	if (len && room == len && memory_read(request->tid, addr, at, len) == 0)
		text_done(request, n, len);
}

static void read_address(struct request *request, unsigned n)
{
	read_bytes(request, n, request->args[n], (uint32_t)request->args[n + 1]);
}

static void read_message(struct request *request, unsigned n)
{
	struct msghdr *message = &request->message;

	if (memory_read(request->tid, request->args[n], message, sizeof *message) < 0)
		request->message_err = EFAULT;
	else if (message->msg_name)
		read_bytes(request, n, (uintptr_t)message->msg_name, message->msg_namelen);
}

/* One more word; it may be as long as the words before it have left room. */
static int read_word(struct request *request, uint64_t addr)
{
	struct buf *argv = &request->argv;
	size_t taken = argv->len + (request->n_argv + 2) * sizeof addr;
	size_t left = taken < REQUEST_ARGV_MAX ? REQUEST_ARGV_MAX - taken : 0;
	char word[ABI_PAGE];
	ssize_t n;

	if (request->n_argv >= REQUEST_MAX_ARGV || left == 0)
		return E2BIG;
	for (;;) {
		n = memory_read_string(request->tid, addr, word, MIN(sizeof word, left));
		if (n == -ENAMETOOLONG && left > sizeof word) {
			buf_put(argv, word, sizeof word);
			addr += sizeof word;
			left -= sizeof word;
			continue;
		}
		if (n < 0)
			return n == -ENAMETOOLONG ? E2BIG : EFAULT;
		buf_put(argv, word, (size_t)n + 1);
		request->n_argv++;
		return 0;
	}
}

/* The first words for the log, each with its NUL. */
static void note_argv(struct request *request, unsigned n)
{
	const struct buf *argv = &request->argv;
	size_t room, used = 0, len;
	char *at = text_room(request, n, 320, &room);
	unsigned i;

	for (i = 0; i < 8 && i < request->n_argv; i++, used += len) {
		len = strlen(argv->data + used) + 1;
		if (len > room - used)
			break;
	}
	if (used)
		memcpy(at, argv->data, used);
	text_done(request, n, used);
}

static void read_argv(struct request *request, unsigned n)
{
	uint64_t addr = request->args[n], word = 0;

	for (; addr && !request->argv_err; addr += sizeof word) {
		if (memory_read(request->tid, addr, &word, sizeof word) < 0)
			request->argv_err = EFAULT;
		else if (word == 0)
			break;
		else
			request->argv_err = read_word(request, word);
	}
	note_argv(request, n);
}

static void read_arguments(struct request *request)
{
	const struct syscall_row *row = request->row;
	int dirfd = AT_FDCWD;
	unsigned i;

	for (i = 0; i < row->n_args; i++) {
		switch (row->args[i]) {
		case ARG_DIRFD:
			dirfd = (int)request->args[i];
			break;
		case ARG_PATH:
			if (request->n_paths < REQUEST_MAX_PATHS)
				read_path(request, i, dirfd);
			dirfd = AT_FDCWD;
			break;
		case ARG_TEXT:
			read_text(request, i);
			break;
		case ARG_SOCKET_ADDRESS:
			read_address(request, i);
			break;
		case ARG_MESSAGE:
			read_message(request, i);
			break;
		case ARG_ARGV:
			read_argv(request, i);
			break;
		default:
			break;
		}
	}
}

void decode(pid_t tgid, pid_t tid, const struct user_regs_struct *regs, struct request *ret_request)
{
	struct request *request = ret_request;

	request->tid = tid;
	request->tgid = tgid;
	request->nr = abi_nr(regs);
	request->abi = abi_of_nr(request->nr);
	request->regs = *regs;
	abi_get_args(regs, request->args);
	request->n_paths = 0;
	request->how = (struct open_how){ 0 };
	request->how_err = 0;
	request->message_err = 0;
	buf_clear(&request->argv);
	request->n_argv = 0;
	request->argv_err = 0;
	request->text_len = 0;
	memset(request->text_size, 0, sizeof request->text_size);
	request->row = request->abi == ABI_NATIVE ? syscall_row(request->nr) : NULL;
	if (!request->row)
		return;
	if (request->row->handler == HANDLE_OPEN)
		read_open(request);
	read_arguments(request);
}

void request_fini(struct request *request)
{
	buf_fini(&request->argv);
}

const char *request_name(const struct request *request, char buf[32])
{
	if (request->row)
		return request->row->name;
	snprintf(buf, 32, "syscall_%u", request->nr);
	return buf;
}
