"""Who needs a setting: the column of that name in `docs/configuration.md`."""

from pydantic.config import JsonDict

PRODUCTION: JsonDict = {"needed_by": "production, without it nothing starts"}
SERVERS: JsonDict = {"needed_by": "whoever runs Lumi on a server"}
OUTSIDE_DATABASE: JsonDict = {"needed_by": "whoever brings a PostgreSQL of their own"}
REDIS: JsonDict = {"needed_by": "installations with Redis"}
INTEGRATORS: JsonDict = {"needed_by": "whoever calls the API from pages of another site"}
WHATSAPP: JsonDict = {"needed_by": "whoever connects a WhatsApp number by the environment"}
TELEGRAM: JsonDict = {"needed_by": "whoever connects a Telegram bot by the environment"}
META: JsonDict = {"needed_by": "whoever connects an Instagram account or a Facebook page by the environment"}
GMAIL: JsonDict = {"needed_by": "whoever connects a Gmail mailbox by the environment"}
MAILBOX: JsonDict = {"needed_by": "whoever connects a mailbox by the environment"}
MONITORS: JsonDict = {"needed_by": "whoever collects figures"}
KEEPERS: JsonDict = {"needed_by": "whoever promises to forget"}
DEVELOPERS: JsonDict = {"needed_by": "developers"}
NOBODY: JsonDict = {"needed_by": "nobody: the default fits"}
