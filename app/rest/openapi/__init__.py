"""The OpenAPI document: what FastAPI gathers from the routes, and what it cannot know of them."""

from app.rest.openapi.document import complete_openapi

__all__ = ["complete_openapi"]
