/**
 * Builds what tests start, then runs the tests of all rooms in one go: `npm test [-- VITEST'S ARGUMENTS]`.
 * Always run: no result of a test comes from a cache.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bundle, writeBundle } from "./bundle.ts";

const root = join(import.meta.dirname, "..");

/** What a CI or a tool around us sets, and what would make a test see another world than on a desk. */
const SURROUNDINGS =
  /^(CI|CONTINUOUS_INTEGRATION|BUILD_.*|GITHUB_.*|GITLAB_.*|CI_.*|NX_.*|TURBO_.*|SLIPWAY_.*|GIT_.*|NODE_ENV|NODE_OPTIONS|FORCE_COLOR|NPM_TOKEN|NODE_AUTH_TOKEN)$/;

// A build that fails has said why.
const built = await bundle().catch(() => process.exit(1));
await writeBundle(join(root, "packages/cli/dist"), built);
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !SURROUNDINGS.test(name)),
);
const vitest = join(root, "node_modules/vitest/vitest.mjs");
// A golden file that is missing fails its test: only `-- --update` writes one.
const argv = [vitest, "run", "--update=none", ...process.argv.slice(2)];
const run = spawnSync(process.execPath, argv, { cwd: root, env: environment, stdio: "inherit" });
process.exitCode = run.status ?? 1;
