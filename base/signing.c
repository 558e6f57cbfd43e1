/* SPDX-License-Identifier: Apache-2.0 */
#include "base/signing.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <nettle/base64.h>
#include <nettle/eddsa.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"

_Static_assert(SIGNING_KEY == ED25519_KEY_SIZE && SIGNATURE == ED25519_SIGNATURE_SIZE, "as RFC 8032 has it");

enum { MAX_FILE = 4096 };

/* RFC 8410: the bytes before the 32 of the key, in a file without optional members. */
static const uint8_t private_head[] = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
					0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20 };
static const uint8_t public_head[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };

struct signing_key {
	uint8_t private[SIGNING_KEY], public[SIGNING_KEY];
	/* The file's contents, while it is read. */
	char text[MAX_FILE + 1];
	uint8_t bytes[BASE64_DECODE_LENGTH(MAX_FILE)];
};

/* ------------------------------------------------------------------ the library */

static struct {
	void (*public_key)(uint8_t *pub, const uint8_t *priv);
	void (*sign)(const uint8_t *pub, const uint8_t *priv, size_t length, const uint8_t *msg, uint8_t *signature);
	int (*verify)(const uint8_t *pub, size_t length, const uint8_t *msg, const uint8_t *signature);
} hogweed;
static bool is_loaded;

static bool find(void *library, const char *name, void *ret_function, size_t size)
{
	void *symbol = library ? dlsym(library, name) : NULL;

	/* ISO C has no cast from an object pointer to a function pointer; POSIX says they are alike. */
	if (symbol)
		memcpy(ret_function, &symbol, size);
	return symbol;
}

#define AS_TEXT(name) #name
#define SYMBOL(name) AS_TEXT(name)

static void load(void)
{
	/* Not linked: most runs sign nothing, and would only wait for it to load. */
	void *library = dlopen(HOGWEED_SONAME, RTLD_NOW | RTLD_LOCAL);

	is_loaded = find(library, SYMBOL(ed25519_sha512_public_key), &hogweed.public_key, sizeof hogweed.public_key) &&
		    find(library, SYMBOL(ed25519_sha512_sign), &hogweed.sign, sizeof hogweed.sign) &&
		    find(library, SYMBOL(ed25519_sha512_verify), &hogweed.verify, sizeof hogweed.verify);
}

static bool hogweed_load(struct buf *message)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	if (!is_loaded)
		buf_puts(message, "signatures need " HOGWEED_SONAME ", which is not installed");
	return is_loaded;
}

/* ------------------------------------------------------------------ PEM */

/* Decodes the one PEM document of KIND in TEXT. Returns how many bytes, or -EINVAL. RET_BYTES has room for TEXT. */
static ssize_t pem_decode(const char *text, const char *kind, uint8_t *ret_bytes)
{
	char begin[64], end[64];
	const char *from, *to;
	struct base64_decode_ctx ctx;
	size_t n;

	snprintf(begin, sizeof begin, "-----BEGIN %s-----", kind);
	snprintf(end, sizeof end, "-----END %s-----", kind);
	from = strstr(text, begin);
	to = from ? strstr(from, end) : NULL;
	if (!to)
		return -EINVAL;
	from += strlen(begin);
	n = BASE64_DECODE_LENGTH((size_t)(to - from));
	base64_decode_init(&ctx);
	if (!base64_decode_update(&ctx, &n, ret_bytes, (size_t)(to - from), from) || !base64_decode_final(&ctx))
		return -EINVAL;
	return (ssize_t)n;
}

/* The 32 bytes behind HEAD in the N bytes at BYTES; false: it is something else. */
static bool key_of(const uint8_t *bytes, ssize_t n, const uint8_t *head, size_t head_size, uint8_t ret_key[SIGNING_KEY])
{
	if (n != (ssize_t)(head_size + SIGNING_KEY) || memcmp(bytes, head, head_size) != 0)
		return false;
	memcpy(ret_key, bytes + head_size, SIGNING_KEY);
	return true;
}

/* ------------------------------------------------------------------ private keys */

static int say(struct buf *message, int r)
{
	buf_puts(message, strerror(-r));
	return r;
}

static int refuse(struct buf *message, const char *why)
{
	buf_puts(message, why);
	return -EPERM;
}

/* Anybody else who can read the key could sign too. */
static int check_file(int fd, struct buf *message)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return say(message, -errno);
	if (!S_ISREG(st.st_mode))
		return refuse(message, "not a regular file");
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return refuse(message, "the key is somebody else's");
	if (st.st_mode & 077)
		return refuse(message, "others may read the key, or write it: chmod 600");
	if (st.st_nlink != 1)
		return refuse(message, "the key has another name, by which somebody may read it");
	return 0;
}

static int read_key(int fd, struct signing_key *key, struct buf *message)
{
	ssize_t n = read(fd, key->text, MAX_FILE);

	if (n < 0)
		return say(message, -errno);
	key->text[n] = '\0';
	n = pem_decode(key->text, "PRIVATE KEY", key->bytes);
	if (!key_of(key->bytes, n, private_head, sizeof private_head, key->private)) {
		buf_lit(message, "not an Ed25519 private key in PEM: openssl genpkey -algorithm ed25519 makes one");
		return -EINVAL;
	}
	explicit_bzero(key->text, sizeof key->text);
	explicit_bzero(key->bytes, sizeof key->bytes);
	hogweed.public_key(key->public, key->private);
	return 0;
}

int signing_key_read(const char *path, struct signing_key **ret_key, char **ret_real, struct buf *message)
{
	_cleanup_free_ char *real = NULL;
	char name[32];
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct signing_key *key;
	int r;

	if (fd < 0)
		return say(message, -errno);
	r = check_file(fd, message);
	if (r < 0)
		return r;
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	r = read_link(AT_FDCWD, name, &real);
	if (r < 0)
		return say(message, r);
	if (!hogweed_load(message))
		return -ENOPKG;
	key = mmap(NULL, sizeof *key, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (key == MAP_FAILED)
		return say(message, -errno);
	/* If a limit forbids the lock, the key may be swapped out. */
	mlock(key, sizeof *key);
	if (madvise(key, sizeof *key, MADV_DONTFORK) < 0 || madvise(key, sizeof *key, MADV_DONTDUMP) < 0)
		r = say(message, -errno);
	else
		r = read_key(fd, key, message);
	if (r < 0) {
		signing_key_free(key);
		return r;
	}
	*ret_key = key;
	*ret_real = steal_ptr(&real);
	return 0;
}

void signing_key_free(struct signing_key *key)
{
	if (!key)
		return;
	explicit_bzero(key, sizeof *key);
	munmap(key, sizeof *key);
}

/* ------------------------------------------------------------------ signatures */

/* The text that is signed; its length. */
static size_t statement(enum signed_what what, const char sha256[65], char ret[96])
{
	int n = snprintf(ret, 96, "proctor %s 1\n%s\n", what == SIGNED_LOG ? "log" : "verdict", sha256);

	return (size_t)n;
}

static void put_bytes(const char *name, const uint8_t *bytes, size_t n, struct buf *out)
{
	char text[2 * SIGNATURE + 1];

	hex_text(bytes, n, text);
	json_put_word(out, name, text);
}

void signing_put(const struct signing_key *key, enum signed_what what, const char sha256[65], struct buf *out)
{
	uint8_t signature[SIGNATURE];
	char text[96];
	size_t n = statement(what, sha256, text);

	hogweed.sign(key->public, key->private, n, (const uint8_t *)text, signature);
	json_open(out, "signature");
	put_bytes("key", key->public, SIGNING_KEY, out);
	put_bytes("ed25519", signature, SIGNATURE, out);
	json_close(out);
}

int public_key_read(const char *name, struct public_key *ret_key, struct buf *message)
{
	_cleanup_free_ char *text = NULL;
	uint8_t bytes[BASE64_DECODE_LENGTH(MAX_FILE)];
	struct public_key key = { .name = name };
	size_t len;
	int r = read_file(AT_FDCWD, name, MAX_FILE, &text, &len);

	if (r < 0)
		return say(message, r);
	if (!hogweed_load(message))
		return -ENOPKG;
	if (!key_of(bytes, pem_decode(text, "PUBLIC KEY", bytes), public_head, sizeof public_head, key.bytes)) {
		buf_lit(message, "not an Ed25519 public key in PEM: openssl pkey -pubout makes it of the private one");
		return -EINVAL;
	}
	*ret_key = key;
	return 0;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes WORDS at *AT. */
static bool take_words(const char **at, const char *words)
{
	size_t n = strlen(words);

	if (strncmp(*at, words, n) != 0)
		return false;
	*at += n;
	return true;
}

static bool take_bytes(const char **at, uint8_t *ret_bytes, size_t n)
{
	for (; n; n--, *at += 2) {
		int high = digit((*at)[0]), low = high < 0 ? -1 : digit((*at)[1]);

		if (low < 0)
			return false;
		*ret_bytes++ = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool signature_find(const char *text, size_t len, struct signature *ret)
{
	static const char begin[] = ",\"signature\":{\"key\":\"", between[] = "\",\"ed25519\":\"", end[] = "\"}}";
	const size_t size = sizeof begin + sizeof between + sizeof end - 3 + 2 * (SIGNING_KEY + SIGNATURE);
	struct signature found;
	char last[512];
	const char *at = last;

	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	if (len < size)
		return false;
	found.body = len - size;
	/* A copy that ends in a NUL, whatever follows in TEXT. */
	memcpy(last, text + found.body, size);
	last[size] = '\0';
	if (!take_words(&at, begin) || !take_bytes(&at, found.key, SIGNING_KEY) || !take_words(&at, between) ||
	    !take_bytes(&at, found.bytes, SIGNATURE) || !take_words(&at, end))
		return false;
	*ret = found;
	return true;
}

bool signature_holds(const struct signature *signature, enum signed_what what, const char sha256[65])
{
	char text[96];
	size_t n = statement(what, sha256, text);

	return is_loaded && hogweed.verify(signature->key, n, (const uint8_t *)text, signature->bytes) == 1;
}
