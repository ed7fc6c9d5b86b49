"""The demo: three organisations, the landing page and the simulated phone. Never in production."""
