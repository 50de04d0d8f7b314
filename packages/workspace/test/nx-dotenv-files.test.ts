import { nxDotenvFiles } from "@slipway/workspace";
import { expect, test } from "vitest";

test("nx's dotenv files go from the most specific to the least, the project's before the root's", () => {
  expect(nxDotenvFiles("apps/a", "build", "prod").slice(0, 13)).toEqual([
    "apps/a/.env.build.prod.local",
    "apps/a/.env.build.prod",
    "apps/a/.build.prod.local.env",
    "apps/a/.build.prod.env",
    "apps/a/.env.prod.local",
    "apps/a/.env.prod",
    "apps/a/.prod.local.env",
    "apps/a/.prod.env",
    "apps/a/.env.build.local",
    "apps/a/.env.build",
    "apps/a/.build.local.env",
    "apps/a/.build.env",
    "apps/a/.env.local",
  ]);
  expect(nxDotenvFiles("", "build", null)).toEqual([
    ".env.build.local",
    ".env.build",
    ".build.local.env",
    ".build.env",
    ".env.local",
    ".local.env",
    ".env",
  ]);
});
