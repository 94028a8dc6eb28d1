"""The models and providers a gateway offers: the demo's own, and stand-ins under recorded names and ids [03, 04]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from uuid import NAMESPACE_URL, uuid5

from gptrouter_notebook.gateway import voices
from gptrouter_notebook.gateway.demo import DemoModel
from gptrouter_notebook.gateway.outages import Breaks, Down, EndsEarly, FailsFirst, NeverChecked, ShortMemory, Stalls
from gptrouter_notebook.gateway.providers import KINDS, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gptrouter_notebook.gateway.upstream import Upstream
    from gptrouter_notebook.gateway.validation import Entry

InputType = Literal["messages", "prompt"]
DEMO_DOLLARS_PER_MILLION = (0.5, 1.5)
"""Demo prices, for prompt and completion tokens: made up, so that costs have something to show."""
ANTHROPIC_DOLLARS_PER_MILLION = (1.63, 5.51)
"""As in the recorded usage rows [62]."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Whose models they are, and which kind of provider it behaves like."""

    id: str
    name: str
    kind: Kind

    def to_json(self) -> dict[str, Any]:
        """The provider as `GET /provider/all` shows it; its dates are `{}`."""
        return {"id": self.id, "name": self.name, "createdAt": {}, "updatedAt": {}}


@dataclass(frozen=True, slots=True)
class Model:
    """One model and what stands behind it."""

    id: str
    name: str
    provider: Provider
    order: int
    upstream: Upstream
    input_type: InputType = "messages"
    is_counted: bool = True
    """Whether the gateway's tokenizer knows the name: if not, streams have no usage [L11]."""
    dollars_per_million: tuple[float, float] = DEMO_DOLLARS_PER_MILLION

    @property
    def full_name(self) -> str:
        """`provider/name`."""
        return f"{self.provider.name}/{self.name}"

    def to_json(self) -> dict[str, Any]:
        """The model as `GET /model/UUID` shows it [L01]."""
        return {
            "id": self.id,
            "name": self.name,
            "providerId": self.provider.id,
            "createdAt": {},
            "updatedAt": {},
            "inputType": self.input_type,
            "order": self.order,
        }


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a gateway offers. `vision` answers `POST /generate/image`, which knows no health [L47]."""

    providers: Sequence[Provider]
    models: Sequence[Model]
    vision: Upstream

    def find_model(self, entry: Entry) -> Model | None:
        """The model an entry means; a name that two providers have is the named provider's."""
        if entry.model_id is not None:
            return self.model_by_id(entry.model_id)
        named = [model for model in self.models if model.name == entry.model_name]
        own = [model for model in named if entry.provider_name == model.provider.name]
        return next(iter(own or named), None)

    def find_provider(self, entry: Entry) -> Provider | None:
        """The provider an entry means."""
        if entry.provider_id is not None:
            return next((item for item in self.providers if item.id == entry.provider_id), None)
        return next((item for item in self.providers if item.name == entry.provider_name), None)

    def model_by_id(self, model_id: str) -> Model | None:
        """The model with this id."""
        return next((model for model in self.models if model.id == model_id), None)

    def model_by_full_name(self, full_name: str) -> Model:
        """The model called `provider/name`.

        Raises:
            ValueError: There is none.
        """
        found = next((model for model in self.models if model.full_name == full_name), None)
        if found is None:
            raise ValueError(f"This gateway has no model {full_name!r}: use a name from its catalogue.")
        return found


def demo_catalogue(token_delay_s: float = 0.02) -> Catalogue:
    """The demo models, the scripted outages, then stand-ins for the recorded models.

    Args:
        token_delay_s: Seconds between two pieces of a streamed answer; `long` never waits.
    """
    demo = Provider(_demo_id("demo"), "demo", "chat_openai")
    plain = Provider(_demo_id("demo_plain"), "demo_plain", "cohere")
    pace, usual = {"token_delay_s": token_delay_s}, 120
    chat: dict[str, Upstream] = {
        "markdown": DemoModel(voices.markdown, demo.kind, latency_ms=180, **pace),
        "echo": DemoModel(voices.echo, demo.kind, latency_ms=90, **pace),
        "long": DemoModel(voices.long, demo.kind, latency_ms=240),
        "down": Down(voices.echo, demo.kind, latency_ms=usual, **pace),
        "slow": DemoModel(voices.slow, demo.kind, latency_ms=4600, **pace),
        "never-checked": NeverChecked(voices.never_checked, demo.kind, latency_ms=usual, **pace),
        "fails-first": FailsFirst(voices.echo, demo.kind, latency_ms=usual, **pace),
        "breaks": Breaks(voices.breaks, demo.kind, latency_ms=usual, **pace),
        "ends-early": EndsEarly(voices.ends_early, demo.kind, latency_ms=usual, **pace),
        "short-memory": ShortMemory(voices.echo, demo.kind, latency_ms=usual, **pace),
        "stalls": Stalls(voices.stalls, demo.kind, latency_ms=usual, **pace),
    }
    models = [
        Model(_demo_id(f"demo/{name}"), name, demo, order, upstream)
        for order, (name, upstream) in enumerate(chat.items(), start=1)
    ]
    no_stream = DemoModel(voices.echo, plain.kind, latency_ms=150, **pace)
    models.append(Model(_demo_id("demo_plain/no-stream"), "no-stream", plain, len(models) + 1, no_stream, "prompt"))

    def stand_in(provider: Provider, name: str) -> Upstream:
        voice = voices.standing_in(f"{provider.name}/{name}")
        return DemoModel(voice, provider.kind, latency_ms=300 + 37 * (len(name) % 7), **pace)

    standing_in = stand_ins(stand_in, first_order=len(models) + 1)
    eyes = DemoModel(voices.echo, "chat_openai", latency_ms=usual)
    return Catalogue([demo, plain, *PROVIDERS], [*models, *standing_in], eyes)


def stand_ins(upstream_of: Callable[[Provider, str], Upstream], *, first_order: int = 1) -> list[Model]:
    """The 24 recorded models, under their own ids, with something else behind them.

    Args:
        upstream_of: Makes what answers for a provider's model.
        first_order: Place of the first one in the catalogue.
    """
    by_name = {provider.name: provider for provider in PROVIDERS}
    models = []
    for order, line in enumerate(_RECORDED.strip().splitlines(), start=first_order):
        model_id, full_name = line.split()
        provider_name, name = full_name.split("/")
        provider = by_name[provider_name]
        model = Model(
            id=model_id,
            name=name,
            provider=provider,
            order=order,
            upstream=upstream_of(provider, name),
            input_type="messages" if "chat" in provider.name else "prompt",
            is_counted=name not in _UNCOUNTED,
            dollars_per_million=ANTHROPIC_DOLLARS_PER_MILLION
            if provider.kind == "anthropic"
            else DEMO_DOLLARS_PER_MILLION,
        )
        models.append(model)
    return models


def _demo_id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"gptrouter-notebook:{name}"))


def _recorded_provider(provider_id: str, name: str) -> Provider:
    # replicate has no models, so its kind is never asked for.
    return Provider(provider_id, name, next((kind for kind in KINDS if kind == name), "cohere"))


PROVIDERS = (
    _recorded_provider("2949580e-56fa-44ec-a6d9-f6f64beb624a", "openai"),
    _recorded_provider("bb65b370-d759-402e-9f4d-dfb6655b0fb2", "chat_openai"),
    _recorded_provider("9cb57446-80b5-4e73-b631-4e47d5a34933", "anthropic"),
    _recorded_provider("283f50c8-7165-49cc-a652-30e4e79bf764", "azure_chat_openai"),
    _recorded_provider("77047a3d-9244-4f11-b039-9fa4e95ff980", "cohere"),
    _recorded_provider("ef7d428c-e6c5-4592-8cd9-a0435e5fd196", "replicate"),
)
"""The recorded providers [04]."""

_UNCOUNTED = frozenset({"gpt-35-turbo-16k", "gpt-4-turbo", "gpt-3.5-turbo-instruct", "ada-instruct-beta"})

_RECORDED = """
1f3713cf-fae9-40e4-ad6c-778298ff21cf chat_openai/gpt-3.5-turbo-1106
a8fa8478-0bfe-4420-ab27-0adb9f374bbd chat_openai/gpt-3.5-turbo-0613
73b14f50-5244-47ff-92e5-382487cb354f chat_openai/gpt-3.5-turbo-16k-0613
28472b6a-3ae5-4b93-9bcc-b17a458300fa chat_openai/gpt-4-0613
143b9c39-85ec-4e82-85f3-8d542e1337de chat_openai/gpt-4-1106-preview
2b57a49c-25ce-4543-9f96-fce93c38b700 chat_openai/gpt-4-32k-0613
f245bdf6-a556-41db-b900-ec12b2e14470 azure_chat_openai/gpt-35-turbo
9813c2a4-16b4-4645-89a1-6572da487868 azure_chat_openai/gpt-35-turbo-16k
dcf67cff-2502-4245-84b6-e34989b3693b azure_chat_openai/gpt-4
85a62184-d249-44f4-ab94-2cd7d182e7ef azure_chat_openai/gpt-4-turbo
802b41c7-8adf-44ac-b1c3-e2c5192e2952 azure_chat_openai/gpt-4-32k
a65631e7-faca-4048-a798-7f504d93c090 openai/gpt-3.5-turbo-instruct
3d5f81eb-4545-4f58-b23b-b284e9df1c70 openai/text-davinci-003
2402f89a-67fe-4183-bee9-802b7410d488 openai/text-ada-001
62e3690d-53ca-4ac8-a521-f71202e50564 openai/text-babbage-001
26a6dda2-7d2e-4ca9-b2bd-b3e48ada5a65 openai/text-curie-001
a02f7e57-24c6-4dd4-89b7-552bdb0ab3c9 openai/ada-instruct-beta
eeb3e66d-3a1f-4d6b-a3c5-4b5c946d1101 openai/babbage-instruct-beta
809ec4f3-ff9e-4dab-b201-88167e5fcce7 openai/curie-instruct-beta
86575289-115a-446d-b3f8-317bb36e3de4 anthropic/claude-instant-1.1
1d77184c-b741-4750-8004-4c1cf9124d7b anthropic/claude-instant-1.2
7dfd2134-071d-4eec-8213-45328bba29c0 anthropic/claude-2
aaf7c1ad-1bb9-42a0-bcf7-bcb49929c251 anthropic/claude-2.1
ea1e8c27-67ae-4937-badb-bab892c5b944 cohere/command
"""
