# SPDX-License-Identifier: Apache-2.0
"""Ten modules of the standard library that submissions like to import."""
import collections  # noqa: F401
import csv  # noqa: F401
import datetime  # noqa: F401
import decimal  # noqa: F401
import functools  # noqa: F401
import hashlib  # noqa: F401
import json  # noqa: F401
import random  # noqa: F401
import re  # noqa: F401
import typing  # noqa: F401
