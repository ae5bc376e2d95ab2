"""The KPI contract, as it stands and as it was."""
