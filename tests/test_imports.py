"""What is imported cheaply is all there."""

import subprocess
import sys

CODE = """
import sys
import bizlab.report.charts.charts, bizlab.run.papermill_job
assert "jsonschema" in sys.modules and "rfc3987_syntax" not in sys.modules
import rfc3987_syntax
assert rfc3987_syntax.is_valid_syntax("iri", "https://例子.test/")
"""


def test_the_grammar_of_uris_is_not_read_and_still_there_for_who_asks_for_it():
    subprocess.run([sys.executable, "-c", CODE], check=True, timeout=120)
