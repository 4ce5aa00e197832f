"""Contracts of the tables that systems export, one module a system."""

from bizlab.contracts.table import Table
from bizlab.data.tables import amoeba, budget, crm, erp

TABLES: dict[str, Table] = {table.name: table for module in (crm, erp, amoeba, budget) for table in module.TABLES}
