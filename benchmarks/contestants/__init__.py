"""The contestants: levelset and its peers, each at its best."""
