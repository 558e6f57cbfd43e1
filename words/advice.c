/* SPDX-License-Identifier: Apache-2.0 */
#include "words/advice.h"

#include <ctype.h>

#include "base/util.h"

enum {
	FILES = 1 << SUBJECT_READ | 1 << SUBJECT_WRITE | 1 << SUBJECT_LOOK,
	WRITES = 1 << SUBJECT_WRITE,
	PROCESSES = 1 << SUBJECT_PROCESS,
	NETWORK = 1 << SUBJECT_NETWORK,
	ANY = FILES | PROCESSES | NETWORK | 1 << SUBJECT_MEMORY,
};

static const struct {
	const char *library; /* a module; "": one that has no frames */
	const char *call;    /* what the program's line holds where the library, being C code, has no frame; or NULL */
	unsigned subjects;   /* of the refused call */
	const char *advice;
} rows[] = {
	{ "sqlite3", "sqlite3.connect(", FILES, "keep the database in memory: sqlite3.connect(\":memory:\")" },
	{ "dbm", "dbm.open(", FILES, "keep it in a dictionary" },
	{ "shelve", "shelve.open(", FILES, "keep it in a dictionary" },
	{ "logging", NULL, WRITES, "log to standard error: logging.StreamHandler(), or basicConfig() without filename" },
	{ "tempfile", NULL, FILES, "keep it in memory: io.BytesIO() or io.StringIO() in place of a temporary file" },
	{ "shutil", NULL, WRITES, "keep what is copied or removed in memory (io.BytesIO)" },
	{ "zipfile", NULL, WRITES, "read members without unpacking them: ZipFile(name).read(member); write into io.BytesIO()" },
	{ "tarfile", NULL, WRITES, "read members without unpacking them: extractfile(); write into io.BytesIO()" },
	{ "gzip", NULL, WRITES, "compress in memory: gzip.compress(data)" },
	{ "PIL", NULL, WRITES, "save into memory: image.save(io.BytesIO(), format=\"PNG\")" },
	{ "pandas", NULL, WRITES, "write to standard output: df.to_csv(sys.stdout)" },
	{ "numpy", "np.save", WRITES, "write to standard output or memory: numpy.savetxt(sys.stdout, a), numpy.save(io.BytesIO(), a)" },
	{ "cProfile", NULL, WRITES, "print the profile: cProfile.run(code) without a file's name" },
	{ "multiprocessing", NULL, ANY, "use threads: concurrent.futures.ThreadPoolExecutor" },
	{ "concurrent", "ProcessPoolExecutor", ANY, "use threads: concurrent.futures.ThreadPoolExecutor" },
	{ "webbrowser", NULL, ANY, "print the address: there is no browser and no screen" },
	{ "platform", NULL, PROCESSES, "ask os.uname(): it starts no other program" },
	{ "uuid", NULL, PROCESSES | NETWORK, "use uuid.uuid4(): it asks for no address" },
	{ "ctypes", NULL, PROCESSES | FILES, "name the library itself: ctypes.CDLL(\"libm.so.6\")" },
	{ "subprocess", NULL, PROCESSES, "do the work in this process: most programs have a module of Python that does the same" },
	/* To clear the screen, or for colours on Windows. */
	{ "", "os.system(", PROCESSES, "print the escape codes for colours or a clear screen: print(\"\\033[2J\\033[H\", end=\"\")" },
	{ "", "os.popen(", PROCESSES, "do the work in this process: most programs have a module of Python that does the same" },
};

const char *advice_library(const char *path, size_t *ret_len)
{
	static const char *const places[] = { "/site-packages/", "/dist-packages/", "/lib/python3." };
	const char *name = path;

	for (size_t i = 0; i < ARRAY_SIZE(places) && name == path; i++) {
		const char *at = strstr(path, places[i]);

		if (!at)
			continue;
		name = at + strlen(places[i]);
		/* The minor version. */
		if (isdigit((unsigned char)*name) && strchr(name, '/'))
			name = strchr(name, '/') + 1;
	}
	*ret_len = strcspn(name, "/.");
	return name;
}

const char *advice_by_library(const char *through, const char *source, enum subject subject)
{
	size_t n = 0;
	const char *module = through ? advice_library(through, &n) : NULL;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool its = n && strlen(rows[i].library) == n && memcmp(module, rows[i].library, n) == 0;
		bool called = rows[i].call && source && strstr(source, rows[i].call);

		if (!(rows[i].subjects & 1u << subject))
			continue;
		if (called || its)
			return rows[i].advice;
	}
	return NULL;
}
