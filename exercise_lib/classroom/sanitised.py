"""HTML of students for pages that others look at: what can act goes, what can only show stays.

nbconvert's own ``clean_html`` cleans, too, but takes pictures and tables with it.
"""

from html import escape

import bleach
from bleach.css_sanitizer import CSSSanitizer
from nbconvert.filters import strip_files_prefix

TAGS = frozenset(
    "a abbr b blockquote br code dd details div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li ol p "
    "pre s small span strong sub summary sup table tbody td th thead tr u ul var".split()
)
PICTURES = tuple(f"data:image/{kind};base64," for kind in ("png", "jpeg", "gif", "svg+xml"))
STYLES = "border border-left color margin max-width padding text-align width".split()
MOST_TAGS, SHOWN = 20_000, 5_000
CSS = CSSSanitizer(allowed_css_properties=STYLES)


def clean_html(html: object) -> str:
    """HTML without scripts, forms, frames, event handlers and anything fetched from elsewhere."""
    text = html.decode("utf-8", "replace") if isinstance(html, bytes) else str(html)
    if text.count("<") > MOST_TAGS:  # cleaning them would take minutes
        return f"<pre>{escape(text[:SHOWN])}</pre>"
    return bleach.clean(
        text,
        tags=TAGS,
        attributes=allowed,
        protocols={"http", "https", "mailto", "data"},
        css_sanitizer=CSS,
        strip=True,
    )


def clean_markdown(html: str) -> str:
    """``clean_html`` for what students write in Markdown cells.

    nbgrader's page lets that through as it is; but the last of its filters is
    ``strip_files_prefix``, in whose place this one stands.
    """
    return clean_html(strip_files_prefix(html))


def allowed(tag: str, name: str, value: str) -> bool:
    if name == "src":  # a picture that is not in the page itself tells its server who reads it
        return tag == "img" and value.startswith(PICTURES)
    if name == "class":  # names of the page's own would lay a student's box over it
        return tag in ("div", "pre", "span", "table", "code") and value.startswith("highlight")
    if name == "id":
        return False
    if name == "href":
        return tag == "a" and not value.strip().lower().startswith("data:")
    return name in ("alt", "height", "role", "style", "title", "width")
