"""The command line: run, pack, check, fit, define, explain, card, segment, list, open, templates, sample."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bizlab.errors import BizlabError, SettingError

if TYPE_CHECKING:
    from bizlab.reporting.parameters import Parameters

DONE, UNRECONCILED, REFUSED = 0, 1, BizlabError.exit_code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code: 0 done, 1 done but something does not reconcile, 2 refused."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except BizlabError as error:
        return _refuse(str(error))
    except BrokenPipeError:
        sys.stdout = None
        return DONE
    except OSError as error:
        where = error.filename or "the disk"
        return _refuse(f"{error.strerror}. Where: {where}. Way out: free the file or the disk and try again.")
    except KeyboardInterrupt:
        return _refuse("stopped; what was published before is untouched")


def _refuse(why: str) -> int:
    """Say in one paragraph why nothing was done."""
    print(f"bizlab: {' '.join(why.split())}", file=sys.stderr)
    return REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bizlab", description="Monthly analyses, from exports to published reports. 月度经营分析,从导出到报告。"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run a month and publish its reports 运行一个月")
    _month_options(run)
    run.add_argument("--only", metavar="NAMES", help="analyses to run again, separated by commas")
    run.set_defaults(command=_run)
    pack = commands.add_parser(
        "pack", help="make leaders' packs: a unit and what lies below it, from their data alone 生成负责人报告包"
    )
    _month_options(pack)
    pack.add_argument("--unit", dest="units", metavar="UNIT", action="append", default=[], help="default: every amoeba")
    pack.set_defaults(command=_pack)
    check = commands.add_parser("check", help="read and check inputs and parameters alone 只检查输入与参数")
    _month_options(check)
    check.set_defaults(command=_check)
    fit = commands.add_parser(
        "fit", help="fit value grade and customer clusters and keep them as versions 拟合并留存价值等级与客户聚类"
    )
    _latest_month_options(fit)
    fit.set_defaults(command=_fit)
    _customer_commands(commands)
    listing = commands.add_parser("list", help="list analyses and published months 列出分析与月份")
    listing.set_defaults(command=_list)
    opening = commands.add_parser("open", help="open a month's reports in the browser 打开报告")
    opening.add_argument("month", metavar="YYYY-MM")
    opening.set_defaults(command=_open)
    templates = commands.add_parser("templates", help="write the blank daily forms of a month 生成空白日报表")
    templates.add_argument("--month", metavar="YYYY-MM", help="default: the month after the latest of params/")
    templates.add_argument("--folder", default="forms", help="folder within the project (default forms)")
    templates.add_argument("--unit", metavar="UNIT", help="id of the unit that fills it in (default: all units)")
    templates.set_defaults(command=_templates)
    sample = commands.add_parser("sample", help="make the sample company again 重新生成示例公司")
    sample.add_argument("--scale", type=int, default=1, help="times as large, as Parquet (default 1: the exports)")
    sample.add_argument("--out", type=Path, help="folder for --scale, within the project (default build/sample)")
    sample.add_argument("--seed", type=int, help="another seed than the sample's own")
    sample.set_defaults(command=_sample)
    return parser


def _customer_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What concerns single tags, customers and segments."""
    define = commands.add_parser("define", help="write a tag out in words or as SQL 写出标签的规则或 SQL")
    define.add_argument("tag", metavar="TAG", help="id or name")
    define.add_argument("--sql", action="store_true", help="as one query over the tables, in DuckDB's dialect")
    _latest_month_options(define)
    define.set_defaults(command=_define)
    explain = commands.add_parser("explain", help="tell how a customer came to a tag 说明标签的来历")
    explain.add_argument("customer", metavar="CUSTOMER", help="id or full name")
    explain.add_argument("tag", metavar="TAG", help="id or name")
    _latest_month_options(explain)
    explain.set_defaults(command=_explain)
    card = commands.add_parser("card", help="make the card of one customer 生成客户卡片")
    card.add_argument("customer", metavar="CUSTOMER", help="id or full name")
    _latest_month_options(card)
    card.set_defaults(command=_card)
    segment = commands.add_parser("segment", help="write the members of a customer segment to a file 导出客群名单")
    segment.add_argument("segment", metavar="SEGMENT", help="id of params/segments.yaml")
    segment.add_argument("--to", type=Path, metavar="FILE", required=True, help="file to write, .csv or .xlsx")
    segment.add_argument(
        "--columns", metavar="TAGS", help="tags to list, separated by commas (default: its condition's)"
    )
    _latest_month_options(segment)
    segment.set_defaults(command=_segment)


def _month_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("month", metavar="YYYY-MM")
    parser.add_argument("--lang", choices=["zh", "en"], help="language that the pages open in")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="NAME=VALUE")


def _latest_month_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--month", metavar="YYYY-MM", help="default: the latest month of params/")
    parser.add_argument("--lang", choices=["zh", "en"])
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="NAME=VALUE")


def _run(options: argparse.Namespace) -> int:
    from bizlab.reporting.project import find_project
    from bizlab.reporting.run import run_month

    project = find_project()
    only = [] if options.only is None else [name.strip() for name in options.only.split(",")]
    outcome = run_month(project, _parameters(project, options), only=only, report=_say)
    place = outcome.folder.relative_to(project).as_posix()
    if not outcome.failed:
        print(f"{place}/index.html: done, everything reconciles")
        return DONE
    print(f"{place}/index.html: done, but {len(outcome.failed)} checks do not hold:")
    for analysis, check in outcome.failed:
        print(f"  {analysis}: {check.label.zh} · {check.label.en} (difference {check.difference:,} {check.unit})")
    return UNRECONCILED


def _pack(options: argparse.Namespace) -> int:
    from bizlab.reporting.pack import make_packs
    from bizlab.reporting.project import find_project

    project = find_project()
    params = _parameters(project, options)
    outcomes = make_packs(project, params, options.units, report=_say)
    for outcome in outcomes:
        place = outcome.folder.relative_to(project).as_posix()
        print(f"{place}: done" + (f", but {len(outcome.failed)} checks do not hold" if outcome.failed else ""))
    return UNRECONCILED if any(outcome.failed for outcome in outcomes) else DONE


def _check(options: argparse.Namespace) -> int:
    from bizlab.reporting.preview import preview
    from bizlab.reporting.project import find_project

    project = find_project()
    seen = preview(project, _parameters(project, options), report=_say)
    print("\n".join(seen.lines))
    return DONE if seen.reconciles else UNRECONCILED


def _fit(options: argparse.Namespace) -> int:
    from bizlab.reporting.fit import keep_clusters, keep_fit
    from bizlab.reporting.project import find_project

    project = find_project()
    params = _latest_parameters(project, options)
    print(f"value grade: {keep_fit(project, params)}")
    print(f"customer clusters: {keep_clusters(project, params)}")
    return DONE


def _define(options: argparse.Namespace) -> int:
    from bizlab.reporting.define import definition, definition_sql
    from bizlab.reporting.project import find_project

    project = find_project()
    params = _latest_parameters(project, options)
    if options.sql:
        print(definition_sql(project, params, tag=options.tag))
    else:
        print("\n".join(definition(project, params, tag=options.tag)))
    return DONE


def _explain(options: argparse.Namespace) -> int:
    from bizlab.reporting.explain import explanation
    from bizlab.reporting.project import find_project

    project = find_project()
    params = _latest_parameters(project, options)
    print("\n".join(explanation(project, params, customer=options.customer, tag=options.tag)))
    return DONE


def _card(options: argparse.Namespace) -> int:
    from bizlab.reporting.card import make_card
    from bizlab.reporting.project import find_project

    project = find_project()
    outcome = make_card(project, _latest_parameters(project, options), options.customer, report=_say)
    print(f"{outcome.folder.relative_to(project).as_posix()}: done")
    return UNRECONCILED if outcome.failed else DONE


def _segment(options: argparse.Namespace) -> int:
    from bizlab.reporting.project import find_project
    from bizlab.reporting.segment_list import refuse_path, segment_list, write_list

    project = find_project()
    refuse_path(options.to)
    params = _latest_parameters(project, options)
    columns = None if options.columns is None else [name.strip() for name in options.columns.split(",") if name.strip()]
    found = segment_list(project, params, options.segment, columns=columns)
    write_list(found.table, options.to, lang=params.lang)
    print(f"{options.to}: {len(found.table.rows):,} members of '{options.segment}' as of {params.month}")
    if found.n_undecided:
        print(f"{found.n_undecided:,} customers are undecided for want of a tag and not in the list")
    return DONE


def _list(_: argparse.Namespace) -> int:
    from bizlab.reporting.analyses import ANALYSES
    from bizlab.reporting.project import find_project

    months = sorted(path.parent.name for path in (find_project() / "reports").glob("[0-9]*/run.json"))
    for entry in ANALYSES:
        print(f"{entry.name:16} {entry.title.zh} · {entry.title.en}")
    print(f"published: {', '.join(months) or 'no month yet'}")
    return DONE


def _open(options: argparse.Namespace) -> int:
    import webbrowser

    from bizlab.periods import Month
    from bizlab.reporting.project import find_project

    month = Month.parse(options.month, place="command line")
    page = find_project() / "reports" / str(month) / "index.html"
    if not page.is_file():
        raise SettingError(
            f"{month} is not published", place=f"reports/{month}", way_out=f"run it first: bizlab run {month}"
        )
    print(page)
    webbrowser.open(page.as_uri())
    return DONE


def _templates(options: argparse.Namespace) -> int:
    from bizlab.forms.blank import write_form
    from bizlab.periods import Month
    from bizlab.reporting.project import find_project
    from bizlab.reporting.settings import latest_month

    project = find_project()
    month = (
        Month.parse(options.month, place="--month") if options.month else Month.parse(latest_month(project)).shift(1)
    )
    path = write_form(project, month, folder=options.folder, unit_id=options.unit)
    print(f"{path.relative_to(project).as_posix()}: blank forms of {month}")
    return DONE


def _sample(options: argparse.Namespace) -> int:
    from bizlab import sample
    from bizlab.reporting.project import find_project
    from bizlab.sample.company.draws import SEED

    project = find_project()
    seed = SEED if options.seed is None else options.seed
    if options.scale == 1 and options.out is None:
        sample.write_sample(project, seed=seed)
        print("data/sample: written")
        return DONE
    folder = (project / (options.out or Path("build") / "sample")).resolve()
    if not folder.is_relative_to(project):
        raise SettingError(
            f"'{options.out}' leads outside the project", place="--out", way_out="name a folder within it"
        )
    sample.write_parquet(folder, scale=options.scale, seed=seed, project_root=project)
    print(f"{folder.relative_to(project).as_posix()}: written at scale {options.scale}")
    return DONE


def _parameters(project: Path, options: argparse.Namespace) -> Parameters:
    from bizlab.reporting.settings import command_line, load_parameters

    return load_parameters(project, command_line(options.month, options.lang, options.settings))


def _latest_parameters(project: Path, options: argparse.Namespace) -> Parameters:
    """As `_parameters`, for the latest month of ``params/`` where none is named."""
    from bizlab.reporting.settings import latest_month

    options.month = options.month or latest_month(project)
    return _parameters(project, options)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
