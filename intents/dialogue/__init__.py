"""What a sentence means in its conversation: "it", 再高一点, "make that two", answers to a question, undo."""

from intents.dialogue.resolve import Resolved, Resolver
from intents.dialogue.state import Dialogue, Effect, Question

__all__ = ["Dialogue", "Effect", "Question", "Resolved", "Resolver"]
