"""What a batch is made of, by how far the training has come. What worked: short, clean and few voices first."""

from dataclasses import dataclass

from media.train.sentences import Mix

_EASY_UPDATES = 1_700
_GROWN_UPDATES = 3_300
_LARGE_UPDATES = 3_600
_MASKED_UPDATES = 8_000
_ALIGNED_UPDATES = 2_500  # from here on the rough estimate would only hold the decoder back


@dataclass(frozen=True)
class Lesson:
    """`growth` 0..1: from few voices and short texts to everything; `strength` 0..1: of noise, echo and bad
    microphones. `wide_share` of the batches have the window that faster-whisper alone pads every segment to, sixty seconds here."""

    growth: float
    strength: float
    longest_seconds: float
    batch_frames: int
    sound_weight: float
    align_weight: float
    masking: bool
    noise_share: float
    wide_share: float
    mix: Mix


def lesson(update: int, elapsed: float) -> Lesson:
    """`update` counts optimizer steps; `elapsed` 0..1 is the share of the training's time that has passed."""
    growth = min(1.0, max(0.0, (update - _EASY_UPDATES) / (_GROWN_UPDATES - _EASY_UPDATES)))
    later = min(1.0, max(0.0, (elapsed - 0.25) / 0.4))
    mix = Mix(
        general=0.50 - 0.38 * later,
        natural=0.18 + 0.14 * later,
        samples=0.08 + 0.14 * later,
        spliced=0.20 + 0.12 * later,
        numbers=0.04 + 0.01 * later,
    )
    return Lesson(
        growth=growth,
        strength=growth * (0.4 + 0.4 * later),
        longest_seconds=2.3 + 4.7 * growth,
        batch_frames=2_250 if update < _LARGE_UPDATES else 2_600,
        sound_weight=1.0 - 0.7 * min(1.0, max(0.0, (update - _GROWN_UPDATES) / 2_000)),
        align_weight=2.0 if update < _ALIGNED_UPDATES else 0.4 * max(0.0, 1 - (update - _ALIGNED_UPDATES) / 2_000),
        masking=update >= _MASKED_UPDATES,
        wide_share=0.04 if elapsed > 0.65 else 0.0,
        noise_share=0.03 * growth,
        mix=mix,
    )
