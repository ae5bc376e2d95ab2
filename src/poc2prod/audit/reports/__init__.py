"""The report in the forms that people, pull requests and CI services read."""
