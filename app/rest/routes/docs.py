"""The page of documentation: Swagger UI from an installed package, not from a CDN; by relative paths, so behind any proxy.

No script stands in the page, so that browsers can be told to run none but the files that are served here.
"""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from app.rest.rendering import PAGE_HEADERS

router = APIRouter(include_in_schema=False)

POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may load and run (Content Security Policy, W3C). Swagger UI has styles of its own in the page."""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<link rel="stylesheet" href="swagger/swagger-ui.css">
<link rel="icon" href="swagger/favicon-32x32.png">
<title>Scorecast</title>
</head>
<body>
<div id="swagger-ui"></div>
<script src="swagger/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""

START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
"""


@router.get("/docs")
async def docs() -> Response:
    """Return the page."""
    return HTMLResponse(PAGE, headers={**PAGE_HEADERS, "Content-Security-Policy": POLICY})


@router.get("/docs/start.js")
async def start() -> Response:
    """Return the script that fills the page."""
    return Response(START, media_type="text/javascript")
