"""From bytes to what names stand for: `sources` decodes and parses, `survey` walks, `names` resolves."""
