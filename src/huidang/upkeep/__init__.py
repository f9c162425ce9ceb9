"""Care of the house: verify, doctor, demo."""
