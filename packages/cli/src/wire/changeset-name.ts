import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";

const HOW =
  "blue bold brave bright calm clean clear cold cool deep dry early easy fair fast fine firm fresh glad good grand green happy keen kind late light long loud low mild neat new nice old plain proud quick quiet rare red rich ripe round safe sharp shiny short silent slow small smooth soft solid still strong sunny sweet swift tall tame thin tidy tiny true warm wet white wide wild wise young".split(
    " ",
  );
const WHO =
  "anchors bays beacons boats bows breezes bridges buoys canals capes coasts corals coves cranes crews currents decks docks dolphins ferries fins gales gulls harbors herons hulls islands jetties kayaks keels knots lagoons lakes lanterns locks masts moons oars otters pearls pelicans piers pilots planks points ports puffins quays rafts reefs rivers ropes rudders sails salmon sands seals shells ships shores sloops spars squalls stars sterns storms swans terns tides tugs turtles waves whales winds yachts".split(
    " ",
  );
const DOES =
  "arrive bend build call carry chase cheer climb cross dance dive draw drift drop float fly fold glide glow grow hold hum jump land lead lean lift listen march meet melt mend move nod pass play point pull push rest ride rise roll row run sail search shine sing sink sleep slide smile spin stand start steer stop swim swing tell tie travel turn wait wake walk wander watch wave whistle win wink work".split(
    " ",
  );

/** Three words such as `brave-otters-swim`: two branches hardly ever choose the same file name. */
export function changesetName(): string {
  return [HOW, WHO, DOES].map((words) => words[randomInt(words.length)]).join("-");
}

/** One that no changeset of the repository has. */
export function freeChangesetName(root: string): string {
  for (;;) {
    const name = changesetName();
    if (!existsSync(join(root, ".changeset", `${name}.md`))) return name;
  }
}
