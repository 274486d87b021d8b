"""Routes of protocols that other servers speak, too."""

from app.rest.routes.dialects import instances, open_inference

ROUTERS = (open_inference.router, instances.router)

__all__ = ["ROUTERS"]
