"""Natural sentences to decisions: a small joint model over characters and words (see ``README.md``)."""
