import type { SourceObject } from '../../catalog/labels.ts';
import { mirrorText, repoText, snapshotText } from '../../catalog/labels.ts';
import { type PackageFacts, showPackages } from '../../packages/packages.ts';
import { boolFlag, type Handler, type Invocation, type Outcome } from '../command.ts';
import { withApp } from '../session.ts';
import { readQueryText } from './query-argument.ts';
import { foundLines } from './search.ts';
import { unable } from './unable.ts';

/** The commands of packages (spec/cli.md 8). */
export const packages = { search, show } satisfies Readonly<Record<string, Handler>>;

async function search(invocation: Invocation): Promise<Outcome> {
  return { lines: await foundLines(invocation, invocation.args[0], {}) };
}

async function show(invocation: Invocation): Promise<Outcome> {
  const { args, flags } = invocation;
  const withFiles = boolFlag(flags, 'with-files');
  const withReferences = boolFlag(flags, 'with-references');
  const shown = await withApp(invocation, (app) =>
    unable({ read: 'unable to show' }, async () => {
      const query = await readQueryText(args[0] ?? '', invocation);
      return await showPackages(app, { query, withFiles, withReferences });
    }),
  );
  return { lines: [], bytes: Buffer.concat(shown.flatMap(textOf)) };
}

function textOf({ paragraph, sums, files, references }: PackageFacts): readonly Uint8Array[] {
  return [
    Buffer.from(paragraph, 'latin1'),
    Buffer.from(`${sums.join('\n')}\n`),
    ...(files === undefined ? [] : [section('Files in the pool:', files)]),
    ...(references === undefined ? [] : [section('References to package:', references.map(referenceText))]),
  ];
}

function section(title: string, items: readonly string[]): Buffer {
  return Buffer.from([title, ...items.map((item) => `  ${item}`), '', ''].join('\n'));
}

function referenceText(source: SourceObject): string {
  switch (source.kind) {
    case 'mirror':
      return `mirror ${mirrorText(source.object)}`;
    case 'repo':
      return `local repo ${repoText(source.object)}`;
    case 'snapshot':
      return `snapshot ${snapshotText(source.object)}`;
  }
}
