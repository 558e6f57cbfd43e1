/* SPDX-License-Identifier: Apache-2.0 */
#include "tracee/python/place.h"

const struct python_type_names python_types[PYTHON_TYPES] = {
	[PYTHON_CODE] = { "PyCode_Type", "code" },
	[PYTHON_STR] = { "PyUnicode_Type", "str" },
	[PYTHON_BYTES] = { "PyBytes_Type", "bytes" },
	[PYTHON_TUPLE] = { "PyTuple_Type", "tuple" },
	[PYTHON_INT] = { "PyLong_Type", "int" },
	[PYTHON_NONE] = { "_PyNone_Type", "NoneType" },
	[PYTHON_TRACEBACK] = { "PyTraceBack_Type", "traceback" },
	[PYTHON_TYPE] = { "PyType_Type", "type" },
	[PYTHON_OBJECT] = { "PyBaseObject_Type", "object" },
};
