"""`/developers/docs/<topic>`: the documents of the repository's `docs/`, as pages. They are in English."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET
from markdown_it import MarkdownIt
from markdown_it.token import Token

from apps.open_banking.pages.developers.door import show

TOPICS = {
    "consents": (_("Consents, sign-in and reading"), "open-banking.md"),
    "webhooks": (_("Webhooks"), "webhooks.md"),
    "api": (_("The API: errors, lists, idempotency"), "api.md"),
}


class Page(NamedTuple):
    """A document, without its title: the text, and its headings as (anchor, words)."""

    text: SafeString
    headings: list[tuple[str, str]]


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All of them."""
    return show(request, "docs", "docs", topics=[(name, title) for name, (title, _file) in TOPICS.items()])


@require_GET
def topic(request: HttpRequest, name: str) -> HttpResponse:
    """One."""
    if name not in TOPICS:
        raise Http404
    title, file = TOPICS[name]
    return show(request, "topic", "docs", title=title, page=_page(file))


@lru_cache(maxsize=16)
def _page(file: str) -> Page:
    """Rendered once a process, without what is for operators. Raw HTML is shown as text; only safe links are links."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    text = (Path(settings.ROOT) / "docs" / file).read_text(encoding="utf-8")
    tokens = reader.parse(text.partition("\n## For operators")[0])
    headings = []
    for nth, one in enumerate(tokens):
        if one.type == "heading_open" and one.tag == "h2":
            words = tokens[nth + 1].content
            one.attrSet("id", slugify(words))
            headings.append((slugify(words), words))
        if one.type in {"table_open", "fence", "code_block"}:
            one.attrSet("class", "doc")
    return Page(_scrolling(reader.renderer.render(_without_title(tokens), reader.options, {})), headings)


def _without_title(tokens: list[Token]) -> list[Token]:
    return tokens[3:] if tokens and tokens[0].tag == "h1" else tokens


def _scrolling(html: str) -> SafeString:
    """Wide tables and code scroll in themselves, by keyboard too."""
    for tag in ("table", "pre"):
        box = '<div class="scroll" tabindex="0" role="region">' if tag == "table" else ""
        html = html.replace(f"<{tag}", f"{box}<{tag}" + (' tabindex="0"' if tag == "pre" else ""))
        html = html.replace(f"</{tag}>", f"</{tag}>" + ("</div>" if box else ""))
    return mark_safe(html)  # noqa: S308 our own documents, rendered with raw HTML switched off
