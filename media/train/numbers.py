"""Numbers as hotel guests and staff say them: temperatures, room numbers, times, counts, prices."""

import numpy as np

_ZH = "零一二三四五六七八九"
_EN_ONES = (  # noqa: SIM905 - a table of words reads better so
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905 - likewise


def zh_number(n: int) -> str:
    """0..9999 as spoken; 2 is 二."""
    if n < 10:
        return _ZH[n]
    if n < 20:
        return "十" + (_ZH[n % 10] if n % 10 else "")
    if n < 100:
        return _ZH[n // 10] + "十" + (_ZH[n % 10] if n % 10 else "")
    unit, name = (1000, "千") if n >= 1000 else (100, "百")
    head, rest = divmod(n, unit)
    if rest == 0:
        return _ZH[head] + name
    gap = "零" if rest < unit // 10 else ""
    tail = ("一" if 10 <= rest < 20 else "") + zh_number(rest)
    return _ZH[head] + name + gap + tail


def en_number(n: int) -> str:
    """0..9999 as spoken."""
    if n < 20:
        return _EN_ONES[n]
    if n < 100:
        return _EN_TENS[n // 10 - 2] + (" " + _EN_ONES[n % 10] if n % 10 else "")
    unit, name = (1000, "thousand") if n >= 1000 else (100, "hundred")
    head, rest = divmod(n, unit)
    return f"{en_number(head)} {name}" + (" " + en_number(rest) if rest else "")


def zh_digits(n: int) -> str:
    return "".join(_ZH[int(d)] for d in str(n))


def en_digits(n: int, rng: np.random.Generator) -> str:
    oh = rng.random() < 0.6
    return " ".join("oh" if d == "0" and oh else _EN_ONES[int(d)] for d in str(n))


def number_phrase(lang: str, rng: np.random.Generator) -> str:
    """One of the ways in which numbers come up."""
    room = int(rng.choice([100, 200, 300, 500, 800, 1200, 1800])) + int(rng.integers(1, 30))
    small, degrees = int(rng.integers(1, 13)), int(rng.integers(16, 31))
    percent = int(rng.integers(1, 11)) * 10 - (5 if rng.random() < 0.2 else 0)
    hour, minute = int(rng.integers(1, 13)), int(rng.choice([0, 0, 5, 10, 15, 20, 30, 30, 40, 45, 50]))
    any_number = int(rng.integers(0, 100)) if rng.random() < 0.7 else int(rng.integers(100, 2000))
    if lang == "zh":
        clock = f"{'两' if hour == 2 else zh_number(hour)}点" + (
            "" if minute == 0 else "半" if minute == 30 else "一刻" if minute == 15 else zh_number(minute) + "分"
        )
        count = "两" if small == 2 else zh_number(small)
        options = [
            f"{zh_number(degrees)}度",
            f"{zh_number(degrees)}度半" if rng.random() < 0.3 else f"调到{zh_number(degrees)}度",
            f"百分之{zh_number(percent)}",
            f"{zh_digits(room)}" + ("房间" if rng.random() < 0.3 else "房" if rng.random() < 0.4 else ""),
            str(rng.choice(["早上", "上午", "中午", "下午", "晚上", "明天早上", "明早", ""])) + clock,
            f"{count}{rng.choice(list('个条瓶双把份杯盒套张床件包间位天晚次'))}",
            zh_number(any_number),
            f"{zh_number(any_number)}块钱",
            zh_digits(int(rng.integers(100, 99999))),
        ]
    else:
        clock = f"{en_number(hour)} " + (
            "o'clock"
            if minute == 0
            else ("oh five" if minute == 5 else en_number(minute)) + str(rng.choice(["", " am", " pm", " in the morning"]))
        )
        options = [
            f"{en_number(degrees)} degrees",
            f"to {en_number(degrees)}",
            f"{en_number(percent)} percent",
            f"room {en_digits(room, rng)}",
            en_digits(room, rng),
            clock,
            f"half past {en_number(hour)}",
            f"{en_number(small)} {rng.choice(['more', 'bottles', 'pieces', 'of them', 'nights', 'people', 'cups', 'hours', 'minutes', 'extra'])}",
            en_number(any_number),
            f"{en_number(any_number)} dollars",
        ]
    return options[int(rng.integers(len(options)))].strip()
