"""The table of contents of the HTTP surface: every router beside its path."""

from fastapi import APIRouter

from lumi.api import console, health, pages, webhooks, widget, widget_files
from lumi.modules.accounts.router import router as accounts
from lumi.modules.attachments.router import router as attachments
from lumi.modules.channels.router import dead_letters
from lumi.modules.channels.router import router as channels
from lumi.modules.contacts.router import router as contacts
from lumi.modules.conversations.router import first_words
from lumi.modules.conversations.router import router as conversations
from lumi.modules.files.router import links as file_links
from lumi.modules.files.router import router as files
from lumi.modules.knowledge.router import router as knowledge
from lumi.modules.tenants.router import router as tenants

router = APIRouter()
router.include_router(webhooks.router)  # first: the routers are asked in this order
router.include_router(health.router)
router.include_router(widget.router)
router.include_router(widget_files.router)
router.include_router(pages.router)
router.include_router(console.router, prefix="/v1/console")
router.include_router(accounts, prefix="/v1")
router.include_router(tenants, prefix="/v1/tenant")
router.include_router(contacts, prefix="/v1/contacts")
router.include_router(first_words, prefix="/v1/contacts")
router.include_router(files, prefix="/v1/files")
router.include_router(file_links, prefix="/files")
router.include_router(knowledge, prefix="/v1/knowledge")
router.include_router(conversations, prefix="/v1/conversations")
router.include_router(attachments, prefix="/v1/conversations")
router.include_router(channels, prefix="/v1/channels")
router.include_router(dead_letters, prefix="/v1/dead-letters")
