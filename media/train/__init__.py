"""Makes the bundled speech model from nothing: text, synthetic speech, network, training, export.

Nothing in here is needed at run time; torch and the rest come with the extra `train`.
"""
