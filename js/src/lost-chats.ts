/**
 * Conversations whose kernel is gone, until their cell has run again.
 *
 * The page outlives the kernel, and the outputs of a cell do not outlive its next run: in between the conversation is
 * kept here, for the panel that comes next in the same cell. It hangs on `globalThis`, for every panel is a bundle of
 * its own.
 */
import type { Notebook } from "./notebook";
import type { Turn } from "./state";

export const CHAT_MIME = "application/vnd.gptrouter.chat.v1+json";

const KEY = "gptrouter-notebook lost chats";

/** A conversation as it is saved, as far as it is looked at here. */
interface Saved {
  readonly turns: readonly SavedTurn[];
}

interface SavedTurn {
  readonly id: number;
  readonly parent: number | null;
  readonly is_active: boolean;
}

/** A conversation to go on with. */
export interface LostChat {
  /** As it would stand in a file. */
  readonly file: string;
  /** How many messages are shown of it. */
  readonly messages: number;
}

/** Keeps the conversation of the panel with this mark; `shown` is what the panel shows of it, the unsaved end too. */
export function keepLostChat(notebook: Notebook | null, mark: string, shown: readonly Turn[]): void {
  const cell = notebook?.cellOf(mark);
  const saved = notebook?.copies(mark)[0]?.data[CHAT_MIME];
  if (cell == null || shown.length === 0 || !isSaved(saved)) return;
  const file = JSON.stringify({ ...saved, turns: withUnsaved(saved.turns, shown) });
  lostChats().set(cell, { file, messages: shown.length });
}

/** The conversation that was lost in the cell of the panel with this mark; null if there is none. */
export function findLostChat(notebook: Notebook | null, mark: string): LostChat | null {
  const cell = notebook?.cellOf(mark);
  return (cell == null ? undefined : lostChats().get(cell)) ?? null;
}

/** Nobody wants to go on with what was lost in that cell any more. */
export function forgetLostChat(notebook: Notebook | null, mark: string): void {
  const cell = notebook?.cellOf(mark);
  if (cell != null) lostChats().delete(cell);
}

/** The saved turns, and behind them what was asked since, with as much of an answer as came. */
function withUnsaved(saved: readonly SavedTurn[], shown: readonly Turn[]): readonly SavedTurn[] {
  const turns = [...saved];
  shown.forEach((turn, at) => {
    if (turns.some((other) => other.id === turn.turn)) return;
    const parent = shown[at - 1]?.turn ?? null;
    turns.forEach((other, index) => {
      if (other.parent === parent) turns[index] = { ...other, is_active: false };
    });
    const parts = turn.answer?.parts.map(({ text, broke }) => (broke == null ? { text } : { text, broke }));
    const answer = { reason: "stopped", parts: parts ?? [] };
    turns.push({ id: turn.turn, parent, is_active: true, ...{ user: turn.user, images: turn.images, answer } });
  });
  return turns;
}

function lostChats(): Map<string, LostChat> {
  const page = globalThis as { [KEY]?: Map<string, LostChat> };
  page[KEY] ??= new Map();
  return page[KEY];
}

function isSaved(value: unknown): value is Saved {
  const turns = (value as { readonly turns?: unknown } | null | undefined)?.turns;
  return Array.isArray(turns) && turns.every((turn) => typeof turn?.id === "number");
}
