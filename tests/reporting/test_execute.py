"""Notebooks run in processes of their own; a failing one does not stop the others."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from bizlab.reporting.execute import Job, execute_all


def job(folder, name, *sources, **parameters):
    cells = [new_code_cell("a = 1", metadata={"tags": ["parameters"]}), *map(new_code_cell, sources)]
    path = folder / f"{name}.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return Job(name, path, folder / f"{name}.out.ipynb", parameters, folder, folder)


def test_parameters_arrive_as_data_and_failures_are_told_in_one_line(tmp_path):
    said = []
    good = job(tmp_path, "good", "print(repr(a))", a="云帆'); import os #{x}")
    bad = job(tmp_path, "bad", "raise ValueError('二月没有三十日')", "print('never')")
    done, failed = execute_all([good, bad], report=said.append)
    assert done.problem == ""
    assert nbformat.read(done.output, as_version=4).cells[-1].outputs[0].text == repr("云帆'); import os #{x}") + "\n"
    assert failed.problem == "ValueError: 二月没有三十日"
    assert any(line.startswith("[2/2]") for line in said)


def test_a_dead_kernel_is_a_failure(tmp_path):
    (dead,) = execute_all([job(tmp_path, "dead", "import os; os.kill(os.getpid(), 9)")], report=lambda line: None)
    assert "died" in dead.problem.lower()
