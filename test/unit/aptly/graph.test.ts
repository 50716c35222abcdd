import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { renderGraph } from '../../../src/aptly/graph.ts';
import type { GraphFacts } from '../../../src/upkeep/graph.ts';
import {
  makeMirrorObject,
  makePublicationObject,
  makeRepoObject,
  makeSnapshotObject,
} from '../../builders/library-objects.ts';
import { skipWithout } from '../../support/programs.ts';

const nothing: GraphFacts = { mirror: [], repo: [], snapshot: [], publication: [] };

describe('renderGraph', () => {
  it('says what every object is and what it was made of', () => {
    const facts: GraphFacts = {
      mirror: [{ object: makeMirrorObject({ uuid: 'm' }), packages: 7 }],
      repo: [{ object: makeRepoObject({ uuid: 'r', comment: 'ours' }), packages: 1 }],
      snapshot: [
        {
          object: makeSnapshotObject({
            uuid: 's',
            sourceKind: 'mirror',
            sourceIds: ['m'],
            description: 'url',
          }),
          packages: 7,
        },
        {
          object: makeSnapshotObject({ uuid: 't', name: 's2', sourceIds: ['s', 's', 'gone'] }),
          packages: 0,
        },
      ],
      publication: [
        makePublicationObject({
          uuid: 'p',
          storage: 's3:x',
          prefix: 'deb',
          sources: { main: 't', extra: 't' },
          architectures: ['amd64', 'source'],
        }),
      ],
    };

    const text = renderGraph(facts, 'horizontal');

    assert.equal(
      text,
      `digraph aptly {
\t"m" [shape=Mrecord, style=filled, fillcolor=darkgoldenrod1, label="{Mirror sid|url: http://host/debian/|dist: sid|comp: main, contrib|arch: amd64, i386|pkgs: 7}"];
\t"r" [shape=Mrecord, style=filled, fillcolor=mediumseagreen, label="{Repo r1|comment: ours|pkgs: 1}"];
\t"s" [shape=Mrecord, style=filled, fillcolor=cadetblue1, label="{Snapshot s1|Snapshot from repo|pkgs: 7}"];
\t"m" -> "s";
\t"t" [shape=Mrecord, style=filled, fillcolor=cadetblue1, label="{Snapshot s2|Created as empty|pkgs: 0}"];
\t"s" -> "t";
\t"p" [shape=Mrecord, style=filled, fillcolor=darkolivegreen1, label="{Published deb/sid|comp: extra main|arch: amd64, source}"];
\t"t" -> "p";
}
`,
    );
  });

  it('turns by a direction and labels without braces', () => {
    const text = renderGraph(
      { ...nothing, repo: [{ object: makeRepoObject({ uuid: 'r' }), packages: 0 }] },
      'vertical',
    );

    assert.equal(
      text,
      'digraph aptly {\n\trankdir=LR;\n\t"r" [shape=Mrecord, style=filled, fillcolor=mediumseagreen, label="Repo r1|comment: |pkgs: 0"];\n}\n',
    );
  });

  it('is a graph when there is nothing', () => {
    assert.equal(renderGraph(nothing, 'horizontal'), 'digraph aptly {\n}\n');
  });

  const hostile = [
    '"]; evil [label="',
    '{|}<port>|\\',
    '\\N \\G \\l \\n',
    '&lt;b&gt; &amp; <b>',
    "it's\n\u0000\u001b[31m",
    'ends in \\',
    '}}}}',
  ];
  for (const name of hostile) {
    it(`shows ${JSON.stringify(name)} as it is`, { skip: skipWithout('dot', '-V') }, () => {
      const object = makeRepoObject({ uuid: name, name });

      for (const layout of ['horizontal', 'vertical'] as const) {
        const input = renderGraph({ ...nothing, repo: [{ object, packages: 0 }] }, layout);
        const { status, stdout, stderr } = spawnSync('dot', ['-Tsvg'], { input, encoding: 'utf8' });

        assert.deepEqual([status, stderr], [0, '']);
        assert.deepEqual(textsOf(stdout), [`Repo ${squeezed(name)}`, 'comment:', 'pkgs: 0']);
      }
    });
  }
});

/** What Graphviz draws, which is less than what it was given: runs of blanks become one. */
function squeezed(name: string): string {
  return name
    .replace(/\p{Cc}/gu, ' ')
    .replace(/ +/g, ' ')
    .trimEnd();
}

function textsOf(svg: string): readonly string[] {
  return [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => decoded(text).trim());
}

function decoded(text: string): string {
  return text
    .replaceAll('&#160;', ' ')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
