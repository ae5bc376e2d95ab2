"""Files of a stranger, read and never run: bounded, and never outside of the audited folder."""
