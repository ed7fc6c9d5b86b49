"""A twin of servers that hear and speak: OpenAI's audio API and Coqui's, for the demo, tests and benchmarks.

It knows what is said in a recording only when it was told, by the recording's SHA-256; any other is silence to it.
What it speaks is a tone as long as the text would be. Being an outside system, it makes its own connections."""
