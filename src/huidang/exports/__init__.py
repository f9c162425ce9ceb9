"""What leaves the house: transcripts as files, excerpts, evidence, and the receipt of each."""
