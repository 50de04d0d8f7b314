#!/usr/bin/env node
// Plain JavaScript that an old Node understands too: it has to be able to say that it is too old.
const oldest = [22, 13];
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  process.stderr.write(
    `slipway needs Node ${oldest.join(".")} or later; this is Node ${process.versions.node} (${process.execPath}).\n`,
  );
  process.exitCode = 2;
} else {
  require("node:module").enableCompileCache();
  require(process.argv.includes("affected") ? "../dist/start-affected.cjs" : "../dist/start.cjs");
}
