"""The gateway's routes: every path, its door and its errors, as recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.applications import Starlette
from starlette.routing import Route

from gptrouter_notebook.gateway import pictures, validation
from gptrouter_notebook.gateway.body import BodyTooLarge, read_body
from gptrouter_notebook.gateway.door import Door, respond
from gptrouter_notebook.gateway.event_stream import EventStream, unless_gone
from gptrouter_notebook.gateway.generate import Generation, choose
from gptrouter_notebook.gateway.prompts import filled_entries

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from gptrouter_notebook.gateway.keys import Caller
    from gptrouter_notebook.gateway.state import State

    Endpoint = Callable[[Request], Awaitable[Response | EventStream]]

CATCH_ALL = {"error": "Something went wrong"}
VISION_MODELS = frozenset({"gpt-4-vision-preview", "llava"})


def build_app(state: State, bound_host: str) -> ASGIApp:
    """The gateway as an ASGI application behind its door."""
    routes = _Routes(state)
    api = "/api/v1"
    table: list[tuple[str, str, Endpoint]] = [
        ("GET", "/", routes.alive),
        ("GET", "/healthcheck", routes.alive),
        ("GET", f"{api}/model/all", routes.models),
        ("GET", f"{api}/model/{{id}}", routes.model),
        ("GET", f"{api}/provider/all", routes.providers),
        ("GET", f"{api}/healthcheck", routes.health_history),
        ("POST", f"{api}/healthcheck", routes.check_health),
        ("GET", f"{api}/model-usage/model", routes.usage_history),
        ("POST", f"{api}/user/login", routes.login),
        ("POST", f"{api}/prompt", routes.save_prompt),
        ("GET", f"{api}/prompt/all", routes.prompts),
        ("GET", f"{api}/prompt/{{id}}", routes.prompt),
        ("PUT", f"{api}/prompt/{{id}}", routes.change_prompt),
        ("DELETE", f"{api}/prompt/{{id}}", routes.remove_prompt),
        ("POST", f"{api}/generate", routes.generate),
        ("POST", f"{api}/generate/prompt", routes.generate_prompt),
        ("POST", f"{api}/generate/generate-image", routes.draw),
        ("POST", f"{api}/generate/image", routes.look),
    ]
    app = Starlette(
        routes=[Route(path, _answering(endpoint), methods=[method]) for method, path, endpoint in table],
        exception_handlers={404: _not_found, 405: _not_found},
    )
    app.router.redirect_slashes = False
    return Door(app, state.keys, bound_host)


class _Routes:
    def __init__(self, state: State) -> None:
        self._state = state

    async def alive(self, _request: Request) -> Response:
        return respond({"status": "ok"})

    async def models(self, _request: Request) -> Response:
        models = self._state.catalogue.models
        return respond([{**model.to_json(), "providerName": model.provider.name} for model in models])

    async def model(self, request: Request) -> Response:
        found = self._state.catalogue.model_by_id(_uuid_in(request))
        return respond(found.to_json()) if found else respond({"message": "Model not found"}, 404)

    async def providers(self, _request: Request) -> Response:
        return respond([provider.to_json() for provider in self._state.catalogue.providers])

    async def health_history(self, request: Request) -> Response:
        return respond(self._state.health.history(*_dates_in(request)))

    async def check_health(self, request: Request) -> Response:
        await read_body(request)
        self._state.health.check(self._state.catalogue.models, now=datetime.now(UTC))
        return respond([row.to_json() for row in self._state.health.rows()])

    async def usage_history(self, request: Request) -> Response:
        return respond(self._state.usage.history(*_dates_in(request)))

    async def login(self, request: Request) -> Response:
        body = await read_body(request)
        user = self._state.keys.user(body["email"])
        if user is None:
            return respond({"message": "User not found"}, 404)
        token = self._state.keys.token_for(user, body["password"])
        if token is None:
            return respond({"message": "Incorrect Password"}, 401)
        return respond(
            {"id": user.id, "email": user.email, "password": user.password, "role": user.role, "token": token}
        )

    async def save_prompt(self, request: Request) -> Response:
        prompt = validation.read_prompt(await read_body(request))
        return respond(self._state.prompts.put(prompt, at=datetime.now(UTC)))

    async def prompts(self, _request: Request) -> Response:
        return respond(self._state.prompts.all())

    async def prompt(self, request: Request) -> Response:
        found = self._state.prompts.get(_uuid_in(request))
        return respond(found) if found else respond({"message": "Prompt not found"}, 404)

    async def change_prompt(self, request: Request) -> Response:
        found = self._state.prompts.get(_uuid_in(request))
        if found is None:
            return respond({"message": "Prompt not found"}, 404)
        changed = validation.read_prompt({**found, **await read_body(request), "id": found["id"]})
        return respond(self._state.prompts.put(changed, at=datetime.now(UTC)))

    async def remove_prompt(self, request: Request) -> Response:
        found = self._state.prompts.get(_uuid_in(request))
        if found is None:
            return respond({"message": "Prompt not found"}, 404)
        self._state.prompts.remove(found["id"])
        return respond({**found, "isDeleted": True})

    async def generate(self, request: Request) -> Response | EventStream:
        body = await read_body(request)
        if isinstance(body, dict):
            self._state.requests.append(body)
        calling, entries = validation.read_calling(body), validation.read_entries(body)
        state, caller = self._state, _caller_of(request)
        generation = Generation(
            lambda: choose(entries, state.catalogue, state.health), calling, state.usage, caller.user_id
        )
        if calling.stream:
            return EventStream(generation.stream(), state.stream_opened, state.stream_closed)
        return respond(await unless_gone(request.receive, generation.reply()))

    async def generate_prompt(self, request: Request) -> Response | EventStream:
        body = await read_body(request)
        calling, call = validation.read_calling(body), validation.read_prompt_call(body)
        state = self._state
        prompt = state.prompts.get(call.prompt_id)
        if prompt is None:
            return respond({"message": "Prompt not found"}, 404)
        entries = filled_entries(prompt, call, state.catalogue)
        generation = Generation(
            lambda: choose(entries, state.catalogue, state.health), calling, state.usage, call.user_id
        )
        if calling.stream:
            return EventStream(generation.stream_prompt(), state.stream_opened, state.stream_closed)
        return respond(await unless_gone(request.receive, generation.reply()))

    async def draw(self, request: Request) -> Response:
        body = await read_body(request)
        drawn = pictures.drawn(str(body["prompt"]), int(body["numImages"]), vendor=body["imageVendor"])
        return respond({"response": drawn})

    async def look(self, request: Request) -> Response:
        data = (await read_body(request))["data"]
        if data["model"] not in VISION_MODELS:
            raise validation.Invalid
        params = validation.read_params(data["promptParams"])
        parts = [
            {"type": "text", "text": params.pop("prompt")},
            {"type": "image_url", "image_url": {"url": str(data["imageUrl"])}},
        ]
        asked = {
            **params,
            "messages": [{"role": "user", "content": parts}],
            "model": data["model"],
            "stream": False,
        }
        said = await unless_gone(request.receive, self._state.catalogue.vision.complete(asked))
        return respond({"response": said.choices[0].text if said else ""})


def _uuid_in(request: Request) -> str:
    return str(UUID(request.path_params["id"]))


def _dates_in(request: Request) -> tuple[str | None, str | None]:
    return request.query_params.get("startDate"), request.query_params.get("endDate")


def _caller_of(request: Request) -> Caller:
    caller: Caller = request.scope["caller"]
    return caller


def _answering(endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response | EventStream:
        try:
            return await endpoint(request)
        except (BodyTooLarge, TimeoutError):
            return respond(CATCH_ALL, 500, {"connection": "close"})
        except Exception:  # noqa: BLE001 # whatever fails, the recorded gateway says only this
            return respond(CATCH_ALL, 500)

    return answer


async def _not_found(request: Request, _error: Exception) -> Response:
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    message = f"Route {request.method}:{path} not found"
    return respond({"message": message, "error": "Not Found", "statusCode": 404}, 404)
