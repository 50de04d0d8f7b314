import { readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

const rooms = readdirSync(new URL("packages", import.meta.url));

const shared = {
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
};

/** What keeps the house itself in order. */
const house = {
  ...shared,
  test: { name: "house", root: "tools", include: ["test/**/*.test.ts"], testTimeout: 60_000 },
};

/** One project a room; files that end in .e2e.test.ts start real servers, installs or browsers, and run one at a time. */
export default defineConfig({
  ...shared,
  test: {
    reporters: ["default", "./tools/test-reporter.ts"],
    projects: [
      house,
      ...rooms.flatMap((room) => [
        {
          ...shared,
          test: {
            name: room,
            root: `packages/${room}`,
            include: ["test/**/*.test.ts"],
            exclude: ["**/*.e2e.test.ts", "**/node_modules/**"],
            testTimeout: 30_000,
          },
        },
        {
          ...shared,
          test: {
            name: `${room}-e2e`,
            root: `packages/${room}`,
            include: ["test/**/*.e2e.test.ts"],
            fileParallelism: false,
            testTimeout: 180_000,
            hookTimeout: 180_000,
          },
        },
      ]),
    ],
  },
});
