"""The floor: what uvicorn alone takes to read a body and to answer with constant bytes.

python -m benchmarks.floor 180  # bytes of an answer
"""

import sys

import uvicorn
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope


class Floor:
    """An ASGI application that reads what it is sent, and has always the same answer."""

    def __init__(self, length: int) -> None:
        self._body = b'"' + b"x" * (length - 2) + b'"'
        self._headers = [(b"content-type", b"application/json"), (b"content-length", str(length).encode())]

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Answer one request."""
        assert scope["type"] == "http"
        while (await receive()).get("more_body", False):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": self._headers, "trailers": False})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


def serve(app: object, port: int = 0) -> None:
    """Serve an application by one worker, as fast as uvicorn can; at any free port unless document which."""
    options = {"loop": "uvloop", "http": "httptools", "access_log": False, "lifespan": "off"}
    uvicorn.run(app, port=port, **options)  # type: ignore[arg-type]


if __name__ == "__main__":
    serve(Floor(int(sys.argv[1])))
