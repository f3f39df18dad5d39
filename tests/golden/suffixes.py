"""What golden files of each format are called after their story."""

LISTED = {
    "github": "github.txt",
    "gitlab": "gitlab.json",
    "sarif": "sarif.json",
    "junit": "junit.xml",
    "markdown": "md",
    "log": "log",
}
"""Of all that is told in records."""

TEXTS = {"text": "txt", "json": "json"}
