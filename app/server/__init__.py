"""The server: uvicorn, with limits to what a connection may do, and stopping so that no request is lost.

Its protocol (`protocol.py`) is named to uvicorn, and not imported here: a process that only supervises others does not load it.
"""

from app.server.run import make_application, run
from app.server.supervisor import SPARE_PLACES, Supervisor, WorkerProcess

__all__ = ["SPARE_PLACES", "Supervisor", "WorkerProcess", "make_application", "run"]
