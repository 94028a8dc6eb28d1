"""What the panel's view asks for; twin of `ViewRequest` in `js/src/protocol.ts`.

Every command has an `id`, which the kernel's reply names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.command_fields import READERS
from gptrouter_notebook.errors import ConfigurationError

if TYPE_CHECKING:
    from gptrouter_notebook.exports import Format
    from gptrouter_notebook.routing import GPTRouterModel

__all__ = [
    "CheckHealth",
    "Clear",
    "Command",
    "CommandId",
    "Complete",
    "Delete",
    "Edit",
    "ExportChat",
    "GetAsset",
    "GetCopy",
    "Hello",
    "ImportChat",
    "LeaveOut",
    "ListCatalog",
    "Malformed",
    "Preview",
    "Regenerate",
    "Send",
    "SendNow",
    "SetTraits",
    "Show",
    "Stop",
    "TakeSnapshot",
    "Unqueue",
    "parse",
]

CommandId = str | int


@dataclass(frozen=True, slots=True)
class Hello:
    """`hello`: a view was drawn; answered by a snapshot, and by the catalog when it is known."""

    id: CommandId


@dataclass(frozen=True, slots=True)
class Send:
    """`send`: ask this, after what is on its way and what waits."""

    id: CommandId
    text: str
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """`edit`: ask this in a turn's place; the turn stays as a branch."""

    id: CommandId
    turn: int
    text: str
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Regenerate:
    """`regenerate`: ask a turn again, this model first if one is named."""

    id: CommandId
    turn: int
    model: GPTRouterModel | None


@dataclass(frozen=True, slots=True)
class Show:
    """`show`: show this turn of the branches in its place."""

    id: CommandId
    turn: int


@dataclass(frozen=True, slots=True)
class Delete:
    """`delete`: forget a turn."""

    id: CommandId
    turn: int


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """`leave_out`: tell models nothing of these turns, or tell them again."""

    id: CommandId
    turns: tuple[int, ...]
    is_left_out: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """`stop`: end the answer of this turn."""

    id: CommandId
    turn: int


@dataclass(frozen=True, slots=True)
class SendNow:
    """`send_now`: ask a message that waits."""

    id: CommandId
    item: int


@dataclass(frozen=True, slots=True)
class Unqueue:
    """`unqueue`: forget a message that waits."""

    id: CommandId
    item: int


@dataclass(frozen=True, slots=True)
class TakeSnapshot:
    """`snapshot`: something was lost; answered by everything there is."""

    id: CommandId


@dataclass(frozen=True, slots=True)
class SetTraits:
    """`set`: write these traits.

    The view changes the traits themselves, too. But a front end holds a change back while the one before it is on
    its way, and a question would overtake it.
    """

    id: CommandId
    traits: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Clear:
    """`clear`: forget the conversation."""

    id: CommandId


@dataclass(frozen=True, slots=True)
class ListCatalog:
    """`catalog`: look the gateway's models up again."""

    id: CommandId


@dataclass(frozen=True, slots=True)
class CheckHealth:
    """`check_health`: have the gateway ask each of its models now, which costs tokens."""

    id: CommandId


@dataclass(frozen=True, slots=True)
class GetAsset:
    """`asset`: send this part of the front end; answered by its source."""

    id: CommandId
    name: str


@dataclass(frozen=True, slots=True)
class Preview:
    """`preview`: which values of the notebook would be sent with this text; answered by them."""

    id: CommandId
    text: str


@dataclass(frozen=True, slots=True)
class Complete:
    """`complete`: which values of the notebook may be meant by this beginning; answered by their names."""

    id: CommandId
    prefix: str


@dataclass(frozen=True, slots=True)
class ExportChat:
    """`export`: give me the conversation as a file; answered by it."""

    id: CommandId
    form: Format


@dataclass(frozen=True, slots=True)
class ImportChat:
    """`import`: show the conversation in this file; what was said here stays, as a branch beside it."""

    id: CommandId
    file: str


@dataclass(frozen=True, slots=True)
class GetCopy:
    """`copy`: the readable copy in this page's notebook is old; answered by what it should be."""

    id: CommandId


Command = (
    Hello
    | Send
    | Edit
    | Regenerate
    | Show
    | Delete
    | LeaveOut
    | Stop
    | SendNow
    | Unqueue
    | TakeSnapshot
    | Clear
    | SetTraits
    | ListCatalog
    | CheckHealth
    | GetAsset
    | Preview
    | Complete
    | ExportChat
    | ImportChat
    | GetCopy
)

_COMMANDS: dict[str, type[Command]] = {
    "hello": Hello,
    "send": Send,
    "edit": Edit,
    "regenerate": Regenerate,
    "show": Show,
    "delete": Delete,
    "leave_out": LeaveOut,
    "stop": Stop,
    "send_now": SendNow,
    "unqueue": Unqueue,
    "snapshot": TakeSnapshot,
    "clear": Clear,
    "set": SetTraits,
    "catalog": ListCatalog,
    "check_health": CheckHealth,
    "asset": GetAsset,
    "preview": Preview,
    "complete": Complete,
    "export": ExportChat,
    "import": ImportChat,
    "copy": GetCopy,
}


class Malformed(Exception):
    """A command that cannot be read.

    Args:
        message: What is wrong with it, in one sentence.
        reply_to: Its id, if it had one.
    """

    def __init__(self, message: str, reply_to: CommandId | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reply_to = reply_to


def parse(content: Any) -> Command:
    """Reads what a view sent.

    Raises:
        Malformed: It is no command of this version, or lacks something.
    """
    if not isinstance(content, Mapping):
        raise Malformed("The panel sent something that is no command: reload the page.")
    reply_to = content.get("id")
    if not isinstance(reply_to, str | int) or isinstance(reply_to, bool):
        raise Malformed("The panel sent a command without an id: reload the page.")
    kind = content.get("kind")
    command = _COMMANDS.get(kind) if isinstance(kind, str) else None
    if command is None:
        raise Malformed(
            f"The panel sent an unknown command ({kind!r}): reload the page, or update the package.", reply_to
        )
    fields: dict[str, Any] = {}
    for name in command.__slots__:
        if name == "id":
            continue
        try:
            fields[name] = READERS[name](content.get(name))
        except (TypeError, ConfigurationError):
            raise Malformed(f'The panel sent "{kind}" without a proper "{name}": reload the page.', reply_to) from None
    return command(reply_to, **fields)
