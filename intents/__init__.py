"""Text → decisions. Knows neither the service nor audio."""

from intents.catalogue import Decision
from intents.understand import Understander, Understanding, is_backchannel
from intents.vocabulary import Vocabulary

__all__ = ["Decision", "Understander", "Understanding", "Vocabulary", "is_backchannel"]
