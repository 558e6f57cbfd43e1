/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/template.h"

#include <ctype.h>
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracee/abi/abi.h"
#include "tracee/abi/instruction.h"
#include "tracee/finish.h"
#include "tracee/memory.h"
#include "tracee/native/image.h"
#include "tracee/spawn.h"
#include "tracee/syscalls.h"
#include "tracee/trace.h"

enum {
	SEARCH_NS = 2000000000, /* CPU time for looking up symbols: far more than it takes */
	MAPS_MAX = 4 << 20,
	TEXT_MAX = 4 << 20, /* bytes that the helper in the template returns */
	MAX_MEETING = 16, /* connections that wait where a child is waited for */
	FILE_INPUT = 257, /* Py_file_input */
	PR_GET_TID = 40,  /* PR_GET_TID_ADDRESS */
	PR_MAY_TRACE = 0x59616d61, /* PR_SET_PTRACER */
};

/* The template's working directory when it starts: the beginning of the full name that is searched for. */
static const char start_directory[] = "/usr";

/* Functions of the interpreter that are called or stopped at, and an object. All are in its stable ABI or exported
 * since 3.8. */
enum function {
	RUN_MAIN, BEFORE_FORK, AFTER_FORK_CHILD, DICT_NEW, DICT_GET, RUN_STRING, UNMARSHAL, CALL_OBJECT, BYTES_TEXT, BYTES_SIZE,
	FINALIZE, COLLECT, AT_EXIT, AUDIT_HOOK, TRUE_OBJECT, N_FUNCTIONS,
};
static const char *const function_names[N_FUNCTIONS] = {
	[RUN_MAIN] = "Py_RunMain",
	[BEFORE_FORK] = "PyOS_BeforeFork",
	[AFTER_FORK_CHILD] = "PyOS_AfterFork_Child",
	[DICT_NEW] = "PyDict_New",
	[DICT_GET] = "PyDict_GetItemString",
	[RUN_STRING] = "PyRun_StringFlags",
	[UNMARSHAL] = "PyMarshal_ReadObjectFromString",
	[CALL_OBJECT] = "PyObject_CallFunctionObjArgs",
	[BYTES_TEXT] = "PyBytes_AsString",
	[BYTES_SIZE] = "PyBytes_Size",
	[FINALIZE] = "Py_FinalizeEx",
	[COLLECT] = "PyGC_Collect",
	[AT_EXIT] = "Py_AtExit",
	[AUDIT_HOOK] = "PySys_AddAuditHook",
	[TRUE_OBJECT] = "_Py_TrueStruct",
};

/*
 * Python functions that are called in a template and in its forks. names() gets only data: sys.argv, and the words after
 * those that the template has; which of stdin, stdout and stderr differ in kind from the template's /dev/null, so that their streams have to be made
 * anew, as create_stdio() of Python/pylifecycle.c makes them; and the whole environment, if it differs from the
 * template's (os.environ uses the same dictionary). It also does two things that no fork hook does: sets the native id
 * of the first thread, and seeds numpy's global generator. If the template's HOME is the one that does not exist, the
 * paths that site made from it are changed to the true one.
 */
static const char helper[] =
	"import sys as _s; _b=list(_s.modules)\n"
	"import _io, _warnings as _q, posix as _p, gc as _g, _weakref as _w, _operator as _o\n"
	"own=[]\n"
	"def _make(sys,_io,before,own):\n"
	" def std(fd,name,w,old):\n"
	"  un=not hasattr(old.buffer,'raw') if w else old.write_through\n"
	"  buf=_io.open(fd,'wb' if w else 'rb',0 if un and w else -1,closefd=False); raw=buf if un and w else buf.raw\n"
	"  raw.name=name; tty=raw.isatty()\n"
	"  t=_io.TextIOWrapper(buf,old.encoding,old.errors,'\\n',bool(not un and (tty or fd==2)),un); t.mode='w' if w else 'r'\n"
	"  return t\n"
	" def note():\n"
	"  own[:]=[(n,id(s),id(s.buffer),id(getattr(s.buffer,'raw',None))) for n,s in (('stdin',sys.stdin),('stdout',sys.stdout),('stderr',sys.stderr))]\n"
	" def names(argv,tail,fix,env,modules=sys.modules):\n"
	"  sys.argv[:]=argv\n"
	"  if hasattr(sys,'orig_argv'): sys.orig_argv[-1:]=tail\n"
	"  if fix&1: sys.stdin=sys.__stdin__=std(0,'<stdin>',0,sys.stdin)\n"
	"  if fix&2: sys.stdout=sys.__stdout__=std(1,'<stdout>',1,sys.stdout)\n"
	"  if fix&4: sys.stderr=sys.__stderr__=std(2,'<stderr>',1,sys.stderr)\n"
	"  if fix: note()\n"
	"  if env:\n"
	"   p=modules['posix']; d=p.environ\n"
	"   for n in list(d): p.unsetenv(n)\n"
	"   d.clear()\n"
	"   for t in env:\n"
	"    n,_,v=t.encode('utf-8','surrogateescape').partition(b'='); p.putenv(n,v); d[n]=v\n"
	"   s=modules.get('site'); h=[t[5:] for t in env if t[:5]=='HOME=']\n"
	"   for n in ('USER_BASE','USER_SITE') if s and h else ():\n"
	"    v=s.__dict__.get(n)\n"
	"    if type(v) is str and v.startswith('" TEMPLATE_NO_HOME "/'): s.__dict__[n]=h[0]+v[len('" TEMPLATE_NO_HOME "'):]\n"
	"  t=modules.get('threading')\n"
	"  if t: t._main_thread._set_native_id()\n"
	"  t=modules.get('numpy.random')\n"
	"  if t: t.seed()\n"
	" def join(l): return b'\\0'.join(x.encode('utf-8','surrogateescape') for x in l)\n"
	" def load(l):\n"
	"  try:\n"
	"   for n in l: __import__(n)\n"
	"  except BaseException as e: return ('cannot import %s: %s: %s'%(n,type(e).__name__,e)).encode('utf-8','replace')\n"
	"  return b''\n"
	" def modules():\n"
	"  top=lambda l: {n.partition('.')[0] for n in l}\n"
	"  return join(sorted(top(sys.modules)-top(before)))\n"
	" def files():\n"
	"  l=[p for p in sys.path if type(p) is str]\n"
	"  for p in list(l):\n"
	"   try: l+=[p+'/'+n for n in sys.modules['posix'].listdir(p) if n[-4:]=='.pth']\n"
	"   except OSError: pass\n"
	"  l.append(sys.prefix+'/pyvenv.cfg')\n"
	"  for m in list(sys.modules.values()):\n"
	"   d=getattr(m,'__dict__',None)\n"
	"   if type(d) is not dict: continue\n"
	"   l+=[f for f in (d.get('__file__'),getattr(d.get('__spec__'),'cached',None)) if type(f) is str and f[:1]=='/']\n"
	"  return join(l)\n"
	" return names,load,modules,files,note\n"
	"names,load,modules,files,note=_make(_s,_io,_b,own)\n";

/*
 * Python functions that are called when a program ends (tracee/finish.h). untraced() and thaw() are built from C
 * functions only, so that neither a trace function nor a tool of sys.monitoring sees them; untraced() is true if none
 * has been set. What is asked, by one call, is built of C functions too: whether untraced() is true, and if so whether
 * quiet() is, to which kept holds on after the call. quiet() looks at all objects that the collector knows and that were
 * made after the fork, by slots only, so that it calls no code of the program. It is true if the streams are the original
 * ones and flushed, no object has a finalizer, no weak reference has a callback, and the collector has no callbacks. If
 * there is too much to look at, the answer is no. Whether a class of the template has been given a finalizer is looked up
 * from outside: to look at a class from inside copies its page. arm() returns the addresses of these classes in order,
 * behind that of one that has a finalizer.
 */
static const char ends[] =
	"def _make(sys,_io,gc,_w,_o,_q,_p,own):\n"
	" old=[type('_',(),{'__del__':lambda s: None})]; bad=[]; rules=[]; M=type(sys); C=type(len).__call__\n"
	" seen=[map(_o.is_,map(C,[sys.gettrace,sys.getprofile]),[None]*2)]\n"
	" if hasattr(sys,'monitoring'): seen.append(map(_o.is_,map(C,[sys.monitoring.get_tool]*6,range(6)),[None]*6))\n"
	" untraced=map(all,[map(all,seen)]).__next__\n"
	" def unseen(f): return map(all,[map(_o.methodcaller('__call__'),[untraced,f])]).__next__\n"
	" thaw=map(list,[map(C,[old.clear,bad.clear,gc.unfreeze])]).__next__\n"
	" objs=gc.get_objects; off=gc.disable; on=gc.enable; is_on=gc.isenabled; callbacks=gc.callbacks; sysd=sys.__dict__; mods=sys.modules\n"
	" T=type; Id=id; R=_w.ref; X=_io.TextIOWrapper; flush=X.flush; d=T.__dict__\n"
	" mro=d['__mro__'].__get__; ns=d['__dict__'].__get__; flags=d['__flags__'].__get__; call=R.__dict__['__callback__'].__get__\n"
	" files={Id(t) for t in (X,_io.BufferedReader,_io.BufferedWriter,_io.FileIO)}\n"
	" def warned():\n"
	"  w=mods.get('warnings'); f=w.__dict__['filters'] if T(w) is M else _q.filters\n"
	"  return list(map(Id,f))\n"
	" known=Id(T(_p.scandir('/')))\n" /* its finalizer only warns, if warnings are shown */
	" def arm():\n"
	"  rules[:]=warned()\n"
	"  for t in objs():\n"
	"   if T not in mro(T(t)): continue\n"
	"   if any('__del__' in ns(c) for c in mro(t) or ()):\n"
	"    if not flags(t)&16384 and Id(t)!=known: bad.append(t)\n" /* instances that the collector does not know: Py_TPFLAGS_HAVE_GC */
	"   elif flags(t)&512: old.append(t)\n" /* Py_TPFLAGS_HEAPTYPE */
	"  old[1:]=sorted(old[1:],key=Id)\n"
	"  return b''.join(Id(t).to_bytes(8,'little') for t in old)\n"
	" def look():\n"
	"  if bad or callbacks or rules!=warned() or '_interpreters' in mods or '_xxsubinterpreters' in mods: return False\n"
	"  mine=set()\n"
	"  for n,i,b,r in own:\n"
	"   o=sysd.get(n)\n"
	"   if Id(o)!=i or T(o) is not X: return False\n"
	"   u=o.buffer\n"
	"   if Id(u)!=b or Id(T(u)) not in files or Id(getattr(u,'raw',None))!=r or 'flush' in o.__dict__ or 'flush' in u.__dict__: return False\n"
	"   if n!='stdin': flush(o)\n"
	"   mine|={i,b,r}\n"
	"  l=objs()\n"
	"  if len(l)>200000: return False\n"
	"  ts=list(map(T,l)); kinds={}\n"
	"  for i,t in dict(zip(map(Id,ts),ts)).items():\n"
	"   for c in mro(t) or ():\n"
	"    if '__del__' in ns(c):\n"
	"     if i not in files: return False\n"
	"     kinds[i]=1\n"
	"    elif c is R: kinds[i]=2\n"
	"    elif c is T: kinds[i]=3\n"
	"  for o,k in zip(l,map(kinds.get,map(Id,ts))):\n"
	"   if k==1 and Id(o) not in mine or k==2 and call(o) is not None or k==3 and '__del__' in ns(o): return False\n"
	"  return True\n"
	" def quiet():\n"
	"  was=is_on(); off()\n"
	"  try: return look()\n"
	"  except BaseException: return False\n"
	"  finally:\n"
	"   if was: on()\n"
	" return unseen(quiet),thaw,arm,sys.addaudithook,quiet\n"
	"quiet,thaw,arm,hook,kept=_make(_s,_io,_g,_w,_o,_q,_p,own)\n"
	"for _n in list(_s.modules):\n"
	" if _n not in _b: del _s.modules[_n]\n"
	"del _s,_b,_io,_g,_w,_o,_q,_p,_n,_make\n";

/* The collector is no longer to look at the objects that exist now, nor to copy their pages by doing so. __main__ has
 * to end as it would without this, so there is a fresh one that is not frozen. */
static const char freeze[] =
	"import sys,gc\n"
	"note(); classes=arm(); gc.freeze()\n"
	"old=sys.modules['__main__']; m=type(sys)('__main__'); m.__dict__.clear(); m.__dict__.update(old.__dict__)\n"
	"i=list(sys.modules); v=dict(sys.modules); v['__main__']=m; had='gc' in i[:-1]\n"
	"for k in i: del sys.modules[k]\n"
	"for k in i:\n"
	" if k!='gc' or had: sys.modules[k]=v[k]\n"
	"del sys,gc,old,m,i,v,k,had\n";

/* A template that is being made. */
struct making {
	const struct template_options *options;
	struct template *template;
	struct call_list list;
	uint64_t function[N_FUNCTIONS], fork; /* fork: libc's */
	uint64_t helpers; /* the dictionary of the helper's names */
	char sentinel[TEMPLATE_NAME_MAX + 1];
	struct buf *why;
};

static int cannot(struct making *m, int r, const char *what)
{
	if (!m->why->len)
		buf_printf(m->why, "%s%s%s", what, r == -ENOTSUP ? "" : ": ", r == -ENOTSUP ? "" : strerror(-r));
	return r;
}

/* ------------------------------------------------------------------ starting it */

static int set_up_stdio(void)
{
	int fd, null = open("/dev/null", O_RDWR);

	if (null < 0)
		return -errno;
	for (fd = 0; fd <= 2; fd++)
		if (dup2(null, fd) < 0)
			return -errno;
	return syscall(SYS_close_range, 3u, ~0u, 0u) < 0 ? -errno : 0;
}

/* sched(7): with autogroups, a new session has its own nice value. It is to be that of the process that started the
 * template, as it would be in the same session. */
static int group_nice(void)
{
	_cleanup_free_ char *text = NULL;
	const char *at = read_file(AT_FDCWD, "/proc/self/autogroup", 256, &text, NULL) == 0 ? strstr(text, " nice ") : NULL;

	return at ? (int)strtol(at + 6, NULL, 10) : 0;
}

static void set_group_nice(int nice)
{
	_cleanup_close_ int fd = nice ? open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC) : -1;

	/* If this is not permitted it stays as it is: only timing depends on it. */
	if (fd >= 0)
		dprintf(fd, "%d", nice);
}

static void run_child(const struct making *m, char *const *argv, int go)
{
	const struct template_options *o = m->options;
	const struct rlimit core = { 0, 0 };
	sigset_t none;
	int signal, nice = group_nice();
	char byte;

	if (read_full(go, &byte, 1) != 1 || set_up_stdio() < 0 || chdir(start_directory) < 0)
		_exit(EXIT_NOT_FOUND);
	/* Not on our terminal: neither its keys nor its hangup may reach the runs. */
	setsid();
	set_group_nice(nice);
	if (setrlimit(RLIMIT_STACK, &o->stack) < 0 || setrlimit(RLIMIT_CORE, &core) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || spawn_drop_capabilities(0) < 0)
		_exit(EXIT_NOT_FOUND);
	for (signal = 1; signal < 65; signal++)
		if (signal != SIGKILL && signal != SIGSTOP)
			sigaction(signal, &(struct sigaction){ .sa_handler = o->ignored & UINT64_C(1) << (signal - 1) ? SIG_IGN : SIG_DFL }, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(o->path, argv, o->envp);
	_exit(EXIT_NOT_FOUND);
}

static char **make_argv(struct making *m)
{
	char **argv = NULL;

	memset(m->sentinel, 'x', TEMPLATE_NAME_MAX);
	memcpy(m->sentinel, "proctor-template-", sizeof("proctor-template-") - 1);
	memcpy(m->sentinel + TEMPLATE_NAME_MAX - 3, ".py", 3);
	strv_extend(&argv, m->options->argv);
	strv_add(&argv, xstrdup(m->sentinel));
	return argv;
}

/* Forks, attaches, lets it execute: when this returns 0 it is stopped right after the exec. */
static int start(struct making *m)
{
	struct template *t = m->template;
	struct trace_stop stop = { .event = TRACE_INTERRUPTED };
	char **argv = make_argv(m);
	int go[2], r;

	if (pipe2(go, O_CLOEXEC) < 0) {
		strv_free(argv);
		return -errno;
	}
	t->pid = fork();
	if (t->pid == 0) {
		close(go[1]);
		run_child(m, argv, go[0]);
	}
	strv_free(argv);
	r = t->pid < 0 ? -errno : trace_seize(t->pid);
	if (r == 0) {
		t->pidfd = (int)syscall(SYS_pidfd_open, t->pid, 0);
		if (t->pidfd < 0)
			r = -errno;
	}
	if (r == 0 && write_full(go[1], "g", 1) < 0)
		r = -EIO;
	close(go[0]);
	close(go[1]);
	while (r == 0 && stop.event != TRACE_EXEC) {
		r = trace_wait_for(t->pid, &stop);
		if (r == 0 && stop.event == TRACE_EXITED)
			r = -ENOEXEC;
		else if (r == 0 && stop.event != TRACE_EXEC)
			r = trace_resume(t->pid, RESUME, 0);
	}
	return r;
}

/* ------------------------------------------------------------------ its map and its symbols */

/* for_each_mapping() calls EACH for the template's mappings, until it returns other than 0. PATH may be empty. */
struct mapping {
	uint64_t start, end, offset;
	char perms[5];
	const char *path;
};

static int for_each_mapping(pid_t pid, int (*each)(void *arg, const struct mapping *mapping), void *arg)
{
	_cleanup_free_ char *name = xasprintf("/proc/%d/maps", pid), *text = NULL;
	char *line, *next;
	int r = read_file(AT_FDCWD, name, MAPS_MAX, &text, NULL);

	for (line = text; r == 0 && line && *line; line = next) {
		unsigned long long start, end, offset;
		struct mapping mapping;
		int at = 0;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		/* proc_pid_maps(5) */
		if (sscanf(line, "%llx-%llx %4s %llx %*x:%*x %*u %n", &start, &end, mapping.perms, &offset, &at) != 4 || !at)
			return -EIO;
		mapping.start = start;
		mapping.end = end;
		mapping.offset = offset;
		mapping.path = line + at;
		r = each(arg, &mapping);
	}
	return r;
}

struct search {
	const char *path; /* canonical, or NULL: any file called BASE */
	const char *base;
	uint64_t start;
	char *found;
};

static int match_file(void *arg, const struct mapping *mapping)
{
	struct search *s = arg;
	const char *slash = strrchr(mapping->path, '/');

	if (mapping->offset || *mapping->path != '/' ||
	    !(s->path ? streq(mapping->path, s->path) : streq(slash + 1, s->base)))
		return 0;
	s->start = mapping->start;
	s->found = xstrdup(mapping->path);
	return 1;
}

/* The addresses of N symbols of the file that SEARCH is for. 0, -ENOENT, or -errno. */
static int find_symbols(struct making *m, struct search *search, const char *const *names, size_t n, uint64_t *ret)
{
	_cleanup_free_ char *found = NULL;
	struct image_cache cache;
	struct budget budget;
	struct pages pages = { 0 };
	struct image image;
	size_t i;
	int r = for_each_mapping(m->template->pid, match_file, search), fd;

	found = search->found;
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	fd = open(found, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	budget_start(&budget, SEARCH_NS);
	pages_init(&pages, &budget);
	image_cache_init(&cache, &pages);
	r = image_init(&image, &cache, fd, search->start);
	for (i = 0; r == 0 && i < n; i++)
		r = image_symbol(&image, names[i], &ret[i], NULL);
	if (r == 0 || i > 0)
		image_fini(&image);
	image_cache_fini(&cache);
	pages_fini(&pages);
	return r;
}

/* ------------------------------------------------------------------ getting it to where it is held */

/* Lets it go on to ADDRESS; when this returns 0 it is stopped there, with its registers in the list. */
static int run_to(struct making *m, uint64_t address)
{
	struct user_regs_struct *regs = &m->list.held;
	pid_t pid = m->template->pid;
	uint64_t text;
	int r = trace_peek_text(pid, address, &text);

	if (r == 0)
		r = trace_poke_text(pid, address, abi_with_breakpoint(text));
	if (r == 0)
		r = call_list_resume(&m->list);
	if (r == 0)
		r = trace_get_registers(pid, regs);
	if (r == 0 && abi_ip(regs) != address + ABI_BREAKPOINT_BYTES)
		r = -EIO;
	if (r == 0)
		r = trace_poke_text(pid, address, text);
	abi_go_to(regs, address);
	return r == 0 ? trace_set_registers(pid, regs) : r;
}

static int find_entry(pid_t pid, uint64_t *ret_entry)
{
	_cleanup_close_ int fd = open_proc(pid, "auxv", O_RDONLY);
	uint64_t pair[2];

	while (fd >= 0 && read_full(fd, pair, sizeof pair) == (ssize_t)sizeof pair && pair[0] != AT_NULL)
		if (pair[0] == AT_ENTRY) {
			*ret_entry = pair[1];
			return 0;
		}
	return -EIO;
}

static int hold(struct making *m)
{
	struct search core = { .path = m->options->core }, libc = { .base = "libc.so.6" };
	const char *const fork_name = "fork";
	uint64_t entry = 0;
	int r = find_entry(m->template->pid, &entry);

	/* At the entry point every library that it is linked to is mapped. */
	if (r == 0)
		r = run_to(m, entry);
	if (r < 0)
		return cannot(m, r, "it does not start");
	if (find_symbols(m, &core, function_names, N_FUNCTIONS, m->function) < 0)
		return cannot(m, -ENOTSUP, "it does not export the functions that are needed");
	if (find_symbols(m, &libc, &fork_name, 1, &m->fork) < 0)
		return cannot(m, -ENOTSUP, "its C library is not glibc, or is linked statically");
	r = run_to(m, m->function[RUN_MAIN]);
	return r < 0 ? cannot(m, r, "it does not come to its main function") : 0;
}

/* ------------------------------------------------------------------ calls in it */

static int map_area(struct making *m)
{
	const uint64_t map[6] = { CALL_AREA, CALL_AREA_SIZE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, (uint64_t)-1, 0 };
	const uint64_t protect[6] = { CALL_AREA, CALL_CODE_SIZE, PROT_READ | PROT_EXEC };
	unsigned char code[CALL_CODE_SIZE];
	struct trace_injection injection;
	int64_t result = 0;
	int r = trace_inject_begin(m->template->pid, &injection);

	if (r < 0)
		return r;
	r = trace_inject(&injection, SYS_mmap, map, &result);
	if (r == 0 && result != CALL_AREA)
		r = result < 0 ? (int)result : -EEXIST;
	call_list_code(code);
	if (r == 0)
		r = memory_write(m->template->pid, CALL_AREA, code, sizeof code);
	if (r == 0)
		r = trace_inject(&injection, SYS_mprotect, protect, &result);
	if (r == 0)
		r = (int)result;
	if (r == 0)
		r = trace_inject_end(&injection);
	/* From here on it runs only our calls. */
	return r == 0 ? trace_set_signal_mask(m->template->pid, UINT64_MAX) : r;
}

#define ARGS(...) ((const uint64_t[6]){ __VA_ARGS__ })

/* Runs Python text in DICT; *RET_OK: it raised nothing. */
static int run_text(struct making *m, const char *text, uint64_t dict, bool *ret_ok)
{
	struct call_list *list = &m->list;
	uint64_t at;
	int r;

	call_list_clear(list);
	at = call_list_put(list, text, strlen(text) + 1);
	call_list_function(list, m->function[RUN_STRING], ARGS(at, FILE_INPUT, dict, dict));
	r = call_list_run(list);
	*ret_ok = r == 0 && list->entry[0].result != 0;
	return r;
}

static int make_helpers(struct making *m)
{
	struct call_list *list = &m->list;
	bool ok = false;
	int r;

	call_list_clear(list);
	call_list_function(list, m->function[DICT_NEW], ARGS(0));
	r = call_list_run(list);
	m->helpers = list->entry[0].result;
	if (r == 0)
		r = run_text(m, helper, m->helpers, &ok);
	if (r == 0 && ok)
		r = run_text(m, ends, m->helpers, &ok);
	return r == 0 && !ok ? -ENOTSUP : r;
}

static int find_helper(struct making *m, const char *name, uint64_t *ret_function)
{
	struct call_list *list = &m->list;
	int r;

	call_list_clear(list);
	call_list_function(list, m->function[DICT_GET], ARGS(m->helpers, call_list_put(list, name, strlen(name) + 1)));
	r = call_list_run(list);
	*ret_function = list->entry[0].result;
	return r == 0 && !*ret_function ? -ENOTSUP : r;
}

/* Where the text of the bytes object OBJECT is, and its length. */
static int find_bytes(struct making *m, uint64_t object, uint64_t *ret_text, uint64_t *ret_len)
{
	struct call_list *list = &m->list;
	size_t text, size;
	int r;

	call_list_clear(list);
	text = call_list_function(list, m->function[BYTES_TEXT], ARGS(object));
	size = call_list_function(list, m->function[BYTES_SIZE], ARGS(object));
	r = call_list_run(list);
	*ret_text = list->entry[text].result;
	*ret_len = list->entry[size].result;
	return r == 0 && !*ret_text ? -ENOTSUP : r;
}

/* Calls helper NAME, with the marshalled ARGUMENT (N bytes) if any. RET_TEXT: the bytes that it returns, and a NUL. */
static int ask(struct making *m, const char *name, const void *argument, size_t n, char **ret_text, size_t *ret_len)
{
	struct call_list *list = &m->list;
	uint64_t function, address, len;
	size_t load, call;
	int r = find_helper(m, name, &function);
	char *bytes;

	if (r < 0)
		return r;
	call_list_clear(list);
	if (n) {
		load = call_list_function(list, m->function[UNMARSHAL], ARGS(call_list_put(list, argument, n), n));
		call = call_list_function(list, m->function[CALL_OBJECT], ARGS(function, 0, 0));
		call_list_pass(list, load, call, 1);
	} else {
		call = call_list_function(list, m->function[CALL_OBJECT], ARGS(function, 0));
	}
	r = call_list_run(list);
	if (r < 0 || !list->entry[call].result)
		return r < 0 ? r : -ENOTSUP;
	r = find_bytes(m, list->entry[call].result, &address, &len);
	if (r < 0 || len > TEXT_MAX)
		return r < 0 ? r : -ENOTSUP;
	bytes = xmalloc(len + 1);
	r = call_list_read(list, address, bytes, len);
	if (r < 0) {
		free(bytes);
		return r;
	}
	bytes[len] = '\0';
	*ret_text = bytes;
	*ret_len = len;
	return 0;
}

/* Appends the texts that helper NAME returns to LIST. */
static int ask_list(struct making *m, const char *name, char ***list)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0, at;
	int r = ask(m, name, NULL, 0, &text, &len);

	for (at = 0; r == 0 && at < len; at += strlen(text + at) + 1)
		strv_add(list, xstrdup(text + at));
	return r;
}

/*
 * What TID has opened, if the stop is the end of such a call: at its beginning its result is -ENOSYS. /proc tells of the
 * process that asks.
 */
static void note_opened(void *watcher, pid_t tid)
{
	struct template *t = watcher;
	_cleanup_free_ char *path = NULL;
	const struct syscall_row *row;
	struct user_regs_struct regs;
	char name[64];

	if (trace_get_registers(tid, &regs) < 0 || abi_result(&regs) < 0)
		return;
	row = syscall_row(abi_nr(&regs));
	if (!row || row->handler != HANDLE_OPEN)
		return;
	snprintf(name, sizeof name, "/proc/%d/fd/%d", tid, (int)abi_result(&regs));
	if (read_link(AT_FDCWD, name, &path) == 0 && *path == '/' && !after_prefix(path, "/proc/"))
		strv_add(&t->files, xstrdup(path));
}

/* Marshal: a list ('[') of texts ('u'), each with its length in 32 bits. */
static int preload(struct making *m)
{
	const char *const *names = m->options->preload;
	_cleanup_buf_ struct buf list = { 0 };
	_cleanup_free_ char *problem = NULL;
	uint32_t n = 0, len;
	size_t size;
	int r;

	while (names[n])
		n++;
	if (n == 0)
		return 0;
	buf_putc(&list, '[');
	buf_put(&list, &n, sizeof n);
	for (; *names; names++) {
		len = (uint32_t)strlen(*names);
		buf_putc(&list, 'u');
		buf_put(&list, &len, sizeof len);
		buf_put(&list, *names, len);
	}
	m->list.watcher = m->template;
	m->list.watch = note_opened;
	r = ask(m, "load", list.data, list.len, &problem, &size);
	m->list.watch = NULL;
	if (r < 0)
		return cannot(m, r, "cannot import what is to be preloaded");
	return size ? cannot(m, -ENOTSUP, problem) : 0;
}

/* ------------------------------------------------------------------ can it be forked? */

static int count_entries(pid_t pid, const char *directory)
{
	_cleanup_free_ char *name = xasprintf("/proc/%d/%s", pid, directory);
	_cleanup_closedir_ DIR *dir = opendir(name);
	const struct dirent *entry;
	int n = 0;

	while (dir && (entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	return dir ? n : -errno;
}

/*
 * Libraries that keep threads, such as OpenBLAS, end them in a handler before fork(3). The child is not wanted: it
 * meets the loop's breakpoint and dies of it, and the template has to wait for it.
 */
static int end_threads(struct making *m)
{
	struct call_list *list = &m->list;
	pid_t pid = m->template->pid;
	int r;

	if (count_entries(pid, "task") == 1)
		return 0;
	call_list_clear(list);
	call_list_function(list, m->fork, ARGS(0));
	r = call_list_run(list);
	if (r < 0)
		return r;
	call_list_clear(list);
	call_list_syscall(list, SYS_wait4, ARGS((uint64_t)-1, 0, 0, 0));
	return call_list_run(list);
}

static int refuse_shared(void *arg, const struct mapping *mapping)
{
	(void)arg;
	return mapping->perms[1] == 'w' && mapping->perms[3] == 's' ? 1 : 0;
}

static int check_forkable(struct making *m)
{
	pid_t pid = m->template->pid;
	int n = count_entries(pid, "task"), r;

	if (n != 1)
		return cannot(m, -ENOTSUP, "it keeps threads that a fork would not have");
	n = count_entries(pid, "fd");
	if (n != 3)
		return cannot(m, -ENOTSUP, "it keeps files open");
	r = for_each_mapping(pid, refuse_shared, NULL);
	if (r)
		return cannot(m, r < 0 ? r : -ENOTSUP, "it keeps memory that its forks would share");
	return 0;
}

/* ------------------------------------------------------------------ its forks' ends */

/* The C function of a Python built-in: behind its head a PyCFunctionObject points to a PyMethodDef, which has the name,
 * then the function. The same since Python 2. */
static int find_c_function(struct making *m, uint64_t object, uint64_t *ret_address)
{
	uint64_t definition;
	int r = call_list_read(&m->list, object + 16, &definition, sizeof definition);

	return r == 0 ? call_list_read(&m->list, definition + 8, ret_address, sizeof *ret_address) : r;
}

static int find_classes(struct making *m)
{
	struct template_end *end = &m->template->facts.end;
	uint64_t object, len = 0;
	int r = find_helper(m, "classes", &object);

	if (r == 0)
		r = find_bytes(m, object, &end->classes, &len);
	end->n_classes = (uint32_t)(len / sizeof(uint64_t));
	return r == 0 && len > TEXT_MAX ? -ENOTSUP : r;
}

static int find_end(struct making *m)
{
	struct template_end *end = &m->template->facts.end;
	uint64_t hook = 0;
	int r = find_helper(m, "quiet", &end->quiet);

	if (r == 0)
		r = find_helper(m, "thaw", &end->thaw);
	if (r == 0)
		r = find_helper(m, "hook", &hook);
	if (r == 0)
		r = find_c_function(m, hook, &end->at[TEMPLATE_AUDIT_HOOK]);
	if (r == 0)
		r = find_classes(m);
	end->at[TEMPLATE_FINALIZE] = m->function[FINALIZE];
	end->at[TEMPLATE_COLLECT] = m->function[COLLECT];
	end->at[TEMPLATE_AT_EXIT] = m->function[AT_EXIT];
	end->at[TEMPLATE_AUDIT_HOOK_OF_C] = m->function[AUDIT_HOOK];
	end->call = m->function[CALL_OBJECT];
	end->yes = m->function[TRUE_OBJECT];
	return r;
}

/* Writes the breakpoints, or puts back what was there. */
static int set_stops(struct making *m, bool breakpoints)
{
	struct template_end *end = &m->template->facts.end;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < TEMPLATE_STOPS; i++) {
		if (breakpoints)
			r = trace_peek_text(m->template->pid, end->at[i], &end->text[i]);
		if (r == 0)
			r = trace_poke_text(m->template->pid, end->at[i],
					    breakpoints ? abi_with_breakpoint(end->text[i]) : end->text[i]);
	}
	end->n = r == 0 && breakpoints ? TEMPLATE_STOPS : 0;
	return r;
}

static int clone_child(struct template *t, struct call_list *list, struct template_fork *fork);
static void end_process(pid_t pid, int pidfd);

/* Lets a child finalise the interpreter, from stop to stop. 0 if it reaches the questions and then leaves early. */
static int follow_end(struct making *m, struct call_list *list)
{
	struct finishing finish;
	struct user_regs_struct regs;
	int r, stops;

	finishing_init(&finish, &m->template->facts.end, true);
	call_list_clear(list);
	call_list_function(list, m->function[FINALIZE], ARGS(0));
	/* It stops on the way, so there are no results yet. */
	r = call_list_run(list);
	r = r == -EIO ? trace_get_registers(list->tid, &regs) : -ENOTSUP;
	for (stops = 0; r == 0 && stops <= FINISH_THAWING && finishing_trap(&finish, list->tid, true, &regs); stops++) {
		r = trace_set_registers(list->tid, &regs);
		if (r == 0)
			r = call_list_resume(list);
		if (r == 0)
			r = trace_get_registers(list->tid, &regs);
	}
	return r == 0 && !finish.left ? -ENOTSUP : r;
}

static int try_end(struct making *m)
{
	struct template_fork fork = { .pidfd = -1, .socket = -1 };
	struct call_list *list = xmalloc(sizeof *list);
	int r;

	call_list_init(list, m->template->pid, &m->list.held);
	list->give_up = m->options->give_up;
	r = clone_child(m->template, list, &fork);
	if (r == 0)
		r = follow_end(m, list);
	if (fork.pidfd >= 0)
		end_process(fork.pid, fork.pidfd);
	call_list_fini(list);
	free(list);
	return r;
}

/* Freezes what the template has, if its forks can thaw it or show that they need not: a fork is made to try it. An
 * interpreter whose functions were inlined is held without this. */
static int make_end(struct making *m)
{
	bool ok = false;
	int r = run_text(m, freeze, m->helpers, &ok);

	if (r == 0 && !ok)
		return -ENOTSUP;
	if (r == 0)
		r = find_end(m);
	if (r == 0)
		r = set_stops(m, true);
	if (r < 0)
		return r;
	r = try_end(m);
	if (r == 0 || r == -EINTR)
		return r;
	r = set_stops(m, false);
	if (r == 0)
		r = run_text(m, "import gc; gc.unfreeze()\n", m->helpers, &ok);
	return r == 0 && !ok ? -ENOTSUP : r;
}

/* ------------------------------------------------------------------ where its names are */

struct scan {
	struct making *m;
	uint32_t *block;
	size_t cap;
};

static bool matches(const uint32_t *at, const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (at[i] != (unsigned char)text[i])
			return false;
	return true;
}

static int note(uint32_t *n, uint64_t *list, uint64_t address)
{
	if (*n == TEMPLATE_STRINGS)
		return -ENOTSUP;
	list[(*n)++] = address;
	return 0;
}

/* The wide strings of CPython's configuration that are the sentinel's names, or a text that is the sentinel, to
 * which CPython has added a newline. */
static int scan_mapping(void *arg, const struct mapping *mapping)
{
	struct scan *s = arg;
	struct making *m = s->m;
	struct template_facts *facts = &m->template->facts;
	size_t size = (size_t)(mapping->end - mapping->start), n = size / sizeof(uint32_t), i;
	char before[sizeof start_directory + 1];
	size_t len = (size_t)snprintf(before, sizeof before, "%s/", start_directory);
	int r = 0;

	if (mapping->perms[1] != 'w' || *mapping->path == '/' || streq(mapping->path, "[stack]") ||
	    mapping->start == CALL_AREA + CALL_CODE_SIZE)
		return 0;
	grow_array(&s->block, &s->cap, n, sizeof(uint32_t));
	if (memory_read(m->template->pid, mapping->start, s->block, n * sizeof(uint32_t)) < 0)
		return 0; /* unreadable: no name can have been written there */
	for (i = 0; r == 0 && i + TEMPLATE_NAME_MAX + 1 < n; i++) {
		uint64_t address = mapping->start + i * sizeof(uint32_t);
		const uint32_t *end = s->block + i + TEMPLATE_NAME_MAX;
		bool text = end[0] == '\n' && end[1] == 0;

		if (s->block[i] != 'p' || (end[0] != 0 && !text) || !matches(s->block + i, m->sentinel, TEMPLATE_NAME_MAX))
			continue;
		if (text)
			r = note(&facts->n_full, facts->full, address);
		else if (i >= len && matches(s->block + i - len, before, len))
			r = note(&facts->n_full, facts->full, address - len * sizeof(uint32_t));
		else
			r = note(&facts->n_given, facts->given, address);
	}
	return r;
}

static int find_names(struct making *m)
{
	const struct template_facts *facts = &m->template->facts;
	char *const *argv = m->options->argv;
	const char *last = argv[strv_length((char **)(uintptr_t)argv) - 1];
	bool full = !streq(last, "-m") && !streq(last, "-"), given = !streq(last, "-c") && !streq(last, "-");
	struct scan scan = { .m = m };
	int r = for_each_mapping(m->template->pid, scan_mapping, &scan);

	free(scan.block);
	if (r == 0 && ((full && !facts->n_full) || (given && !facts->n_given)))
		r = -ENOTSUP;
	return r < 0 ? cannot(m, r, "it keeps the program's name where it is not looked for") : 0;
}

/* proc_pid_stat(5), fields 26 to 51. */
static int find_layout(struct making *m)
{
	struct template_mm_map *mm = &m->template->facts.mm;
	_cleanup_free_ char *name = xasprintf("/proc/%d/stat", m->template->pid), *text = NULL;
	uint64_t field[52] = { 0 };
	char *at;
	int r = read_file(AT_FDCWD, name, 65536, &text, NULL), i;

	if (r < 0)
		return r;
	at = strrchr(text, ')');
	if (!at)
		return -EIO;
	for (i = 3, at += 2; i < 52 && at; i++) {
		field[i] = i > 3 ? strtoull(at, NULL, 10) : 0;
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	if (i != 52 || !field[51])
		return -EIO;
	call_list_clear(&m->list);
	call_list_syscall(&m->list, SYS_brk, ARGS(0));
	r = call_list_run(&m->list);
	*mm = (struct template_mm_map){
		.start_code = field[26], .end_code = field[27], .start_data = field[45], .end_data = field[46],
		.start_brk = field[47], .brk = m->list.entry[0].result, .start_stack = field[28],
		.arg_start = field[48], .arg_end = field[49], .env_start = field[50], .env_end = field[51], .exe_fd = -1,
	};
	return r;
}

/* Where libc has its first thread's id and the list of its robust mutexes. */
static int find_thread(struct making *m)
{
	struct call_list *list = &m->list;
	uint64_t value[3] = { 0 }, at;
	int r;

	call_list_clear(list);
	at = call_list_put(list, value, sizeof value);
	call_list_syscall(list, SYS_prctl, ARGS(PR_GET_TID, at));
	call_list_syscall(list, SYS_get_robust_list, ARGS(0, at + 8, at + 16));
	r = call_list_run(list);
	if (r == 0 && (list->entry[0].result || list->entry[1].result))
		return cannot(m, -ENOTSUP, "this kernel does not tell what a fork has to set up");
	if (r == 0)
		r = call_list_read(list, at, value, sizeof value);
	m->template->tid_address = value[0];
	m->template->facts.robust_list = value[1];
	m->template->facts.robust_list_size = value[2];
	return r;
}

/* ------------------------------------------------------------------ all of it */

static int add_mapped(void *arg, const struct mapping *mapping)
{
	char ***files = arg;

	if (*mapping->path == '/' && mapping->offset == 0)
		strv_add(files, xstrdup(mapping->path));
	return 0;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Each once: the list goes to every run. */
static void sort_files(char **files)
{
	size_t i, n = strv_length(files), kept = 0;

	if (n > 1)
		qsort(files, n, sizeof *files, compare_texts);
	for (i = 0; i < n; i++) {
		if (kept && streq(files[kept - 1], files[i]))
			free(files[i]);
		else
			files[kept++] = files[i];
	}
	if (n)
		files[kept] = NULL;
}

static int load_all(struct making *m)
{
	struct template *t = m->template;
	int r = make_helpers(m);

	if (r < 0)
		return cannot(m, r, "it does not take the helper");
	r = preload(m);
	if (r == 0)
		r = end_threads(m);
	if (r == 0)
		r = ask_list(m, "modules", &t->modules);
	if (r == 0)
		r = ask_list(m, "files", &t->files);
	if (r == 0)
		r = for_each_mapping(t->pid, add_mapped, &t->files);
	sort_files(t->files);
	if (r == 0)
		r = find_helper(m, "names", &t->facts.names);
	return r;
}

static int make(struct making *m)
{
	struct template_facts *facts = &m->template->facts;
	int r = start(m);

	if (r < 0)
		return cannot(m, r, "cannot start the interpreter");
	call_list_init(&m->list, m->template->pid, &(const struct user_regs_struct){ 0 });
	m->list.give_up = m->options->give_up;
	r = hold(m);
	if (r == 0)
		r = map_area(m);
	if (r == 0)
		r = find_thread(m);
	if (r == 0)
		r = load_all(m);
	if (r == 0)
		r = check_forkable(m);
	if (r == 0)
		r = find_layout(m);
	if (r == 0)
		r = find_names(m);
	if (r == 0)
		r = make_end(m);
	if (r < 0)
		return cannot(m, r, "it cannot be held");
	facts->held = m->list.held;
	facts->before_fork = m->function[BEFORE_FORK];
	facts->after_fork_child = m->function[AFTER_FORK_CHILD];
	facts->unmarshal = m->function[UNMARSHAL];
	facts->call = m->function[CALL_OBJECT];
	m->template->started_ns = clock_ns(CLOCK_MONOTONIC);
	return 0;
}

int template_new(const struct template_options *options, struct template **ret_template, struct buf *why)
{
	struct making *m = xcalloc(1, sizeof *m);
	int r;

	m->options = options;
	m->why = why;
	m->template = xcalloc(1, sizeof *m->template);
	m->template->pidfd = -1;
	r = make(m);
	if (r == 0)
		*ret_template = steal_ptr(&m->template);
	template_free(m->template);
	call_list_fini(&m->list);
	free(m);
	return r;
}

/* Uses the descriptor: by now the number may be another process's. */
static void end_process(pid_t pid, int pidfd)
{
	siginfo_t info;
	int r;

	syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	for (;;) {
		info = (siginfo_t){ 0 };
		r = waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WSTOPPED | __WALL);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 || (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED))
			break;
		/* It stops once more on its way out. */
		trace_resume(pid, RESUME, 0);
	}
	close(pidfd);
}

void template_free(struct template *template)
{
	if (!template)
		return;
	if (template->pidfd >= 0) {
		end_process(template->pid, template->pidfd);
	} else if (template->pid > 0) {
		kill(template->pid, SIGKILL);
		waitpid(template->pid, NULL, __WALL);
	}
	strv_free(template->modules);
	strv_free(template->files);
	free(template);
}

/* ------------------------------------------------------------------ forking it */

/* What only the child itself can do, before another process traces it. */
static int prepare_child(struct call_list *list, pid_t tracer)
{
	uint64_t pair = call_list_put(list, (const int[2]){ -1, -1 }, 2 * sizeof(int));
	int got[2], r;

	call_list_syscall(list, SYS_socketpair, ARGS(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	call_list_syscall(list, SYS_prctl, ARGS(PR_SET_PDEATHSIG, SIGKILL));
	/* Its result does not matter: it fails only without Yama, and then it is not needed. */
	call_list_syscall(list, SYS_prctl, ARGS(PR_MAY_TRACE, (uint64_t)tracer));
	r = call_list_run(list);
	if (r == 0 && (list->entry[0].result || list->entry[1].result))
		r = -EIO;
	if (r == 0)
		r = call_list_read(list, pair, got, sizeof got);
	return r == 0 && (got[0] != 3 || got[1] != 4) ? -EIO : r;
}

/* A socket that listens at an abstract name of the kernel's choice. unix(7): autobind */
static int listen_for_child(int *ret_fd, struct sockaddr_un *ret_name, socklen_t *ret_len)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const struct sockaddr_un none = { .sun_family = AF_UNIX };
	struct sockaddr_un name;
	socklen_t len = sizeof name;

	if (fd < 0 || bind(fd, (const struct sockaddr *)&none, sizeof none.sun_family) < 0 || listen(fd, MAX_MEETING) < 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &len) < 0)
		return -errno;
	*ret_fd = steal_fd(&fd);
	*ret_name = name;
	*ret_len = len;
	return 0;
}

/* An abstract name keeps nobody out, so the others that have connected are passed over. */
static int accept_child(int listener, pid_t child, int *ret_socket)
{
	int i;

	for (i = 0; i <= MAX_MEETING; i++) {
		_cleanup_close_ int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		struct ucred peer;
		socklen_t len = sizeof peer;

		if (fd < 0)
			return -errno;
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
			return -errno;
		if (peer.pid == child) {
			*ret_socket = steal_fd(&fd);
			return 0;
		}
	}
	return -EIO;
}

/* The child connects to us, and has that socket instead of its end of the pair. */
static int meet_child(struct call_list *list, struct template_fork *fork)
{
	_cleanup_close_ int listener = -1;
	struct sockaddr_un name = { 0 };
	socklen_t len = 0;
	size_t i;
	int r = listen_for_child(&listener, &name, &len);

	if (r < 0)
		return r;
	call_list_clear(list);
	/* Where others have filled the queue it must not wait for a place there. */
	call_list_syscall(list, SYS_socket, ARGS(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	call_list_syscall(list, SYS_connect, ARGS(5, call_list_put(list, &name, sizeof name), len));
	call_list_syscall(list, SYS_dup3, ARGS(5, 3, O_CLOEXEC));
	call_list_syscall(list, SYS_close, ARGS(5));
	r = call_list_run(list);
	for (i = 0; r == 0 && i < list->n; i++)
		if (list->entry[i].result != ((const uint64_t[]){ 5, 0, 3, 0 })[i])
			r = -EIO;
	return r == 0 ? accept_child(listener, fork->pid, &fork->socket) : r;
}

/* The other end of the child's socket. */
static int share_socket(struct call_list *list, struct template_fork *fork)
{
	fork->socket = (int)syscall(SYS_pidfd_getfd, fork->pidfd, 4, 0);
	if (fork->socket >= 0)
		return 0;
	/* Filters of containers forbid it with the one or the other. */
	return errno == EPERM || errno == ENOSYS ? meet_child(list, fork) : -errno;
}

/* Its registers lead to a breakpoint, so that it dies if it ever runs unheld; a pending SIGSTOP stops it before. */
static int leave_child(struct template_fork *fork)
{
	int status, r;

	if (kill(fork->pid, SIGSTOP) < 0)
		return -errno;
	r = trace_detach(fork->pid);
	if (r < 0)
		return r;
	do {
		r = waitpid(fork->pid, &status, WUNTRACED | __WALL) < 0 ? -errno : 0;
	} while (r == -EINTR);
	return r == 0 && !WIFSTOPPED(status) ? -ESRCH : r;
}

/* Forks the template into a stopped child of the caller; the list is the child's from then on. Sets FORK except for its
 * socket; on failure as far as there is a child. */
static int clone_child(struct template *t, struct call_list *list, struct template_fork *fork)
{
	struct trace_stop stop;
	int r;

	list->forks = true;
	call_list_syscall(list, SYS_clone,
			  ARGS(CLONE_PARENT | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, 0, 0, t->tid_address, 0));
	r = call_list_run(list);
	fork->pid = list->forked;
	if (r < 0 || fork->pid <= 0)
		return r < 0 ? r : (int)(int64_t)list->entry[0].result;
	fork->pidfd = (int)syscall(SYS_pidfd_open, fork->pid, 0);
	if (fork->pidfd < 0)
		return -errno;
	if (!list->forked_stopped)
		r = trace_wait_for(fork->pid, &stop);
	call_list_clear(list);
	list->tid = fork->pid;
	return r;
}

static int fork_child(struct template *t, struct call_list *list, pid_t tracer, struct template_fork *fork)
{
	int r = clone_child(t, list, fork);

	if (r == 0)
		r = prepare_child(list, tracer);
	if (r == 0)
		r = share_socket(list, fork);
	return r == 0 ? leave_child(fork) : r;
}

int template_fork(struct template *template, pid_t tracer, struct template_fork *ret_fork)
{
	struct template_fork fork = { .pidfd = -1, .socket = -1 };
	struct call_list *list = xmalloc(sizeof *list);
	int r;

	call_list_init(list, template->pid, &template->facts.held);
	r = fork_child(template, list, tracer, &fork);
	call_list_fini(list);
	free(list);
	if (r >= 0) {
		*ret_fork = fork;
		return 0;
	}
	if (fork.pidfd >= 0)
		end_process(fork.pid, fork.pidfd);
	if (fork.socket >= 0)
		close(fork.socket);
	return r;
}
