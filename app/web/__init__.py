"""The page: HTML, styles and scripts as browsers read them. It uses only what the API offers to everyone."""

from pathlib import Path

FOLDER = Path(__file__).parent
"""Where the page's files are."""
