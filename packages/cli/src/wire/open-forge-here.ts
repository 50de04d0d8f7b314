import { findForge, needsToken, openForge, type ClientOptions, type Forge } from "@slipway/forge";
import { inGit, originUrl } from "@slipway/host";
import { UserError } from "@slipway/kernel";

/** The forge that CI or `origin` names, with the token of the environment. */
export async function openForgeHere(
  dir: string,
  env: Readonly<Record<string, string | undefined>>,
  options?: ClientOptions,
): Promise<Forge> {
  const target = findForge(env, inGit(dir) ? await originUrl(dir, env) : null);
  if (target === null) {
    const message = "neither CI nor the URL of origin says which GitHub or GitLab repository this is";
    const hint = "run it in the forge's own CI, or in a clone whose origin is on github.com or gitlab.com";
    throw new UserError("forge/unknown", message, { hint });
  }
  if (target.token === null) throw needsToken(target.kind);
  return openForge(target, options);
}
