"""Our own words coming back through the guest's microphone. Pure."""

import re

_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
_MIN_TOKENS = 3
_SHARE = 0.75


def is_echo(heard: str, saying: str) -> bool:
    """Whether what was heard, three Chinese characters or words at least, is nearly all one stretch of what was being said. A stretch, because
    "turn off the lamp" shares all but one word with "turn on the lamp"."""
    tokens, ours = _TOKEN.findall(heard.lower()), _TOKEN.findall(saying.lower())
    return len(tokens) >= _MIN_TOKENS and _longest_stretch(tokens, ours) >= _SHARE * len(tokens)


def _longest_stretch(left: list[str], right: list[str]) -> int:
    longest = 0
    row = [0] * (len(right) + 1)
    for token in left:
        row = [0] + [row[at] + 1 if token == other else 0 for at, other in enumerate(right)]
        longest = max(longest, *row)
    return longest
