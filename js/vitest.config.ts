import { defineConfig } from "vitest/config";

export default defineConfig({
  define: { GPTR_BUILD: '"test"' },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    // A letter-by-letter test on a busy machine takes its time; nothing here is measured.
    testTimeout: 30_000,
    include: ["tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    environment: "node",
  },
});
