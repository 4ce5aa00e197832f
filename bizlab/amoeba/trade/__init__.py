"""Internal trade: both books matched, prices held against what was agreed."""
