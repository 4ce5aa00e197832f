"""Charts as drawings in both languages; the only place that knows Altair."""

from bizlab.imports import import_jsonschema

import_jsonschema()
