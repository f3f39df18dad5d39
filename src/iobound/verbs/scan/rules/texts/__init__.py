"""One Markdown file for each rule; `scan.rules.notes` reads them."""
