/** What is said, to those who listen instead of look, when an answer is over. Pure. */
import { answerText, type ChatState, streamingTurn, type Turn } from "./state";

/** Longer answers are announced by their beginning: nobody can skim a live region. */
const ANNOUNCED_CHARACTERS = 400;

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
