import type { SourceObject } from '../../../catalog/labels.ts';
import { mirrorText, repoText, snapshotText } from '../../../catalog/labels.ts';
import { compareBytes } from '../../../core/compare-bytes.ts';
import { findReferences, type References, searchAllPackages } from '../../../packages/all-packages.ts';
import type { Member } from '../../../packages/member.ts';
import { imageSums, packageParagraph } from '../../../packages/package-paragraph.ts';
import { recordOf } from '../../../packages/package-sets.ts';
import type { Pool } from '../../../pool/pool.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { readQuery } from '../query-argument.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const [word = ''] = invocation.args;
  const query = await unable('unable to show', () => readQuery(word, invocation));
  const withFiles = boolFlag(invocation.flags, 'with-files');
  const withReferences = boolFlag(invocation.flags, 'with-references');
  return await withApp(invocation, async (app) => {
    const members = await searchAllPackages(app, query);
    const references = withReferences ? await findReferences(app, members) : undefined;
    const paragraphs = members.map((member) =>
      Buffer.concat([
        packageParagraph(member),
        Buffer.from(`${(imageSums(member) ?? []).join('\n')}\n`),
        ...(withFiles ? [fileLines(member, app.pool)] : []),
        ...(references === undefined ? [] : [referenceLines(member, references)]),
      ]),
    );
    return { lines: [], bytes: Buffer.concat(paragraphs) };
  });
};

function fileLines(member: Member, pool: Pick<Pool, 'absolute'>): Buffer {
  const files = recordOf(member).files.toSorted((a, b) => compareBytes(a.name, b.name));
  const paths = files.map(({ poolPath }) => `  ${pool.absolute(poolPath)}`);
  return section('Files in the pool:', paths);
}

function referenceLines({ key }: Member, references: References): Buffer {
  const lines = (references.get(key) ?? []).map((object) => `  ${referenceText(object)}`);
  return section('References to package:', lines);
}

function section(title: string, lines: readonly string[]): Buffer {
  return Buffer.from([title, ...lines, '', ''].join('\n'));
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
