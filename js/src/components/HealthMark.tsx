/** A model's health as a shape: full, ring, diamond, dotted ring, cross. Never by colour alone. */
import { HEALTH_WORDS } from "../format";
import type { Health } from "../protocol";

export function HealthMark({ state }: { readonly state: Health }) {
  return <span class={`gptr-health gptr-health-${state}`} role="img" aria-label={HEALTH_WORDS[state]} />;
}
