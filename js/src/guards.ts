/** The door: what comes from the kernel is `unknown` until it has passed here. Extra fields pass, wrong ones do not. */
import type {
  AnswerView,
  CatalogModel,
  Completion,
  ConversationView,
  Delta,
  Inserted,
  KernelMessage,
  ModelRef,
  QueueItem,
  Settings,
  Status,
  TurnView,
} from "./protocol";

type Fields = Readonly<Record<string, unknown>>;

/** Whether this is a message of the kernel, of a kind and shape known here. */
export function isKernelMessage(value: unknown): value is KernelMessage {
  if (!isObject(value)) return false;
  switch (value.kind) {
    case "snapshot":
      return (
        isConversation(value.conversation) && isStatus(value.status) && isMissingOr(value.queue, listOf(isQueueItem))
      );
    case "turn_started":
      return isQuestion(value) && isMissingOr(value.parent, isCount) && isMissingOr(value.asked, listOf(isModelRef));
    case "priced":
      return isCount(value.turn) && isNumber(value.cost);
    case "preview":
      return listOf(isInserted)(value.inserted);
    case "completions":
      return listOf(isCompletion)(value.found);
    case "queue":
      return listOf(isQueueItem)(value.queue);
    case "health_check":
      return isFlag(value.is_running) && isMissingOr(value.error, isText);
    case "part":
      return isCount(value.turn) && isCount(value.seq) && isText(value.broke);
    case "turn_ended":
      return (
        isCount(value.turn) &&
        isCount(value.seq) &&
        isEndReason(value.reason) &&
        hasEnding(value) &&
        isMissingOr(value.allowance, isAllowance)
      );
    case "catalog":
      return listOf(isCatalogModel)(value.models) && isMissingOr(value.error, isText);
    case "asset":
      return isText(value.name) && isText(value.source);
    case "exported":
      return isText(value.name) && isText(value.mime) && isText(value.text);
    case "saved":
      return true;
    case "copy":
      return isObject(value.data);
    case "refused":
      return isText(value.message) && isMissingOr(value.text, isText);
    default:
      return false;
  }
}

/** Whether the trait `delta` holds one; it is an empty object before the first. */
export function isDelta(value: unknown): value is Delta {
  return isObject(value) && isCount(value.turn) && isCount(value.seq) && isText(value.text);
}

/** Whether the trait `conversation` holds one. */
export function isConversation(value: unknown): value is ConversationView {
  return isObject(value) && listOf(isTurn)(value.turns);
}

/** Whether the trait `models_priority_list` holds one. */
export function isModelList(value: unknown): value is ModelRef[] {
  return listOf(isModelRef)(value);
}

/** Whether the trait of this name holds a setting. */
export function isSetting(name: keyof Settings, value: unknown): boolean {
  if (name === "system_prompt") return isText(value);
  if (name === "stop_sequences") return listOf(isText)(value);
  return value === null || isNumber(value);
}

export function isStatus(value: unknown): value is Status {
  return value === "idle" || value === "streaming";
}

function isTurn(value: unknown): value is TurnView {
  return isObject(value) && isQuestion(value) && isMissingOr(value.answer, isAnswer);
}

/** What a turn's question and its start both say. */
function isQuestion(value: Fields): boolean {
  return (
    isCount(value.turn) &&
    isText(value.user) &&
    isMissingOr(value.images, listOf(isPicture)) &&
    isMissingOr(value.inserted, listOf(isInserted)) &&
    isMissingOr(value.is_left_out, isFlag) &&
    isMissingOr(value.branch, listOf(isCount))
  );
}

function isInserted(value: unknown): value is Inserted {
  return isObject(value) && isText(value.name) && isText(value.kind) && isCount(value.length) && isFlag(value.is_cut);
}

function isCompletion(value: unknown): value is Completion {
  return isObject(value) && isText(value.name) && isText(value.kind) && isText(value.summary);
}

function isQueueItem(value: unknown): value is QueueItem {
  return isObject(value) && isCount(value.item) && isText(value.text) && isMissingOr(value.images, listOf(isPicture));
}

/** Only what is in the message itself: an address on the web would tell its owner that it was read. */
function isPicture(value: unknown): value is string {
  return isText(value) && /^data:image\/(?:png|jpeg|gif|webp);base64,/.test(value);
}

function isAnswer(value: unknown): value is AnswerView {
  return (
    isObject(value) &&
    isCount(value.seq) &&
    (value.reason === "streaming" || isEndReason(value.reason)) &&
    listOf(isPart)(value.parts) &&
    hasEnding(value)
  );
}

function isPart(value: unknown): boolean {
  return isObject(value) && isText(value.text) && isMissingOr(value.broke, isText);
}

/** `error` and `meta`, as both an ended turn and an answer carry them. */
function hasEnding(value: Fields): boolean {
  return isMissingOr(value.error, isFailure) && isMissingOr(value.meta, isMeta) && isMissingOr(value.extras, isExtras);
}

function isExtras(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value.reasoning) &&
    listOf((item) => isObject(item) && isText(item.url) && isText(item.title))(value.citations) &&
    listOf((item) => isObject(item) && isText(item.name) && isText(item.arguments))(value.tool_calls)
  );
}

function isAllowance(value: unknown): boolean {
  return isObject(value) && isCount(value.limit) && isCount(value.remaining);
}

function isFailure(value: unknown): boolean {
  return isObject(value) && isText(value.message) && isMissingOr(value.is_too_long, isFlag);
}

function isMeta(value: unknown): boolean {
  return (
    isObject(value) &&
    isMissingOr(value.model_name, isText) &&
    isMissingOr(value.provider, isText) &&
    isMissingOr(value.latency, isObject) &&
    isMissingOr(value.usage, isObject) &&
    isMissingOr(value.cost, isNumber) &&
    isMissingOr(value.route, listOf(isHop))
  );
}

function isHop(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value.model) &&
    isText(value.provider) &&
    (value.outcome === "answered" || value.outcome === "skipped" || value.outcome === "failed") &&
    isMissingOr(value.reason, isText) &&
    isMissingOr(value.seconds, isNumber)
  );
}

function isModelRef(value: unknown): value is ModelRef {
  return isObject(value) && isText(value.name) && isText(value.provider_name);
}

function isCatalogModel(value: unknown): value is CatalogModel {
  return (
    isObject(value) &&
    isModelRef(value) &&
    isHealth(value.state) &&
    isMissingOr(value.latency_ms, isNumber) &&
    isMissingOr(value.checked_at, isText) &&
    isMissingOr(value.skip, isText) &&
    isMissingOr(
      value.history,
      listOf((point) => point === null || isNumber(point)),
    )
  );
}

function isHealth(value: unknown): boolean {
  return value === "up" || value === "slow" || value === "down" || value === "unknown" || value === "missing";
}

function isEndReason(value: unknown): boolean {
  return value === "complete" || value === "stopped" || value === "failed";
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value);
}

function isMissingOr(value: unknown, guard: (value: unknown) => boolean): boolean {
  return value === undefined || value === null || guard(value);
}

function listOf<T>(guard: (value: unknown) => value is T): (value: unknown) => value is T[];
function listOf(guard: (value: unknown) => boolean): (value: unknown) => boolean;
function listOf(guard: (value: unknown) => boolean) {
  return (value: unknown): boolean => Array.isArray(value) && value.every((item) => guard(item));
}
