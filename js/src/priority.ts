/** Changes to the priority list. Pure: a list in, a new list out. */
import { type ModelRef, modelLabel } from "./protocol";

/** Adds a model at the end, unless it is there. */
export function added(models: readonly ModelRef[], model: ModelRef): readonly ModelRef[] {
  if (models.some((other) => isSame(other, model))) return models;
  return [...models, { name: model.name, provider_name: model.provider_name }];
}

export function removed(models: readonly ModelRef[], model: ModelRef): readonly ModelRef[] {
  return models.filter((other) => !isSame(other, model));
}

/** Puts a model at this position, counted from 0; positions beyond the ends mean the ends. */
export function moved(models: readonly ModelRef[], model: ModelRef, position: number): readonly ModelRef[] {
  const found = models.find((other) => isSame(other, model));
  if (found === undefined) return models;
  const others = removed(models, model);
  const at = Math.max(0, Math.min(position, others.length));
  return [...others.slice(0, at), found, ...others.slice(at)];
}

export function isSame(one: ModelRef, other: ModelRef): boolean {
  return modelLabel(one) === modelLabel(other);
}
