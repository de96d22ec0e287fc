"""Makes the bundled speech model from nothing: text, synthetic speech, network, training, export.

`python -m media.train run --until 19:15` trains, and goes on from its own checkpoint after a stop (SIGTERM saves first); `eval`,
`export`, `card` and `record` do what their help says. Sentences come from `sentences/` and from what `python -m intents.sample
--out build/train/samples.jsonl` wrote; both are read again while it runs. State lies in build/train.

Nothing in here is needed at run time; torch and the rest come with the extra `train`.
"""
