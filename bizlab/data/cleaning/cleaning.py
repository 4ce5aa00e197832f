"""Every row of a file ends in one place: kept, merged or rejected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bizlab.contracts.table import Table, breaks
from bizlab.data.cleaning.candidates import duplicate_candidates
from bizlab.data.cleaning.conversion import convert_column, readable, typed
from bizlab.data.cleaning.decisions import Decisions
from bizlab.data.cleaning.identity import written_code
from bizlab.data.cleaning.merging import merge_map
from bizlab.data.cleaning.quality import DUPLICATE_CANDIDATES, MERGE_MAP, MERGES, REJECTS, WARNINGS
from bizlab.data.cleaning.total_lines import differing_totals
from bizlab.data.sources.read import FILE, LINE, LONG, PLACE, SHEET, SHORT, RawTable
from bizlab.units.credit_code import credit_code_is_valid

KEPT, MERGED, REJECTED = "kept", "merged", "rejected"
_RULE, _COLUMN, _TEXT, _OUTCOME, _INTO, _WRITTEN = "_rule", "_column", "_text", "_outcome", "_into", "_written"
_UNDECIDED = Decisions()
OF_COMPANIES = (
    "customer_id", "name", "credit_code", "created_on", "founded_on", "capital_fen", "industry", "region",
)  # fmt: skip
"""The columns of ``customers`` by which companies are merged and compared."""


@dataclass(frozen=True)
class Plain:
    """What cleaning must know of the rows of a table that are stored already: each reads one way only, breaks no rule
    and shares its key with no other row.

    Parameters
    ----------
    outcomes : as those of `Cleaned`.
    amounts : place of each of them in a sheet that has total lines, and ``amount``, what it adds to the control total.
    companies : of the table ``customers``: place and ``amount`` of each, and what its record says.
    """

    outcomes: pd.DataFrame
    amounts: pd.DataFrame
    companies: pd.DataFrame


@dataclass(frozen=True)
class Cleaned:
    """A table after cleaning.

    Parameters
    ----------
    kept : the accepted rows under the contract, without those stored already.
    places : file, sheet and line of each kept row, in the same order.
    outcomes : one row per file, sheet and ``outcome``: ``n``, how many rows ended so, ``total``, what they add to the
        control total (0 where that cannot be read), and ``total_read``, what their texts say.
    rejects, merges, warnings, merge_map, duplicate_candidates : see `quality`; the last two are of companies only.
    """

    contract: Table
    kept: pd.DataFrame
    places: pd.DataFrame
    outcomes: pd.DataFrame
    rejects: pd.DataFrame
    merges: pd.DataFrame
    warnings: pd.DataFrame
    merge_map: pd.DataFrame
    duplicate_candidates: pd.DataFrame


def clean(
    raw: RawTable,
    twins: dict[str, str],
    control: str | None,
    decisions: Decisions = _UNDECIDED,
    *,
    plain: Plain | None = None,
) -> Cleaned:
    """Clean one table.

    Parameters
    ----------
    raw : its texts.
    twins : files that are a second delivery of another file: path to path.
    control : the column whose total is accounted for.
    decisions : what people decided about companies.
    plain : rows of the table that are stored already; a company among them that is merged away stands in ``merges``
        and ``merge_map``, and must leave the store.

    Raises
    ------
    SettingError : a decision cannot be carried out.
    """
    rows = raw.rows[list(PLACE)].assign(**{_OUTCOME: KEPT, _RULE: None, _COLUMN: "", _TEXT: None, _INTO: ""})
    _reject_conversions(rows, raw)
    rows[_WRITTEN] = rows.get("credit_code")
    warnings = [_hidden(raw), _wrong_codes(rows, raw.contract), _total_lines(raw, control, plain)]
    files = {sheet.file for sheet in raw.sheets}  # equal files of two tables are no repetition
    within = [again for again, first in twins.items() if again in files and first in files]
    again = rows[FILE].isin(within) & (rows[_OUTCOME] == KEPT)
    _merge(rows, again, "file_twice", _key_text(rows, raw.contract))
    _merge_repeats(rows, raw)
    mapped, candidates, gone = MERGE_MAP.empty(), DUPLICATE_CANDIDATES.empty(), rows.iloc[:0]
    if raw.contract.name == "customers":
        stored = (plain.companies if plain else rows.iloc[:0]).assign(**{_RULE: None, _INTO: ""})
        mapped, candidates = _merge_companies(rows, decisions, stored)
        gone = stored[stored["customer_id"].isin(mapped["customer_id"])].assign(**{_OUTCOME: MERGED})
        _merge_into(gone, gone[_OUTCOME] == MERGED, mapped)
    kept = rows[rows[_OUTCOME] == KEPT]
    frame = pd.DataFrame({column.name: typed(kept[column.name], column) for column in raw.contract.columns})
    warnings.append(_broken_sums(kept, frame, raw.contract))
    return Cleaned(
        contract=raw.contract,
        kept=frame.reset_index(drop=True),
        places=kept[list(PLACE)].reset_index(drop=True),
        outcomes=_outcomes(rows, raw, control, plain, gone),
        rejects=_rejects(rows, raw),
        merges=_merges(pd.concat([rows, gone]), raw.contract),
        warnings=pd.concat(warnings, ignore_index=True)[list(WARNINGS.names)],
        merge_map=mapped,
        duplicate_candidates=candidates,
    )


def _reject_conversions(rows: pd.DataFrame, raw: RawTable) -> None:
    """Convert every column; a row is rejected by the first column that does not fit."""
    for column in raw.contract.columns:
        texts = raw.rows[column.name]
        converted = convert_column(texts, column, raw.source)
        rows[column.name] = converted.cells
        first = converted.broken.notna() & (rows[_OUTCOME] == KEPT)
        _reject(rows, first, converted.broken, column.name)
        rows.loc[first, _TEXT] = texts[first]
    for cut, rule in ((SHORT, "short_line"), (LONG, "long_line")):
        which = raw.rows[cut]
        _reject(rows, which, pd.Series(rule, index=rows.index), "")
        rows.loc[which, _TEXT] = raw.rows.loc[which, list(raw.contract.names)].agg(" | ".join, axis=1)


def _reject(rows: pd.DataFrame, which: pd.Series[bool], rule: pd.Series[str], column: str) -> None:
    rows.loc[which, _OUTCOME] = REJECTED
    rows.loc[which, _RULE] = rule[which]
    rows.loc[which, _COLUMN] = column


def _merge(rows: pd.DataFrame, which: pd.Series[bool], rule: Any, into: Any) -> None:
    rows.loc[which, _OUTCOME] = MERGED
    rows.loc[which, _RULE] = rule[which] if isinstance(rule, pd.Series) else rule
    rows.loc[which, _INTO] = into[which] if isinstance(into, pd.Series) else into


def _merge_repeats(rows: pd.DataFrame, raw: RawTable) -> None:
    """One key, one row: the same content again is merged, other content is rejected or superseded."""
    contract, last = raw.contract, raw.source.prefer == "last"
    names, key = list(contract.names), list(contract.key)
    kept = rows[rows[_OUTCOME] == KEPT]
    again = kept.duplicated(names, keep="last" if last else "first")
    _merge(rows, again.reindex(rows.index, fill_value=False), "row_twice", _key_text(rows, contract))
    kept = rows[rows[_OUTCOME] == KEPT]
    if last:
        ordered = kept.sort_values(contract.known_at, kind="stable") if contract.known_at else kept
        older = ordered.duplicated(key, keep="last").reindex(rows.index, fill_value=False)
        _merge(rows, older, "superseded", _key_text(rows, contract))
        return
    conflict = kept.duplicated(key, keep="first").reindex(rows.index, fill_value=False)
    _reject(rows, conflict, pd.Series("key_conflict", index=rows.index), key[0])
    rows.loc[conflict, _TEXT] = _key_text(rows, contract)[conflict]


def _merge_companies(
    rows: pd.DataFrame, decisions: Decisions, stored: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Merge the records of one company; return the map, and the pairs that may be one company still."""
    kept = rows[_OUTCOME] == KEPT
    records = pd.concat([rows[kept], stored], ignore_index=True).rename(columns={_WRITTEN: "written"})
    mapped = merge_map(records, decisions)
    _merge_into(rows, rows["customer_id"].isin(mapped["customer_id"]) & kept, mapped)
    merged = dict(zip(mapped["customer_id"], mapped["kept_id"], strict=True))
    apart = [decision.pair for decision in decisions.apart]
    return mapped, duplicate_candidates(records, merged=merged, apart=apart)


def _merge_into(rows: pd.DataFrame, which: pd.Series[bool], mapped: pd.DataFrame) -> None:
    by_id = mapped.set_index("customer_id")
    ids = rows["customer_id"].astype("object")
    _merge(rows, which, ids.map(by_id["rule"]), ids.map(by_id["kept_id"]))


def _wrong_codes(rows: pd.DataFrame, contract: Table) -> pd.DataFrame:
    """Credit codes in one writing; those with a wrong check character become missing, and are listed."""
    if "credit_code" not in contract.by_name:
        return WARNINGS.empty()
    codes = rows["credit_code"].map(written_code, na_action="ignore")
    rows["credit_code"] = codes
    wrong = codes.notna() & ~codes.map(lambda code: credit_code_is_valid(str(code)))
    rows.loc[wrong, "credit_code"] = None
    listed = rows[wrong]
    return _noticed(listed, contract, "credit_code", "wrong_check_character").assign(text=listed[_WRITTEN])


def _hidden(raw: RawTable) -> pd.DataFrame:
    hidden = {(sheet.file, sheet.sheet): set(sheet.hidden) for sheet in raw.sheets}
    places = raw.rows[list(PLACE)].itertuples(index=False, name=None)
    which = np.array([line in hidden[file, sheet] for file, sheet, line in places], dtype="bool")
    return _noticed(raw.rows[which].drop_duplicates(list(PLACE)), raw.contract, "", "hidden_row")


def _broken_sums(kept: pd.DataFrame, typed_rows: pd.DataFrame, contract: Table) -> pd.DataFrame:
    """Kept rows whose own figures contradict a sum of the contract."""
    broken = [WARNINGS.empty()]
    for identity in contract.identities:
        off = _noticed(kept[breaks(identity, typed_rows)], contract, identity.rule.split(" ")[0], "sum_differs")
        broken.append(off.assign(text=identity.rule))
    return pd.concat(broken)


def _total_lines(raw: RawTable, control: str | None, plain: Plain | None) -> pd.DataFrame:
    if control is None or raw.totals.empty:
        return WARNINGS.empty()
    differing = differing_totals(raw, control, stored=plain.amounts if plain else None)
    return _noticed(differing, raw.contract, control, "total_line_differs")


def _outcomes(
    rows: pd.DataFrame, raw: RawTable, control: str | None, plain: Plain | None, gone: pd.DataFrame
) -> pd.DataFrame:
    """Kept rows count with their converted value, all others with what their text says."""
    outcomes = rows[[FILE, SHEET]].assign(outcome=rows[_OUTCOME], n=1, total=0, total_read=0)
    if control is not None:
        read = pd.Series(readable(raw.rows[control], raw.contract[control], raw.source), index=rows.index)
        kept = rows[control].where(rows[_OUTCOME] == KEPT, read).fillna(0).astype("int64")
        outcomes = outcomes.assign(total=kept, total_read=read)
    parts = [outcomes, plain.outcomes] if plain else [outcomes]
    for outcome, n in ((MERGED, 1), (KEPT, -1)) if len(gone) else ():
        amounts = n * gone["amount"]
        parts.append(gone[[FILE, SHEET]].assign(outcome=outcome, n=n, total=amounts, total_read=amounts))
    every = pd.concat(parts, ignore_index=True)
    return every.groupby([FILE, SHEET, "outcome"], sort=False)[["n", "total", "total_read"]].sum().reset_index()


def _noticed(rows: pd.DataFrame, contract: Table, column: str, rule: str) -> pd.DataFrame:
    frame = rows[list(PLACE)].rename(columns={FILE: "file", SHEET: "sheet", LINE: "line"})
    return frame.assign(table=contract.name, column=column, text=None, rule=rule)[list(REJECTS.names)]


def _rejects(rows: pd.DataFrame, raw: RawTable) -> pd.DataFrame:
    """The rejected rows; where a line holds a row for each month across, its column names the month too."""
    rejected = rows[rows[_OUTCOME] == REJECTED]
    columns = rejected[_COLUMN]
    if raw.source.unpivot:
        columns = (columns + " " + raw.rows.loc[rejected.index, raw.source.unpivot.into]).str.strip()
    return _noticed(rejected, raw.contract, "", "").assign(column=columns, text=rejected[_TEXT], rule=rejected[_RULE])


def _merges(rows: pd.DataFrame, contract: Table) -> pd.DataFrame:
    merged = rows[rows[_OUTCOME] == MERGED]
    noted = _noticed(merged, contract, "", "")
    noted = noted.assign(id=_key_text(merged, contract), kept_id=merged[_INTO], rule=merged[_RULE])
    return noted[list(MERGES.names)]


def _key_text(rows: pd.DataFrame, contract: Table) -> pd.Series[str]:
    first, *others = (rows[name].astype("str") for name in contract.key)
    return first.str.cat(others, sep=" / ") if others else first
