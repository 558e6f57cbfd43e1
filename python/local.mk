# SPDX-License-Identifier: Apache-2.0
# The package that calls the program; pip installs it, make does not.
EXTRA_DIST += python/README.md python/pyproject.toml python/proctor/__init__.py python/proctor/_call.py \
	python/proctor/_errors.py python/proctor/_grade.py python/proctor/_log.py python/proctor/_pool.py python/proctor/_run.py \
	python/proctor/py.typed
