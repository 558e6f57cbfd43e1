# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libpolicy.a
libpolicy_a_SOURCES = \
	policy/builtin_python.c \
	policy/calls.c \
	policy/canonical.c \
	policy/decide.c \
	policy/elf.c policy/elf.h \
	policy/environment.c \
	policy/extend.c \
	policy/exec.c policy/exec.h \
	policy/exec_rules.c policy/exec_rules.h \
	policy/hidden.c \
	policy/interpreter.c policy/interpreter.h \
	policy/kept.c policy/kept.h \
	policy/ld_cache.c policy/ld_cache.h \
	policy/limit_text.c policy/limit_text.h \
	policy/library.c \
	policy/load.c \
	policy/match.c policy/match.h \
	policy/net.c policy/net.h \
	policy/never.c \
	policy/path_table.c policy/path_table.h \
	policy/policy.h \
	policy/program.c policy/program.h \
	policy/pyenv.c policy/pyenv.h \
	policy/python_argv.c \
	policy/readable.c \
	policy/rules.c policy/rules.h \
	policy/show.c \
	policy/shipped.c policy/shipped.h \
	policy/source.c policy/source.h \
	policy/venv.c policy/venv.h \
	policy/wild.c policy/wild.h \
	policy/yaml.c \
	policy/yaml_problem.c policy/yaml_problem.h


policydir = $(pkgdatadir)/policies
dist_policy_DATA = \
	policy/examples/data.yaml \
	policy/examples/notebook.yaml \
	policy/examples/pure.yaml \
	policy/examples/pytest.yaml \
	policy/examples/quiet.yaml \
	policy/examples/science.yaml \
	policy/examples/scratch.yaml \
	policy/examples/strict.yaml \
	policy/examples/subprocess.yaml

# As texts of C, so that they are there wherever proctor is. builtin:pure is made otherwise.
SHIPPED_POLICIES = $(filter-out %/pure.yaml,$(dist_policy_DATA))
policy/shipped_texts.c: $(dist_policy_DATA) $(srcdir)/policy/local.mk
	$(AM_V_GEN)$(MKDIR_P) policy && { \
	echo '/* SPDX-License-Identifier: Apache-2.0 */'; \
	echo '#include "policy/shipped.h"'; \
	echo 'const struct shipped_policy shipped_texts[] = {'; \
	for file in $(SHIPPED_POLICIES); do \
	  echo "{ \"builtin:$$(basename $$file .yaml)\","; \
	  sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n"/' '$(srcdir)'/$$file; echo '},'; \
	done; echo '{ 0, 0 } };'; } >$@.tmp && mv $@.tmp $@
nodist_libpolicy_a_SOURCES = policy/shipped_texts.c
CLEANFILES += policy/shipped_texts.c
dist_man_MANS += man/proctor-policy.5
