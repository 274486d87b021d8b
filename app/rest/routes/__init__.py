"""The routes, one file a resource: parse, call, render."""

from fastapi import APIRouter

from app.rest.routes import (
    check,
    dialects,
    docs,
    fits,
    health,
    jobs,
    metrics,
    models,
    networks,
    page,
    predict,
    train,
    versions,
)
from app.rest.routes.page import page_files

ROUTERS: tuple[APIRouter, ...] = (
    train.router,
    predict.router,
    check.router,
    models.router,
    versions.router,
    networks.router,
    fits.router,
    jobs.router,
    *dialects.ROUTERS,
    health.router,
    metrics.router,
    docs.router,
    page.router,
)

__all__ = ["ROUTERS", "page_files"]
