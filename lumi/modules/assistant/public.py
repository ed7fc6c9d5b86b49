"""What others may ask of the assistant.

guess = assistant.detect("Wann habt ihr geöffnet?", among=("fr", "de"))
"""

from lumi.modules.assistant.engine.language import Guess, detect, prepare

__all__ = ["Guess", "detect", "prepare"]
