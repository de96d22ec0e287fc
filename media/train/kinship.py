"""Which trained rows sound or are spelt alike, as a matrix: what is learned of one token serves its kin.

A Han character's features are the parts of its readings (initial, final, tone); an English piece's are its letters and
where they stand. The embedding is a row of its own plus the sum of its features' rows, so a rare character is read right
because commoner ones of that sound were.
"""

import numpy as np
from pypinyin import Style, pinyin

from media.train.pronounce import syllable_units
from media.train.vocabulary import Vocabulary

_OTHER_READINGS = 0.4


def _han(character: str) -> dict[str, float]:
    features: dict[str, float] = {}
    readings = pinyin(character, style=Style.TONE3, heteronym=True, neutral_tone_with_five=True, v_to_u=False)[0]
    for number, reading in enumerate(readings[:3]):
        if not reading[-1:].isdigit():
            continue
        *initial, final = syllable_units(reading)
        for feature in (f"i:{''.join(initial)}", f"f:{final}", f"g:{final[:-1]}", f"t:{final[-1]}"):
            features[feature] = max(features.get(feature, 0.0), 1.0 if number == 0 else _OTHER_READINGS)
    return features


def _piece(piece: str) -> dict[str, float]:
    letters = piece.removeprefix("Ġ")
    if not letters:
        return {}
    features = {f"l:{letter}": 0.5 for letter in letters}
    features |= {f"a:{letters[0]}": 1.0, f"a2:{letters[:2]}": 0.7, f"z:{letters[-1]}": 1.0, f"n:{min(len(letters), 6)}": 0.5}
    if piece.startswith("Ġ"):
        features["word"] = 1.0
    return features


def kinship(vocabulary: Vocabulary) -> np.ndarray:
    """[rows, features] float32; rows of special tokens are zero."""
    features: list[dict[str, float]] = []
    for row in range(len(vocabulary.rows)):
        piece = vocabulary.tokenizer.id_to_token(vocabulary.rows[row])
        text = vocabulary.tokenizer.decode([vocabulary.rows[row]])
        if row >= vocabulary.real:
            features.append({})
        elif len(text) == 1 and text in vocabulary.han:
            features.append(_han(text))
        else:
            features.append(_piece(piece) if piece.removeprefix("Ġ").isascii() else {})
    names = {name: column for column, name in enumerate(sorted({name for f in features for name in f}))}
    matrix = np.zeros((len(features), len(names)), np.float32)
    for row, named in enumerate(features):
        for name, weight in named.items():
            matrix[row, names[name]] = weight
    return matrix
