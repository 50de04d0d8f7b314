/** The actions that generated jobs use, by commit: a tag can be moved to other code, a commit cannot. */
export const pinnedActions = {
  "actions/checkout": "de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2",
  "actions/setup-node": "48b55a011bda9f5d6aeb4c2d9c7362e8dae4041e # v6.4.0",
  "actions/upload-artifact": "043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1",
  "actions/download-artifact": "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1",
  "pnpm/action-setup": "0ebf47130e4866e96fce0953f49152a61190b271 # v6.0.9",
  "oven-sh/setup-bun": "0c5077e51419868618aeaa5fe8019c62421857d6 # v2.2.0",
} as const;

export type PinnedAction = keyof typeof pinnedActions;

export function uses(action: PinnedAction): string {
  return `uses: ${action}@${pinnedActions[action]}`;
}

/** Actions of the table that a text names by a tag or branch come to stand there by commit. */
export function pinnedIn(text: string): string {
  return text.replaceAll(
    /\buses: *["']?([\w-]+\/[\w-]+)@([\w./-]+)["']?( *#.*)?/g,
    (whole, action: string, ref: string) =>
      action in pinnedActions && !/^[0-9a-f]{40}$/.test(ref) ? uses(action as PinnedAction) : whole,
  );
}

/** Those that a text names by something that can be moved. */
export function unpinnedIn(text: string): readonly string[] {
  const found = [...text.matchAll(/\buses: *["']?([\w-]+\/[\w./-]+@[\w./-]+)/g)].map(
    ([, action = ""]) => action,
  );
  return [...new Set(found)].filter((action) => !/@[0-9a-f]{40}$/.test(action));
}
