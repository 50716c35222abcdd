import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../../src/app/app.ts';
import type { PackageRecord } from '../../src/catalog/packages.ts';
import { buildDeb } from '../../src/deb/build-deb.ts';
import { packageOfDeb } from '../../src/deb/package-of-deb.ts';
import { poolPath } from '../../src/deb/paths.ts';
import { inPool } from '../support/pool-paths.ts';
import { makeRepoObject } from './library-objects.ts';

/** Writes `<label>.deb`, the colon of an epoch as `%3a`; gives its path. */
export async function writeDeb(
  directory: string,
  label: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<string> {
  const [name = '', version = '', architecture = ''] = label.split('_');
  const control = {
    Package: name,
    Version: version,
    Architecture: architecture,
    Maintainer: 'M <m@example.org>',
    Description: `what ${name} is`,
    ...fields,
  };
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${label.replace(':', '%3a')}.deb`);
  await writeFile(path, await buildDeb({ control }));
  return path;
}

/** Keeps .debs as a local repository of a root, as `repo create` and `repo add` do. */
export async function addRepoOf(
  app: App,
  repo: { readonly name: string; readonly comment?: string },
  debs: readonly string[],
): Promise<void> {
  const records: PackageRecord[] = [];
  for (const path of debs) records.push(await recordOfDeb(app, path));
  const list = await app.catalog.keepList(records);
  const object = makeRepoObject({ uuid: randomUUID(), ...repo, list });
  await app.catalog.objects.change([{ save: 'repo', object }]);
}

async function recordOfDeb(app: App, path: string): Promise<PackageRecord> {
  const { key, kind, name, version, architecture, stanza, file } = await packageOfDeb(path, {
    signal: new AbortController().signal,
  });
  const placed = poolPath(file.facts.digests.sha256 ?? '', file.name);
  const target = inPool(app.pool, placed);
  await mkdir(join(target, '..'), { recursive: true });
  await copyFile(path, target);
  return {
    key,
    kind,
    name,
    version,
    architecture,
    stanza: stanza.raw,
    files: [{ name: file.name, size: file.facts.size ?? 0, digests: file.facts.digests, poolPath: placed }],
  };
}
