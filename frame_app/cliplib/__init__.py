"""Floor 1, the contract: what a clip library is, how it is read and written."""
