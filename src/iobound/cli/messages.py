"""What is said on one line of standard error."""

from __future__ import annotations


def one_line(text: str) -> str:
    """A message with what is not printable escaped: names of files may hold anything.

    Example:
        >>> one_line("there is no script a\\x1b[31m")
        'there is no script a\\\\x1b[31m'
    """
    shown = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
    return shown.replace("##", "# #")  # Azure Pipelines takes `##vso[…]` for a command wherever it stands
