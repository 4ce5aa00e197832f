"""Executes notebooks and publishes their pages: parameters, sessions, months; knows no domain."""

from bizlab.imports import import_jsonschema

import_jsonschema()
