"""What Whisper models write when nobody spoke, as data, and the test for it."""

import re

#: Whole utterances (letters only) that Whisper models make up out of silence, noise and music.
PHANTOMS = {
    "zh": (
        "请不吝点赞订阅转发打赏支持明镜与点点栏目",
        "请不吝点赞订阅",
        "字幕由amaraorg社区提供",
        "字幕志愿者",
        "中文字幕志愿者",
        "由amaraorg社区提供的字幕",
        "优优独播剧场yoyotelevisionseriesexclusive",
        "谢谢观看",
        "谢谢大家观看",
        "感谢观看",
        "感谢收看",
        "谢谢收看",
        "下期再见",
        "我们下期再见",
        "以下是普通话的句子",
        "订阅我的频道",
        "明镜需要您的支持欢迎订阅明镜",
    ),
    "en": (
        "thankyouforwatching",
        "thanksforwatching",
        "thankyousomuchforwatching",
        "pleasesubscribe",
        "pleasesubscribetomychannel",
        "likeandsubscribe",
        "subtitlesbytheamaraorgcommunity",
        "seeyouinthenextvideo",
        "illseeyouinthenextvideo",
        "music",
        "applause",
    ),
}

_LETTERS = re.compile(r"[\W_]+")
_ECHO_LETTERS = 6


def _letters(text: str) -> str:
    return _LETTERS.sub("", text).lower()


def is_phantom(text: str, lang: str, prompt: str | None = None) -> bool:
    """Whether a text is a known phantom, or the prompt given back word for word."""
    letters = _letters(text)
    if letters in PHANTOMS.get(lang, ()):
        return True
    return prompt is not None and len(letters) >= _ECHO_LETTERS and letters == _letters(prompt)
