"""The routes, one file a resource: parse, call, render."""

from fastapi import APIRouter

from app.rest.routes import docs, health, jobs, models, predict, train, versions

ROUTERS: tuple[APIRouter, ...] = (
    train.router,
    predict.router,
    models.router,
    versions.router,
    jobs.router,
    health.router,
    docs.router,
)
