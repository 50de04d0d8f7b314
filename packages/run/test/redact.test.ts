import { expect, test } from "vitest";
import { redactLog } from "../src/redact.ts";

test("values of secret and passed variables and well-known tokens are taken out of a log before it is kept", () => {
  const env = {
    NPM_TOKEN: "s3cret-value",
    DEPLOY: "passed-value",
    HOME: "/home/somebody",
    SHORT_TOKEN: "abc",
  };
  const token = `npm_${"a".repeat(36)}`;
  const log = [
    [1, "token s3cret"],
    [1, `-value and ${token}\n`],
    [2, "passed-value /home/somebody abc"],
  ] as const;
  expect(redactLog(log, env, new Set(["DEPLOY"]))).toEqual([
    [1, "token *** and ***\n"],
    [2, "*** /home/somebody abc"],
  ]);
});
