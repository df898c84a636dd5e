"""Whether a page stays within a phone, also with text twice as large and with words longer than ours."""

LONGER = """
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const found = [];
while (walk.nextNode()) if (walk.currentNode.data.trim()) found.push(walk.currentNode);
for (const text of found) {
    if (text.parentElement.closest("script, style, .mono")) continue;
    const longer = word => word + "ååååååååå".slice(0, Math.ceil(word.length * 0.4));
    text.data = text.data.split(" ").map(word => word.length > 3 ? longer(word) : word).join(" ");
}
"""


def too_wide(page) -> list[str]:
    """How far the page that is open runs over the screen, as it is, with large text, and with longer words."""
    found = []
    for how, stretch in (
        ("as it is", "0"),
        ("large text", "document.documentElement.style.fontSize = '200%'"),
        ("longer words", f"document.documentElement.style.fontSize = ''; {LONGER}"),
    ):
        page.evaluate(stretch)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            found.append(f"{wide} px too wide, {how}")
    return found
