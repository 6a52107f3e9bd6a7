"""The overnight pipeline: photos become portraits in a clip library."""
