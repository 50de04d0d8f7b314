import { isRecord } from "@slipway/kernel";

interface Framework {
  readonly env: readonly string[];
  /** `all`: each of the dependencies must be there; `some`: one is enough. */
  readonly when: "all" | "some";
  readonly dependencies: readonly string[];
}

const nitro = [
  "NITRO_*",
  "SERVER_*",
  "AWS_APP_ID",
  "INPUT_AZURE_STATIC_WEB_APPS_API_TOKEN",
  "CLEAVR",
  "CF_PAGES",
  "FIREBASE_APP_HOSTING",
  "NETLIFY",
  "STORMKIT",
  "NOW_BUILDER",
  "ZEABUR",
  "RENDER",
];

/**
 * Variables that a framework builds into its output, so that turbo counts them undeclared. The first that matches wins.
 * Source: turbo 2.11.11, "Framework Inference".
 */
const frameworks: readonly Framework[] = [
  { env: ["PUBLIC_*"], when: "all", dependencies: ["astro"] },
  { env: ["NEXT_PUBLIC_*"], when: "all", dependencies: ["blitz"] },
  { env: ["REACT_APP_*"], when: "some", dependencies: ["react-scripts", "react-dev-utils"] },
  { env: ["EXPO_PUBLIC_*"], when: "all", dependencies: ["expo"] },
  { env: ["GATSBY_*"], when: "all", dependencies: ["gatsby"] },
  {
    env: ["NEXT_PUBLIC_*", "NEXT_DEPLOYMENT_ID", "VERCEL_DEPLOYMENT_ID"],
    when: "all",
    dependencies: ["next"],
  },
  { env: nitro, when: "some", dependencies: ["nitropack", "nitropack-nightly", "nitro", "nitro-nightly"] },
  {
    env: ["NUXT_*", "NUXT_ENV_*", ...nitro, "LAUNCH_EDITOR"],
    when: "some",
    dependencies: ["nuxt", "nuxt-edge", "nuxt3", "nuxt3-edge"],
  },
  { env: ["REDWOOD_ENV_*"], when: "all", dependencies: ["@redwoodjs/core"] },
  {
    env: ["REMIX_*"],
    when: "some",
    dependencies: ["@remix-run/dev", "@remix-run/react", "@remix-run/serve"],
  },
  { env: ["SANITY_STUDIO_*"], when: "all", dependencies: ["@sanity/cli"] },
  { env: ["VITE_*"], when: "all", dependencies: ["solid-js", "solid-start"] },
  { env: ["VITE_*", "PUBLIC_*"], when: "all", dependencies: ["@sveltejs/kit"] },
  { env: ["VITE_*"], when: "all", dependencies: ["vite"] },
  { env: ["VUE_APP_*", "LAUNCH_EDITOR"], when: "all", dependencies: ["@vue/cli-service"] },
];

/** Environment patterns that a package's framework reads. */
export function frameworkEnv(manifest: Readonly<Record<string, unknown>>): readonly string[] {
  const has = (name: string): boolean =>
    [manifest["dependencies"], manifest["devDependencies"], manifest["optionalDependencies"]].some(
      (declared) => isRecord(declared) && Object.hasOwn(declared, name),
    );
  const found = frameworks.find(({ when, dependencies }) =>
    when === "all" ? dependencies.every(has) : dependencies.some(has),
  );
  return found?.env ?? [];
}
