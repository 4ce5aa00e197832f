"""Amoeba accounting: units, internal trade, allocation, and value added per hour."""

from bizlab.amoeba.accounting.allocation import RULE_RESULTS, TRACE, TRACE_SHOWN, allocate, rule_findings
from bizlab.amoeba.accounting.components import Components, components
from bizlab.amoeba.accounting.conservation import BEARERS, bearers, component_checks
from bizlab.amoeba.accounting.ledger import INPUTS, LONG, Records, ledger
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.amoeba.records.completeness import MISSING_HOURS, missing_hours, record_findings
from bizlab.amoeba.results.bridge import BRIDGE, BRIDGE_SHOWN, bridge, bridge_checks, line_words
from bizlab.amoeba.results.unit_hour import (
    HISTORY,
    MOVEMENT,
    MOVEMENT_SHOWN,
    SHEET,
    SHEET_SHOWN,
    company_findings,
    history,
    movement,
    sheet_by_kind,
    unit_hour_sheet,
)
from bizlab.amoeba.trade.matching import MATCHING, differences, match_trades, trade_checks, trade_findings, within
from bizlab.amoeba.trade.price_deviations import PRICE_DEVIATIONS, price_deviations, price_findings

__all__ = [
    "BEARERS",
    "BRIDGE",
    "BRIDGE_SHOWN",
    "HISTORY",
    "INPUTS",
    "LONG",
    "MATCHING",
    "MISSING_HOURS",
    "MOVEMENT",
    "MOVEMENT_SHOWN",
    "PRICE_DEVIATIONS",
    "RULE_RESULTS",
    "SHEET",
    "SHEET_SHOWN",
    "TRACE",
    "TRACE_SHOWN",
    "Components",
    "Organisation",
    "Records",
    "allocate",
    "bearers",
    "bridge",
    "bridge_checks",
    "company_findings",
    "component_checks",
    "components",
    "differences",
    "history",
    "ledger",
    "line_words",
    "match_trades",
    "missing_hours",
    "movement",
    "price_deviations",
    "price_findings",
    "record_findings",
    "rule_findings",
    "sheet_by_kind",
    "trade_checks",
    "trade_findings",
    "unit_hour_sheet",
    "within",
]
