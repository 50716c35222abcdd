import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const top = resolve(import.meta.dirname, '../../..');
const specification = join(top, 'src/aptly/spec');

/** `spec/cli.md 4.4`, `spec/cli.md 1.3, 1.4`, `Sections 9 and 10 of spec/cli.md`; the line may break within. */
const number = String.raw`\d+(?:\.\d+)?`;
const numbers = `${number}(?:(?:, | and | to )${number})*`;
const behind = new RegExp(String.raw`spec/([a-z-]+\.md)(?: (${numbers}))?`, 'g');
const before = new RegExp(String.raw`[Ss]ections? (${numbers}) of spec/([a-z-]+\.md)`, 'g');

type Citation = { readonly file: string; readonly section: string };

test('each section of the specification that a comment cites is there', () => {
  const sections = new Map(specificationFiles().map((file) => [file, sectionsOf(file)]));
  const cited = sources().flatMap((path) => citationsIn(path).map((citation) => ({ ...citation, path })));

  const lost = cited.filter(
    ({ file, section }) => !(sections.has(file) && (section === '' || sections.get(file)?.has(section))),
  );

  assert.deepEqual(lost, []);
  assert.ok(cited.length > 100, 'the citations are found');
});

test('each citation of the specification says where it lies', () => {
  const names = specificationFiles().join('|').replaceAll('.', String.raw`\.`);
  const bare = new RegExp(`(?<![a-z/-])(?:${names})`);

  const places = sources().filter((path) => bare.test(readFileSync(path, 'utf8')));

  assert.deepEqual(places, []);
});

function specificationFiles(): readonly string[] {
  return readdirSync(specification).filter((name) => name !== 'README.md');
}

/** The numbers at the beginning of headings: some headings stand for two sections. */
function sectionsOf(file: string): ReadonlySet<string> {
  const headings = readFileSync(join(specification, file), 'utf8').match(/^#{2,3} \d.*$/gm) ?? [];
  return new Set(headings.flatMap((line) => line.match(/(?<=^#{2,3} |, |\/ )\d+(?:\.\d+)?(?=\.? )/g) ?? []));
}

function sources(): readonly string[] {
  return ['src', 'test'].flatMap((room) =>
    readdirSync(join(top, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('citations.test.ts'))
      .map((name) => join(top, room, name)),
  );
}

function citationsIn(path: string): readonly Citation[] {
  const text = readFileSync(path, 'utf8').replaceAll(/\n\s*(?:\*|\/\/) ?/g, ' ');
  const found = [
    ...[...text.matchAll(behind)].map(([, file = '', sections = '']) => ({ file, sections })),
    ...[...text.matchAll(before)].map(([, sections = '', file = '']) => ({ file, sections })),
  ];
  return found.flatMap(({ file, sections }) =>
    (sections.match(/\d+(?:\.\d+)?/g) ?? ['']).map((section) => ({ file, section })),
  );
}
