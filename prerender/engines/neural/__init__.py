"""Engines that run a network; weights by the user, libraries by the extra `neural`."""
