/* SPDX-License-Identifier: Apache-2.0 */
#include "words/topics.h"

#include <stddef.h>

#define LEAVE_OUT "leave this call out: no sandboxed program may make it"
#define NO_PROCESS                                                                                  \
	"do the work in this process (threads are allowed): no other program or process can be " \
	"started"
#define NO_NETWORK "bring the data along as a file or on standard input: there is no network"
#define NO_CHANGE "leave the file system as it is: keep intermediate results in memory"
#define FALLS_BACK "leave this call out: there is another that does the same"

static const struct {
	const char *trying, *advice;
} topics[TOPIC_COUNT] = {
	[TOPIC_NONE] = { NULL, NULL },
	[TOPIC_OPEN] = { "Opening that file", NULL },
	[TOPIC_INPUT] = { "Reading a file in this way", "read it with read() or pread()" },
	[TOPIC_ADVICE] = { "Giving advice on how a file will be read",
			   "leave this call out: it changes no result" },
	[TOPIC_HANDLE] = { "Opening files by anything but their names", "open the file by its name" },
	[TOPIC_LOOK] = { "Looking at that file", NULL },
	[TOPIC_LIST] = { "Listing that directory", NULL },
	[TOPIC_CHDIR] = { "Changing to that directory",
			  "stay in the directory that the program started in, and name files from there" },
	[TOPIC_WATCH] = { "Watching files for changes",
			  "leave this call out: the files that the program may read do not change" },
	[TOPIC_MOUNTS] = { "Asking which file systems there are", LEAVE_OUT },
	[TOPIC_CHANGE] = { "Creating, changing or removing files", NO_CHANGE },
	[TOPIC_WRITE] = { "Writing anywhere but to standard output and standard error",
			  "print the result to standard output, in order" },
	[TOPIC_COPY] = { "Copying from one file to another inside the kernel",
			 "read the data and write it: libraries do so by themselves" },
	[TOPIC_SYNC] = { "Having data written to the disk at once",
			 "leave this call out: nothing that the program writes has to reach a disk" },
	[TOPIC_EXEC] = { "Starting other programs or processes", NO_PROCESS },
	[TOPIC_START] = { "Starting other programs or processes", NO_PROCESS },
	[TOPIC_THREAD] = { "Starting threads by the newest of the calls for it", "use the module threading" },
	[TOPIC_PIDFD] = { "Holding a process by a descriptor", "leave this call out: the program is alone" },
	[TOPIC_END] = { "Ending the program or waiting for others in this way", "return from the program" },
	[TOPIC_SELF] = { "Asking about the program itself in this way", "leave this call out" },
	[TOPIC_ASK] = { "Asking about other processes", "ask about this process alone" },
	[TOPIC_OTHERS] = { "Looking into or controlling other processes",
			   "leave this call out: the program is alone" },
	[TOPIC_GROUP] = { "Leaving the program's process group or session", LEAVE_OUT },
	[TOPIC_PRIORITY] = { "Changing priorities or how processes are scheduled",
			     "leave this call out: the program runs with the priority that it was given" },
	[TOPIC_IO_PRIORITY] = { "Asking for or changing the priority of disk access",
				"leave this call out: the program runs with the priority that it was given" },
	[TOPIC_AFFINITY] = { "Choosing the processors that a program runs on",
			     "leave this call out: the program may use all processors that it is told of" },
	[TOPIC_SCHEDULE] = { "Telling the scheduler when to run the program", "leave this call out" },
	[TOPIC_LIMITS] = { "Asking for or changing the limits of other processes",
			   "ask about this process alone" },
	[TOPIC_IPC] = { "Sharing memory or messages with other processes",
			"share between threads through ordinary objects: there is no other process" },
	[TOPIC_NETWORK] = { "Using sockets or the network", NO_NETWORK },
	[TOPIC_SOCKET] = { "Using sockets or the network in this way", NO_NETWORK },
	[TOPIC_MEMORY] = { "Changing memory in this way",
			   "use memory that is private: ordinary objects, or mmap with MAP_PRIVATE" },
	[TOPIC_MEMORY_FILE] = { "Making files in memory",
				"keep the data in an ordinary object (io.BytesIO, io.StringIO)" },
	[TOPIC_MEMORY_LOOK] = { "Asking what is in memory at the moment", LEAVE_OUT },
	[TOPIC_NUMA] = { "Choosing where in the machine memory lies", LEAVE_OUT },
	[TOPIC_FUTEX] = { "Waiting for or waking others through memory that may be shared",
			  "use the locks of threading: they are private to the program" },
	[TOPIC_BARRIER] = { "Interrupting every processor of the machine",
			    "use what membarrier(2) does for the process itself" },
	[TOPIC_SIGNAL] = { "Sending signals to other processes",
			   "signal only this process itself: signal.raise_signal()" },
	[TOPIC_SIGNAL_DATA] = { "Sending signals whose details the program makes up",
				"use signal.raise_signal()" },
	[TOPIC_SIGNALS] = { "Receiving signals in this way", "use the functions of the module signal" },
	[TOPIC_CLOCK] = { "Using the clock of another process or of a device",
			  "use the clocks of the system or of this process (time.monotonic(), "
			  "time.process_time())" },
	[TOPIC_CLOCK_SET] = { "Asking for the clock's corrections, or setting it", LEAVE_OUT },
	[TOPIC_TIMER] = { "Waiting or setting timers in this way", "use time.sleep()" },
	[TOPIC_DESCRIPTOR] = { "Using descriptors of open files in this way",
			       "use only descriptors that the program opened itself" },
	[TOPIC_SEEK] = { "Going back in the output that was written",
			 "write the output from its beginning to its end" },
	[TOPIC_TERMINAL] = { "Changing a terminal or controlling a device",
			     "leave the terminal as it is: read lines and print lines" },
	[TOPIC_CONTROL] = { "Locking an open file or changing how it behaves",
			    "leave this call out: nobody else uses the files that the program may read" },
	[TOPIC_LOCK] = { "Locking files",
			 "leave this call out: nobody else uses the files that the program may read" },
	[TOPIC_IDENTITY] = { "Becoming another user or group",
			     "leave this call out: the program stays the user that it is" },
	[TOPIC_RIGHTS] = { "Asking for or changing the program's special rights", LEAVE_OUT },
	[TOPIC_SETTINGS] = { "Changing how the kernel treats the program",
			     "leave this call out: the program runs with the settings that it was given" },
	[TOPIC_SANDBOX] = { "Setting up or asking about a sandbox of its own",
			    "leave this call out: the program is in a sandbox already" },
	[TOPIC_NAMESPACE] = { "Making, entering or listing namespaces", LEAVE_OUT },
	[TOPIC_FILESYSTEM] = { "Mounting or changing file systems", LEAVE_OUT },
	[TOPIC_SYSTEM] = { "Changing or observing the system", LEAVE_OUT },
	[TOPIC_MEASURE] = { "Measuring programs by means of the kernel",
			    "measure with time.perf_counter() or cProfile" },
	[TOPIC_KEYS] = { "Using the kernel's store of keys", LEAVE_OUT },
	[TOPIC_ASYNC] = { "Reading and writing through io_uring or the kernel's AIO",
			  "use ordinary calls, or threads: libraries do so by themselves" },
	[TOPIC_RANDOM] = { "Asking the kernel for random bytes", "use the module random" },
	[TOPIC_OBSOLETE] = { "Making calls that Linux no longer has", FALLS_BACK },
};

const char *topic_trying(enum topic topic)
{
	return topics[topic].trying;
}

const char *topic_advice(enum topic topic)
{
	return topics[topic].advice;
}
