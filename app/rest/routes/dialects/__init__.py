"""Routes of protocols that other servers speak, too."""

from app.rest.routes.dialects import instances, invocations, open_inference, statistics

ROUTERS = (statistics.router, open_inference.router, instances.router, invocations.router)

__all__ = ["ROUTERS"]
