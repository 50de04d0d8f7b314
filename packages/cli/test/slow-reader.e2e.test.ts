import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { manifest, Rig } from "./engine/rig.ts";

const slipway = fileURLToPath(new URL("../bin/slipway.cjs", import.meta.url));

let repo: Rig;
afterEach(() => repo.dispose());

/** More than the pipe holds, and less than Node says `drain` for: all of the rest is still to be written when the run is over. */
const script = "i=0; while [ $i -lt 80 ]; do printf '%0100d' $i; i=$((i+1)); done; exit 1";

test("who reads slowly from a pipe that does not wait gets all of it, and the exit status", () => {
  repo = new Rig({
    "package.json": JSON.stringify({ name: "root", packageManager: "pnpm@10.0.0" }),
    "pnpm-workspace.yaml": "packages: [packages/*]\n",
    "packages/a/package.json": manifest("a", { build: script }),
  });
  // 1031 is F_SETPIPE_SZ.
  const small = "fcntl(STDOUT, 1031, 4096) && fcntl(STDOUT, F_SETFL, O_WRONLY|O_NONBLOCK) or die";
  const unwaiting = `perl -MFcntl -e '${small}; exec @ARGV'`;
  const line = `{ ${unwaiting} "$0" "$1" run build; echo "exit $?" >&2; } | { sleep 1.5; cat; }`;
  const { stdout, stderr } = spawnSync("sh", ["-c", line, process.execPath, slipway], {
    cwd: repo.root,
    env: repo.env,
    encoding: "utf8",
  });
  expect(stdout.match(/\d{100}/g)).toHaveLength(80);
  expect(stdout).toContain("exit code 1");
  expect(stderr).toContain("exit 1\n");
});
