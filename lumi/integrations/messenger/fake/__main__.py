"""`python -m lumi.integrations.messenger.fake`: a twin of its own, until it is told to end."""

from lumi.integrations.messenger.fake.command import Command
from lumi.integrations.messenger.fake.surface import MESSENGER

if __name__ == "__main__":
    Command("lumi.integrations.messenger.fake", "MESSENGER", MESSENGER).run()
