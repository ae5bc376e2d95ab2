"""What people state and runs record: waivers, attestations, evidence and earlier audits."""
