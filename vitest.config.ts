import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** One home of tests a room, and one for the house itself. */
const homes = [
  { name: "house", root: "tools" },
  ...readdirSync(new URL("packages", import.meta.url)).map((room) => ({
    name: room,
    root: `packages/${room}`,
  })),
];

const shared = {
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
};

/** Two projects a home; files that end in .e2e.test.ts start real servers, installs or browsers, and may take minutes under load. */
export default defineConfig({
  ...shared,
  test: {
    // Vitest leaves a core free for itself, which on two cores means one file at a time; ours mostly wait for children.
    maxWorkers: availableParallelism(),
    reporters: ["default", "./tools/test-reporter.ts"],
    // Asked for by `npm test -- --coverage`: of what runs inside of the tests, not of what they start.
    coverage: {
      provider: "v8",
      include: ["**/src/**/*.ts"],
      reporter: ["text"],
    },
    projects: homes.flatMap(({ name, root }) => [
      {
        ...shared,
        test: {
          name,
          root,
          include: ["test/**/*.test.ts"],
          exclude: ["**/*.e2e.test.ts", "**/node_modules/**"],
          testTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: `${name}-e2e`,
          root,
          include: ["test/**/*.e2e.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ]),
  },
});
