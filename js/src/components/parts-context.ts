/** How what is drawn deep in the panel comes by the parts that are loaded on request. */
import { createContext } from "preact";
import type { Parts } from "../parts";

export const PartsContext = createContext<Parts | null>(null);
