/** Numbers and names as the panel writes them. Pure; what is not known is said to be unknown. */
import {
  type CatalogModel,
  type Health,
  type Hop,
  type Inserted,
  type Meta,
  type ModelRef,
  modelLabel,
} from "./protocol";

export const UNKNOWN = "unknown";

/** "0.42 s", "12 s", "3 min 5 s". */
export function seconds(value: number | null | undefined): string {
  if (value == null) return UNKNOWN;
  if (value < 9.95) return `${value.toFixed(value < 0.995 ? 2 : 1)} s`;
  if (value < 59.5) return `${Math.round(value)} s`;
  return `${Math.floor(Math.round(value) / 60)} min ${Math.round(value) % 60} s`;
}

/** "310 ms", "4.6 s"; "–" for what was never measured. */
export function milliseconds(value: number | null | undefined): string {
  if (value == null) return "–";
  return value < 1_000 ? `${Math.round(value)} ms` : seconds(value / 1_000);
}

export function tokens(meta: Meta): string {
  const total = meta.usage?.total_tokens;
  if (total == null) return `tokens ${UNKNOWN}`;
  return total === 1 ? "1 token" : `${total.toLocaleString("en")} tokens`;
}

/** "12 tokens in · 30 out · cost unknown". */
export function usageAndCost({ usage, cost }: Meta): string {
  const count = (value: number | null | undefined) => (value == null ? UNKNOWN : value.toLocaleString("en"));
  return `${count(usage?.input_tokens)} tokens in · ${count(usage?.output_tokens)} out · cost ${money(cost)}`;
}

/** "$0.0012"; what is too small to be read is said to be less. The open gateway reckons in US dollars. */
export function money(value: number | null | undefined): string {
  if (value == null) return UNKNOWN;
  if (value > 0 && value < 0.000_001) return "< $0.000001";
  return value < 0.01 ? `$${value.toLocaleString("en", { maximumSignificantDigits: 2 })}` : `$${value.toFixed(2)}`;
}

/** "3 answers · 1,204 tokens"; "1,204+" where nobody counted some; the cost where it is known. Null for less than two answers. */
export function conversationTotals(metas: readonly Meta[]): string | null {
  if (metas.length < 2) return null;
  const counts = metas.map((meta) => meta.usage?.total_tokens ?? null).filter((count) => count !== null);
  const sum = counts.reduce((total, count) => total + count, 0);
  const isWhole = counts.length === metas.length;
  const said = counts.length === 0 ? `tokens ${UNKNOWN}` : `${sum.toLocaleString("en")}${isWhole ? "" : "+"} tokens`;
  const costs = metas.map((meta) => meta.cost ?? null).filter((cost) => cost !== null);
  const cost = costs.reduce((total, one) => total + one, 0);
  const spent = costs.length === 0 ? "" : ` · ${money(cost)}${costs.length === metas.length ? "" : "+"}`;
  return `${metas.length} answers · ${said}${spent}`;
}

/** "812 characters", "first 8,000 characters". */
export function insertedSize({ length, is_cut }: Inserted): string {
  return `${is_cut ? "first " : ""}${length.toLocaleString("en")} ${length === 1 ? "character" : "characters"}`;
}

/** "just now", "2 min ago", "3 h ago", "5 days ago". */
export function ago(iso: string, now: number): string {
  const past = (now - Date.parse(iso)) / 1_000;
  if (!Number.isFinite(past)) return UNKNOWN;
  if (past < 60) return "just now";
  if (past < 3_600) return `${Math.floor(past / 60)} min ago`;
  if (past < 86_400) return `${Math.floor(past / 3_600)} h ago`;
  const days = Math.floor(past / 86_400);
  return days === 1 ? "yesterday" : `${days} days ago`;
}

/** Who answered, as far as that is known. */
export function answeredBy(meta: Meta): string {
  if (!meta.model_name) return "model unknown";
  return meta.provider ? modelLabel({ provider_name: meta.provider, name: meta.model_name }) : meta.model_name;
}

export function hopLabel(hop: Hop): string {
  return modelLabel({ provider_name: hop.provider, name: hop.model });
}

/** What became of one model: "failed: 500 upstream exploded (inferred)". */
export function hopOutcome(hop: Hop): string {
  const because = hop.reason ? `: ${hop.reason}` : "";
  return `${hop.outcome}${because}${hop.inferred ? " (inferred)" : ""}`;
}

export const HEALTH_WORDS: Readonly<Record<Health, string>> = {
  up: "up",
  slow: "slow",
  down: "down",
  unknown: "health unknown",
  missing: "not at this gateway",
};

/** What the catalogue says about a model; nothing before it has come. */
export function health(model: ModelRef, known: readonly CatalogModel[]): CatalogModel | null {
  return known.find((entry) => modelLabel(entry) === modelLabel(model)) ?? null;
}

/** What matters most about a model's health: that it is not there, that it will be skipped, when it was checked. */
export function remark(entry: CatalogModel | null): string {
  if (entry === null) return HEALTH_WORDS.unknown;
  if (entry.state === "missing") return "the gateway does not have it";
  if (entry.skip) return `the gateway will skip it: ${entry.skip}`;
  return entry.checked_at ? `checked ${ago(entry.checked_at, Date.now())}` : HEALTH_WORDS[entry.state];
}
