"""Which command is meant; its module is imported when it is asked for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from bizlab.cli import DONE, REFUSED
from bizlab.errors import BizlabError

COMMANDS = {
    "run": "run a month and publish its reports 运行一个月",
    "preview": "make one page and open it, without publishing 预览一页",
    "pack": "make leaders' packs: a unit and what lies below it, from their data alone 生成负责人报告包",
    "check": "read and check inputs and parameters alone 只检查输入与参数",
    "fit": "fit value grade and customer clusters and keep them as versions 拟合并留存价值等级与客户聚类",
    "define": "write a tag out in words or as SQL 写出标签的规则或 SQL",
    "explain": "say how a customer came to a tag 说明标签的来历",
    "card": "make the card of one customer 生成客户卡片",
    "segment": "write the members of a customer segment to a file 导出客群名单",
    "steps": "list what is kept of the steps, what each cost and why it was made again 列出留存的步骤",
    "list": "list pages and published months 列出页面与月份",
    "open": "open a month's reports in the browser 打开报告",
    "new": "write a new page that runs as it stands 新建一页",
    "templates": "write the blank daily forms of a month 生成空白日报表",
    "sample": "make the sample company again 重新生成示例公司",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code: 0 done, 1 done but something does not reconcile, 2 refused."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser, commands = _parser()
    if given and given[0] in COMMANDS:
        command = import_module(f"bizlab.cli.{given[0]}")
        command.arguments(commands[given[0]])
        commands[given[0]].set_defaults(command=command.command)
    options = parser.parse_args(given)
    try:
        return int(options.command(options))
    except BizlabError as error:
        return _refuse(str(error))
    except BrokenPipeError:
        sys.stdout = None
        return DONE
    except OSError as error:
        where = error.filename or "the disk"
        return _refuse(f"{error.strerror}. Where: {where}. Fix: free the file or the disk and try again.")
    except KeyboardInterrupt:
        return _refuse("stopped; what was published before is untouched")


def _parser() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """The parser of all commands, and that of each, which learns its arguments from the command's module."""
    parser = argparse.ArgumentParser(
        prog="bizlab", description="Monthly analyses, from exports to published reports. 月度经营分析,从导出到报告。"
    )
    each = parser.add_subparsers(required=True, metavar="COMMAND")
    return parser, {name: each.add_parser(name, help=words, description=words) for name, words in COMMANDS.items()}


def _refuse(why: str) -> int:
    """Say in one paragraph why nothing was done."""
    print(f"bizlab: {' '.join(why.split())}", file=sys.stderr)
    return REFUSED
