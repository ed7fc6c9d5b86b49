"""Access that an owner has granted, whoever the provider is: OAuth 2.0 refresh tokens, exchanged for access tokens.

What a refusal means is said by who uses it, in the terms of their provider."""
