import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildDeb } from '../../src/deb/build-deb.ts';
import { digestLists } from './source-files.ts';

/** Content by path below a directory. */
export type Files = Readonly<Record<string, string | Buffer>>;

/** The same small package every time; other `content` makes another package of the same version. */
export async function debFile(
  label: string,
  { fields = {}, content = '' }: { readonly fields?: Record<string, string>; readonly content?: string } = {},
): Promise<Buffer> {
  const [Package = '', Version = '', Architecture = ''] = label.split('_');
  const control = { Package, Version, Architecture, Maintainer: 'A <a@example.org>', Description: 'x' };
  return await buildDeb({ control: { ...control, ...fields }, files: { 'usr/share/x': content } });
}

/** A .dsc and the files it names, below a folder. */
export function sourceFiles(folder: string, version = '1-1'): Files {
  const [upstream = ''] = version.split('-');
  const companions = {
    [`src_${upstream}.orig.tar.gz`]: 'orig',
    [`src_${version}.diff.gz`]: 'diff',
  };
  const fields = `Format: 1.0\nSource: src\nBinary: src\nArchitecture: any\nVersion: ${version}\n`;
  const dsc = `${fields}Maintainer: A <a@example.org>\n${digestLists(companions)}`;
  const files = { ...companions, [`src_${version}.dsc`]: dsc };
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]));
}

/** What the tests of `repo add` find in the folders `in` (all fine) and `odd` (much of it is not). */
export async function incomingFiles(): Promise<Files> {
  const { 'odd/src_2.orig.tar.gz': _, ...withoutOrig } = sourceFiles('odd', '2-1');
  return {
    'in/alpha_1.0_amd64.deb': await debFile('alpha_1.0_amd64', { fields: { Depends: 'beta' } }),
    'in/beta_1.0_all.deb': await debFile('beta_1.0_all'),
    'in/deep/er/gamma_2_i386.udeb': await debFile('gamma_2_i386'),
    'in/deep/dbg_1:2-3_i386.ddeb': await debFile('dbg_1:2-3_i386', { fields: { Source: 'gamma (2)' } }),
    'in/readme.txt': 'text',
    'in/a.buildinfo': 'text',
    ...sourceFiles('in'),
    'odd/alpha_1.0_amd64.deb': await debFile('alpha_1.0_amd64', { content: 'different' }),
    'odd/broken_1_all.deb': 'no package',
    'odd/omega_1_all.deb': await debFile('omega_1_all'),
    'odd/README': 'text',
    ...withoutOrig,
    'uploaders.json': `{ // who may
      "groups": {"g": ["A1", "B2"]}, "rules": [{"condition": "Source (x)", "allow": ["g"], "deny": ["C3"]},] }`,
  };
}

export async function writeFiles(directory: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
}
