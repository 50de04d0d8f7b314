/**
 * Takes the README's picture: rehearses this repository's own pending release and writes what the terminal showed to
 * docs/rehearsal.svg. `tools/toolchain/node --conditions=source tools/picture.ts`
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { terminalSvg } from "./picture/terminal-svg.ts";

const root = join(import.meta.dirname, "..");
const command = join(root, "packages/cli/bin/slipway.cjs");
const run = spawnSync(process.execPath, [command, "rehearse"], {
  cwd: root,
  env: { ...process.env, FORCE_COLOR: "1" },
  stdio: ["ignore", "pipe", "inherit"],
  encoding: "utf8",
});
if (run.status !== 0) {
  process.stdout.write(run.stdout);
  console.error(`no picture was taken: the rehearsal ended with ${run.status}`);
  process.exit(1);
}
writeFileSync(join(root, "docs/rehearsal.svg"), terminalSvg("$ slipway rehearse", run.stdout));
