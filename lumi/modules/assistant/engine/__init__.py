"""Pure parts of the assistant: language, intents, the decision what to say. No session, no clock, no I/O."""
