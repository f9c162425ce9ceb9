"""The API put together, its OpenAPI document, and the page that shows the document to people."""

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI

from huidang.api import asking, errors, exports, imports, reveals, v1, views
from huidang.api.auth import Asked, Bearer, Session
from huidang.api.schemas import Problem

PREFIX = "/api/v1/"
_ALWAYS = {401: "Who asks is unknown", 429: "Too often"}


class Api(NinjaAPI):
    """Describes with every operation the problems that it may answer with."""

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        """Return the OpenAPI 3.1 document."""
        document = super().get_openapi_schema(**{"path_prefix": PREFIX, **kwargs})
        document["components"]["schemas"]["Problem"] = Problem.json_schema()
        for address, operations in document["paths"].items():
            for operation in operations.values():
                operation["responses"] |= {
                    status: _problem(text) for status, text in _problems(address, operation).items()
                }
        return document


api = Api(
    title="会档 Huidang",
    version="1",
    description="The archive for customer-service chats, with the reach and the masks of whoever asks.",
    auth=[Bearer(), Session()],
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)
errors.install(api)
api.add_router("", v1.router)
api.add_router("/imports", imports.router)
api.add_router("/views", views.router)
api.add_router("", reveals.router)
api.add_router("/requests", asking.router)
api.add_router("", exports.router)


@api.get("/openapi.json", include_in_schema=False, url_name="document")
def document(request: Asked) -> HttpResponse:
    """Return the document as JSON."""
    return HttpResponse(text_of_document(), content_type="application/json")


def text_of_document() -> str:
    """Return the document as the snapshot keeps it."""
    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1) + "\n"


def page(request: HttpRequest) -> HttpResponse:
    """Show the document to a person who is signed in."""
    return render(request, "api/page.html", {"operations": list(_operations()), "prefix": PREFIX})


def patterns() -> list[URLPattern]:
    """Return the addresses of the API: its operations, its page, and one answer for everything else."""
    own = [each for each in api.urls[0] if isinstance(each, URLPattern) and each.name != "api-root"]
    for each in own:
        each.callback = errors.speak(each.callback)
    return [path("docs", page, name="docs"), *own, re_path(r"^", errors.speak(errors.nowhere), name="nowhere")]


def _problems(address: str, operation: dict[str, Any]) -> dict[int, str]:
    known = dict(_ALWAYS)
    if operation.get("parameters") or "requestBody" in operation:
        known[422] = "Parameters that are not as described"
        known[404] = "Absent, or not for you"
    if "/imports" in address:
        known |= {403: "Only for who manages the house or a part of it"}
    if operation["tags"][0] in {"exports", "excerpts"}:
        known |= {400: "What cannot be taken, or has ended", 403: "Not with this right", 404: "Absent, or not for you"}
    if operation["tags"][0] in {"reveals", "requests"}:
        known |= {400: "Decided, expired, or not as asked", 403: "Wants another person"}
    elif "requestBody" in operation:
        known[400] = "A file or an option that cannot be taken"
        known[404] = "Absent, or not for you"
        known[422] = "A body that is not as described"
    if operation["tags"] == ["log"]:
        known |= {400: "No such stretch of the log", 409: "Not yet under a signed checkpoint"}
    return dict(sorted(known.items()))


def _problem(text: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": text, "content": {errors.MEDIA_TYPE: {"schema": schema}}}


def _operations() -> Iterator[dict[str, Any]]:
    for address, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            yield {"method": method.upper(), "address": address, **operation}
