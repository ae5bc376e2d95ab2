# Managed by poc2prod; extend in a module of your own that imports it.
"""The service's routes.

POST /predict   one row or a list of rows → {"model", "predictions"}
GET  /live      the process runs
GET  /ready     a verified model is loaded and the service is not about to stop
GET  /version   which code and which model answer
GET  /metrics   for Prometheus
"""

from importlib.metadata import metadata, version
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import ClientDisconnect

from .. import registry
from ..cli import PROJECT
from ..errors import ProjectError
from ..predictor import Predictor
from ..rows import RowError, RowReader
from ..settings import Settings
from .body import BodyTooLargeError, read
from .predicted import Predicted
from .telemetry import Metrics, Telemetry, log

_ERROR = {
    "description": "What is wrong, field by field.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "detail": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["field", "reason"],
                            "properties": {
                                "field": {"type": "string"},
                                "reason": {"type": "string"},
                            },
                        },
                    }
                },
            }
        }
    },
}


class Service:
    """What the routes share: the model, or why there is none, and whether to stop.

    Attributes:
        draining: set before the end, so that no new requests are sent here.
    """

    def __init__(self, settings: Settings) -> None:
        """Load the model. A service without one lives, and is not ready."""
        self.settings = settings
        self.metrics = Metrics()
        self.draining = False
        self.predictor: Predictor | None = None
        self.reader: RowReader | None = None
        self.predicted: Predicted | None = None
        self.problem = ""
        self.model: dict[str, str] = {}
        try:
            chosen = registry.chosen(settings.models, settings.model)
            predictor = Predictor(chosen, settings.signed_by)
        except (ProjectError, OSError, ValueError) as error:
            self.problem = str(error)
            log.error("no model", reason=self.problem)
            return
        self.predictor = predictor
        self.reader = RowReader(predictor.metadata.inputs, settings.max_rows)
        self.model = {"version": chosen.name, "sha256": predictor.metadata.digest}
        self.predicted = Predicted(self.metrics.registry, predictor, self.model)
        log.info("model loaded", **self.model)

    @property
    def ready(self) -> bool:
        """Whether to send requests here."""
        return self.predictor is not None and not self.draining


def create_app(settings: Settings) -> FastAPI:
    """Build the application; `app.state.service` is its `Service`."""
    service = Service(settings)
    app = FastAPI(
        title=PROJECT,
        description=metadata(PROJECT)["Summary"],
        version=version(PROJECT),
        redirect_slashes=False,  # it would redirect to whatever host the request names
    )
    app.state.service = service

    @app.post("/predict", openapi_extra=_request_schema(service), responses=_responses())
    async def predict(request: Request) -> Response:
        """Predict for one row, or for each of a list of rows."""
        if service.predictor is None or service.reader is None or service.predicted is None:
            return _refuse(503, "model", service.problem)
        try:
            body = await read(request, settings.max_body_bytes, settings.body_seconds)
            rows = service.reader.read(body)
            predictions = service.predictor.reply(rows)
        except BodyTooLargeError:
            service.metrics.refused.inc()
            return _refuse(413, "body", f"must have at most {settings.max_body_bytes} bytes")
        except TimeoutError:
            service.metrics.refused.inc()
            return _refuse(408, "body", f"must come within {settings.body_seconds:g} seconds")
        except RowError as error:
            service.metrics.refused.inc()
            return JSONResponse({"detail": error.problems}, 422)
        except ProjectError as error:
            service.metrics.refused.inc()
            return _refuse(422, "body", str(error))
        except ClientDisconnect:
            return Response(status_code=499)  # nobody reads it; the log and the metrics do
        service.predicted.count(predictions)
        return JSONResponse({"model": service.model, "predictions": predictions})

    @app.get("/live")
    async def live() -> dict[str, str]:
        """Say that the process runs; restart it when it does not."""
        return {"status": "live"}

    @app.get("/ready", responses={503: {"description": "Send no requests here."}})
    async def ready() -> Response:
        """Say whether to send requests here."""
        if service.ready:
            return JSONResponse({"status": "ready"})
        reason = "stopping" if service.draining else service.problem
        return JSONResponse({"status": "not ready", "reason": reason}, 503)

    @app.get("/version")
    async def which() -> dict[str, Any]:
        """Say which code and which model answer."""
        return {"project": PROJECT, "version": version(PROJECT), "model": service.model}

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        """Give Prometheus its numbers."""
        service.metrics.ready.set(service.ready)
        return Response(generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    routes = frozenset(path for route in app.routes if (path := getattr(route, "path", None)))
    app.add_middleware(Telemetry, metrics=service.metrics, routes=routes)
    return app


def _refuse(status: int, field: str, reason: str) -> Response:
    return JSONResponse({"detail": [{"field": field, "reason": reason}]}, status)


def _request_schema(service: Service) -> dict[str, Any]:
    """Describe the body as the loaded model wants it."""
    row: dict[str, Any] = {"type": "object"}
    examples: dict[str, Any] = {}
    if service.reader is not None and service.predictor is not None:
        row = service.reader.row.model_json_schema()
        examples = {"examples": {"one row": {"value": service.predictor.golden_rows[0]}}}
    many = {"type": "array", "items": row, "minItems": 1, "maxItems": service.settings.max_rows}
    body = {"application/json": {"schema": {"oneOf": [row, many]}, **examples}}
    return {"requestBody": {"required": True, "content": body}}


def _responses() -> dict[int | str, dict[str, Any]]:
    return {408: _ERROR, 413: _ERROR, 422: _ERROR, 503: _ERROR}
