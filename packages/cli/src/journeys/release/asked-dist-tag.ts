import { UserError } from "@slipway/kernel";
import { distTagFault } from "@slipway/plan";

/** @throws UserError `cli/bad-argument` for what no registry would take: before the first upload, not after the last */
export function distTagAsked(flag: string, tag: string | undefined): string | null {
  if (tag === undefined) return null;
  const fault = distTagFault(tag);
  if (fault === null) return tag;
  throw new UserError("cli/bad-argument", `${flag} "${tag}" can't be a dist-tag: ${fault}`, {
    hint: "take a word, such as `next`",
  });
}

/** Of `--channel`, and of `--tag`, which is its name elsewhere. */
export function releasedDistTag(flags: {
  readonly channel?: string | undefined;
  readonly tag?: string | undefined;
}): string | null {
  const { channel, tag } = flags;
  if (channel !== undefined && tag !== undefined && channel !== tag)
    throw new UserError(
      "cli/bad-argument",
      `--channel ${channel} and --tag ${tag} are two dist-tags for one release`,
      {
        hint: "give one of them",
      },
    );
  return channel === undefined ? distTagAsked("--tag", tag) : distTagAsked("--channel", channel);
}
