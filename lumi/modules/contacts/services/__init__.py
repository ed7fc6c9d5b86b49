"""The use cases of contacts: who somebody is, what is known of them, whether they want to hear from us."""
