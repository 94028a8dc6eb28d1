/** What lies between two states: which messages were taken up, which turn has ended, and what is said of it. Pure. */
import { answerText, type ChatState, streamingTurn, type Turn } from "./state";

/** Longer answers are announced by their beginning: nobody can skim a live region. */
const ANNOUNCED_CHARACTERS = 400;

/** The texts of the messages that the kernel has begun to answer, or lets wait, since then. */
export function takenUp(before: ChatState, after: ChatState): ReadonlySet<string> {
  const turns = after.turns.filter((turn) => !before.turns.some((other) => other.turn === turn.turn));
  const items = after.queue.filter((item) => !before.queue.some((other) => other.item === item.item));
  return new Set([...turns.map((turn) => turn.user.trim()), ...items.map((item) => item.text.trim())]);
}

/** The words for an end that was seen just now; null without one. A conversation that was loaded has none. */
export function announcedEnd(before: ChatState, after: ChatState): string | null {
  const streamed = streamingTurn(before.turns);
  const turn = after.turns.find((candidate) => candidate.turn === streamed?.turn);
  return turn?.answer && turn.answer.reason !== "streaming" ? announce(turn) : null;
}

function announce({ answer }: Turn): string {
  if (answer === null) return "";
  if (answer.reason === "stopped") return "Answer stopped.";
  if (answer.error) return answer.error.message;
  const text = answerText(answer);
  return `Answer complete: ${text.length > ANNOUNCED_CHARACTERS ? `${text.slice(0, ANNOUNCED_CHARACTERS)} …` : text}`;
}
