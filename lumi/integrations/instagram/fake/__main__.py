"""`python -m lumi.integrations.instagram.fake`: a twin of its own, until it is told to end."""

from lumi.integrations.instagram.fake.surface import INSTAGRAM
from lumi.integrations.messenger.fake.command import Command

if __name__ == "__main__":
    Command("lumi.integrations.instagram.fake", "INSTAGRAM", INSTAGRAM, has_pages=True).run()
