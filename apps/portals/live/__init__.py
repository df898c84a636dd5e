"""News for pages that wait: a server-sent stream that says when to look again, and never what there is to see."""
