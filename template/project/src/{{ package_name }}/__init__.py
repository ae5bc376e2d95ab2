"""The project's package: three short files of the team's beside `ops`, the managed machinery."""
