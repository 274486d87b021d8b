"""Clients are asked on one Python: their environments are large, and which Python serves makes no difference to them."""

import sys

collect_ignore_glob = [] if sys.version_info[:2] == (3, 11) else ["test_*.py"]
