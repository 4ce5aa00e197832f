"""``bizlab card CUSTOMER``: the card of one customer as a page of its own."""

from __future__ import annotations

import argparse

from bizlab.cli import DONE, UNRECONCILED
from bizlab.cli.explain import find_customer
from bizlab.cli.options import latest_month_options, say, settings_of, within
from bizlab.run.session import Run
from bizlab.run.single import make_page

CARD = "customer_card"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("customer", metavar="CUSTOMER", help="id or full name")
    latest_month_options(parser)


def command(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    page = settings.page(CARD)
    customer = find_customer(Run(page, settings.project, settings.of(page)), options.customer)
    place = settings.project / "reports" / "cards" / str(settings.month) / f"{customer}.html"
    outcome = make_page(settings.with_values(customer=customer), page, place, report=say)
    print(f"{within(settings.project, place)}: done")
    return UNRECONCILED if outcome.failed else DONE
