import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { publicationListLines } from '../../src/aptly/objects/publication-text.ts';
import { repoListLines, repoShowJson, repoShowLines } from '../../src/aptly/objects/repo-text.ts';
import { snapshotJson, snapshotListLines, snapshotShowLines } from '../../src/aptly/objects/snapshot-text.ts';
import { inListingOrder, packageLabel } from '../../src/aptly/package-text.ts';
import { isEspejoError } from '../../src/core/errors.ts';
import { buildDeb } from '../../src/deb/build-deb.ts';
import { type GoJson, renderGoJson } from '../../src/go/go-json.ts';
import { compileTemplate } from '../../src/go/go-template.ts';
import { templateFields } from '../../src/go/template-fields.ts';
import { makePublicationObject, makeRepoObject, makeSnapshotObject } from '../builders/library-objects.ts';
import { type AptlyRoot, makeAptlyRoot, skipWithoutAptly } from '../support/aptly.ts';

/** Each is filled in by the real aptly too, with the fields of one package. */
const templates = [
  '{{.Package}}_{{.Version}}',
  '{{.Nope}}|{{index . "Nope"}}|{{index . "Installed-Size"}}',
  '{{if .Nope}}y{{else if eq .Package "alpha"}}A{{else}}C{{end}}',
  '{{eq .Nope "x"}} {{ne .Nope "x"}} {{print .Nope}} {{printf "%s" .Nope}}',
  '{{len .Package}} {{len .Nope}}',
  '{{.}}{{"}}"}}',
  '{{printf "%-8s|%5d|%v|%q|%x|%+d|%#x|%6.2f" .Package 12 .Version .Version .Version 3 255 1.5}}',
  '{{printf "%d" .Version}} {{printf "%s %s" .Package}} {{printf "%s" .Package .Version}} {{printf "%"}}',
  'a {{/* c */}} {{- /* d */ -}} b {{- .Package -}}  z',
  '{{"a" | printf "%s-%s" .Package}} {{(index . "Version") | len}}',
  '{{and .Package .Nope}} {{or .Nope "d"}} {{not .Package}}',
  '{{`raw\\n`}} {{0x10}} {{1.5}} {{1e30}} {{\'a\'}} {{true}} {{"\\u00e9\\t"}}',
  '{{print 1 2 "a" "b" 3}} {{println .Package 1}}',
  '{{$x := .Package}}{{$x}}{{with .Nope}}{{.}}{{else}}no{{end}}{{range $k, $v := .}}{{$k}},{{end}}',
  '{{html .Maintainer}} {{urlquery .Maintainer}} {{slice .Package 1 3}} {{index .Package 0}} {{lt "a" "b"}}',
  '{{.Description}}',
  '{{.Installed-Size}}',
  '{{.Package.X}}',
  '{{.Package',
  '{{nope}}',
  '{{if .X}}',
  '{{else}}',
  '{{}}',
  '{{nil}}',
  '{{eq 1 "a"}}',
  '{{eq .Package}}',
  '{{print .Package, .Version}}',
  '{{.Package 1}}',
  '{{1 | .Package}}',
];

describe('text forms and templates beside the real aptly', { skip: skipWithoutAptly }, () => {
  let root: AptlyRoot;

  before(async () => {
    root = await makeAptlyRoot();
    const debs = ['alpha 1.9 amd64', 'alpha 1.10 amd64', 'alpha 1:0.5 all', 'alpha-b 2 i386'];
    await Promise.all(debs.map((deb) => writeDeb(root.directory, deb)));
    await root.run('repo', 'create', '-comment=a <b> & c', 'r1');
    await root.run('repo', 'add', 'r1', root.directory);
    await root.run('snapshot', 'create', 's1', 'from', 'repo', 'r1');
    await root.run('publish', 'repo', '-skip-signing', '-distribution=sid', '-label=L', 'r1', 'x/y');
  });

  after(() => root.remove());

  it('fills templates in alike, and refuses those for which aptly prints nothing', async () => {
    const query = 'alpha (= 1.10)';
    const quoted = '{{range $k, $v := .}},{{printf "%q:%q" $k $v}}{{end}}';
    const entries = await root.run('package', 'search', `-format=${quoted}`, query);
    const fields = new Map(Object.entries<string>(JSON.parse(`{${entries.slice(1)}}`)));

    const wanted: string[] = [];
    for (const template of templates) {
      wanted.push(await root.run('package', 'search', `-format=${template}`, query));
    }

    assert.deepEqual(
      templates.map((template) => fill(template, fields)),
      wanted,
    );
  });

  it('gives templates the same fields', async () => {
    const query = 'alpha (= 1.9)';
    const quoted = '{{range $k, $v := .}},{{printf "%q:%q" $k $v}}{{end}}';
    const entries = await root.run('package', 'search', `-format=${quoted}`, query);
    const wanted: Record<string, string> = JSON.parse(`{${entries.slice(1)}}`);
    const shown = await root.run('package', 'show', query);

    const fields = templateFields(Buffer.from(shown.trimEnd()), wanted['Key'] ?? '');

    assert.deepEqual(Object.fromEntries(fields), wanted);
  });

  it('writes JSON alike', async () => {
    for (const command of ['repo list', 'snapshot list', 'publish list', 'snapshot show s1']) {
      const [group = '', verb = '', ...names] = command.split(' ');
      const text = await root.run(group, verb, '-json', ...names);

      assert.equal(`${renderGoJson(JSON.parse(text) as GoJson, 2)}\n`, text, command);
    }
  });

  it('shows a repository alike', async () => {
    const repo = makeRepoObject({ comment: 'a <b> & c' });
    const packages = inListingOrder(
      ['alpha-b 2 i386', 'alpha 1.9 amd64', 'alpha 1:0.5 all', 'alpha 1.10 amd64'].map(named),
    );

    assert.equal(lines(repoListLines([{ repo, packageCount: 4 }], 'aptly')), await root.run('repo', 'list'));
    assert.equal(
      lines(repoShowLines(repo, { packageCount: 4, packages })),
      await root.run('repo', 'show', '-with-packages', 'r1'),
    );
    assert.equal(
      `${renderGoJson(repoShowJson(repo, packages), 2)}\n`,
      await root.run('repo', 'show', '-json', '-with-packages', 'r1'),
    );
    assert.equal(lines(packages.map(packageLabel)), await root.run('repo', 'search', 'r1'));
  });

  it('shows a snapshot alike', async () => {
    const [{ CreatedAt }] = JSON.parse(await root.run('snapshot', 'list', '-json'));
    const snapshot = makeSnapshotObject({
      createdAt: Date.parse(CreatedAt),
      sourceKind: 'repo',
      description: 'Snapshot from local repo [r1]: a <b> & c',
    });
    const sources = [{ kind: 'repo', object: makeRepoObject({ comment: 'a <b> & c' }) }] as const;
    const shown = renderGoJson(snapshotJson(snapshot, { sources }), 2);

    assert.equal(lines(snapshotListLines([snapshot], 'aptly')), await root.run('snapshot', 'list'));
    assert.equal(
      lines(snapshotShowLines(snapshot, { packageCount: 4, sources })),
      await root.run('snapshot', 'show', 's1'),
    );
    assert.deepEqual(
      withoutTime(`${shown}\n`),
      withoutTime(await root.run('snapshot', 'show', '-json', 's1')),
    );
  });

  it('lists publications alike', async () => {
    const publication = makePublicationObject({ prefix: 'x/y', label: 'L', sourceKind: 'repo' });
    const object = makeRepoObject({ comment: 'a <b> & c' });

    const text = publicationListLines(
      [{ publication, sources: [['main', { kind: 'repo', object }]] }],
      'aptly',
    );

    assert.equal(lines(text), await root.run('publish', 'list'));
  });
});

async function writeDeb(directory: string, label: string): Promise<void> {
  const { name, version, architecture } = named(label);
  const deb = await buildDeb({
    control: {
      Package: name,
      Version: version,
      Architecture: architecture,
      Maintainer: 'Me <me@example.com>',
      Description: 'a & b\nlong <text>',
      'Installed-Size': '12',
    },
  });
  await writeFile(join(directory, `${name}_${version.replace(':', '')}_${architecture}.deb`), deb);
}

function named(label: string) {
  const [name = '', version = '', architecture = ''] = label.split(' ');
  return { name, version, architecture };
}

/** aptly answers a template that it cannot use with nothing and success. */
function fill(template: string, fields: ReadonlyMap<string, string>): string {
  try {
    return `${compileTemplate(template)(fields)}\n`;
  } catch (error) {
    if (isEspejoError(error, 'E_TEMPLATE_SYNTAX')) return '';
    throw error;
  }
}

function lines(texts: readonly string[]): string {
  return `${texts.join('\n')}\n`;
}

/** aptly keeps nanoseconds, the catalog milliseconds. */
function withoutTime(text: string): string {
  return text.replace(/"CreatedAt": "[^"]*"/, '');
}
