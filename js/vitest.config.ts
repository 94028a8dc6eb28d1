import { defineConfig } from "vitest/config";

export default defineConfig({
  define: { GPTR_BUILD: '"test"' },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: { include: ["tests/**/*.test.{ts,tsx}"], setupFiles: ["tests/setup.ts"], environment: "node" },
});
