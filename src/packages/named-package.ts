/** What names a package among others. Installer images have an empty version. */
export type NamedPackage = {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
};

/** Nothing but the name of a package: plain data. */
export function nameOf({ name, version, architecture }: NamedPackage): NamedPackage {
  return { name, version, architecture };
}
