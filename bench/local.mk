# SPDX-License-Identifier: Apache-2.0
# make bench: what proctor costs, as a table and as bench.json. See doc/PERFORMANCE.md.
# BENCH_FLAGS: --quick, --only NAME, --json FILE …
noinst_PROGRAMS += bench/floor bench/work_calls bench/steps
# The floor has no sanitizer in it, whatever proctor is built with; the workload is static, so that
# its first instruction comes right behind its exec.
bench_floor_SOURCES = bench/floor.c
bench_floor_CFLAGS = $(WARN_CFLAGS)
bench_floor_LDFLAGS = $(EMPTY)
bench_steps_SOURCES = bench/steps.c
bench_steps_CFLAGS = $(WARN_CFLAGS)
bench_steps_LDFLAGS = $(EMPTY)
bench_work_calls_SOURCES = bench/work_calls.c
bench_work_calls_CFLAGS = $(WARN_CFLAGS)
bench_work_calls_LDFLAGS = -static

EXTRA_DIST += bench/run.py bench/harness.py bench/warm.py bench/many.py bench/ending.py bench/plot bench/workloads/compute.py \
	bench/workloads/directories.py bench/workloads/grants.py bench/workloads/grants.yaml bench/workloads/imports.py bench/workloads/input_lines.py \
	bench/workloads/log_all.py \
	bench/workloads/numpy_threads.py bench/workloads/open_threads.py bench/workloads/print_lines.py \
	bench/workloads/read_files.py bench/workloads/refuse.py bench/workloads/walk.py \
	bench/workloads/write.py
CLEANFILES += bench.json

.PHONY: bench
bench: proctor$(EXEEXT) bench/floor$(EXEEXT) bench/work_calls$(EXEEXT)
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON3) $(srcdir)/bench/run.py --proctor $(top_builddir)/proctor$(EXEEXT) \
		--json bench.json $(BENCH_FLAGS)
