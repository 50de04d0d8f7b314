declare module "npm-packlist" {
  /** As much of an Arborist node as the file list needs. */
  export interface PackTree {
    readonly path: string;
    readonly package: Readonly<Record<string, unknown>>;
    readonly isProjectRoot: boolean;
    readonly isLink: boolean;
    readonly target: PackTree;
    readonly edgesOut: {
      get(
        name: string,
      ): { readonly to: PackTree | null; readonly peer: boolean; readonly dev: boolean } | undefined;
    };
  }
  export default function packlist(tree: PackTree): Promise<string[]>;
}
