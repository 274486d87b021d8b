"""What routes depend on: the services, and the names in their paths."""

from typing import Annotated

from fastapi import Depends, Path, Request

from app.bootstrap import Services


async def services(request: Request) -> Services:
    """Return the services of the application; async, since FastAPI runs a plain function in a thread."""
    found: Services = request.app.state.services
    return found


ServicesDependency = Annotated[Services, Depends(services)]
ModelName = Annotated[str, Path(description="The model's name.", examples=["exam-score"])]
ModelVersion = Annotated[int, Path(ge=1, description="The version's number.")]
