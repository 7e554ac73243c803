"""Fragments of HTML, read back as tags and texts."""

import html.parser


class Reader(html.parser.HTMLParser):
    """Collects the tags of a fragment, and whether each that opens is closed."""

    def __init__(self):
        super().__init__()
        self.tags, self.open, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "input", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(fragment):
    reader = Reader()
    reader.feed(fragment)
    reader.close()
    assert reader.open == []
    return reader
