/** Files whose coming, going or changing can change what the tasks are. */
export const configurationName =
  /^(?:package\.json|turbo\.jsonc?|nx\.json|project\.json|pnpm-workspace\.yaml|slipway\.json|\.npmrc|\.yarnrc\.yml|\.gitignore|\.nxignore|\.env.*|pnpm-lock\.yaml|package-lock\.json|yarn\.lock|bun\.lockb?)$/;
