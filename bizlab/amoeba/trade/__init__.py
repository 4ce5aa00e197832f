"""Internal trade: both books matched, prices compared with what was agreed."""
