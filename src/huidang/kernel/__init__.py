"""What has no domain words: access guard, ledger, jobs, events, blobs, clock, secrets, outbound, problems."""
