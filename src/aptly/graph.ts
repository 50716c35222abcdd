import type { MirrorObject, PublicationObject, RepoObject, SnapshotObject } from '../catalog/objects.ts';
import { compareBytes } from '../core/compare-bytes.ts';
import type { Counted, GraphFacts } from '../upkeep/graph.ts';

/** aptly takes every other word for `horizontal`. */
export type GraphLayout = 'horizontal' | 'vertical';

/**
 * Which object was made of which, in the language of Graphviz (spec/semantics.md 10), as aptly hands it to `dot`. Names and
 * comments come from archives and people: nothing in them is read as language. Sorted by kind and name.
 */
export function renderGraph(facts: GraphFacts, layout: GraphLayout): string {
  const nodes = nodesOf(facts);
  const known = new Set(nodes.map(({ id }) => id));
  const lines = nodes.flatMap((node) => [
    nodeLine(node, layout),
    ...node.sources
      .filter((source) => known.has(source))
      .map((source) => `\t${quoted(source)} -> ${quoted(node.id)};`),
  ]);
  const direction = layout === 'vertical' ? ['\trankdir=LR;'] : [];
  return `${['digraph aptly {', ...direction, ...lines, '}'].join('\n')}\n`;
}

type GraphNode = {
  readonly id: string;
  readonly colour: string;
  readonly fields: readonly string[];
  /** Ids of what it was made of; they may be gone. */
  readonly sources: readonly string[];
};

function nodesOf(facts: GraphFacts): readonly GraphNode[] {
  return [
    ...facts.mirror.map(mirrorNode),
    ...facts.repo.map(repoNode),
    ...facts.snapshot.map(snapshotNode),
    ...facts.publication.map(publicationNode),
  ];
}

function mirrorNode({ object, packages }: Counted<MirrorObject>): GraphNode {
  const { uuid, name, archiveRoot, distribution, components, architectures } = object;
  const fields = [
    `Mirror ${name}`,
    `url: ${archiveRoot}`,
    `dist: ${distribution}`,
    `comp: ${components.join(', ')}`,
    `arch: ${architectures.join(', ')}`,
    `pkgs: ${packages}`,
  ];
  return { id: uuid, colour: 'darkgoldenrod1', fields, sources: [] };
}

function repoNode({ object: { uuid, name, comment }, packages }: Counted<RepoObject>): GraphNode {
  const fields = [`Repo ${name}`, `comment: ${comment}`, `pkgs: ${packages}`];
  return { id: uuid, colour: 'mediumseagreen', fields, sources: [] };
}

function snapshotNode({ object, packages }: Counted<SnapshotObject>): GraphNode {
  const { uuid, name, sourceKind, sourceIds } = object;
  // The description of a snapshot of a mirror holds the URL, which the mirror shows already.
  const description = sourceKind === 'mirror' ? 'Snapshot from repo' : object.description;
  const fields = [`Snapshot ${name}`, description, `pkgs: ${packages}`];
  return { id: uuid, colour: 'cadetblue1', fields, sources: unique(sourceIds) };
}

function publicationNode(publication: PublicationObject): GraphNode {
  const { uuid, prefix, distribution, sources, architectures } = publication;
  const fields = [
    `Published ${prefix}/${distribution}`,
    `comp: ${Object.keys(sources).toSorted(compareBytes).join(' ')}`,
    `arch: ${architectures.join(', ')}`,
  ];
  return { id: uuid, colour: 'darkolivegreen1', fields, sources: unique(Object.values(sources)) };
}

function unique(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].toSorted(compareBytes);
}

function nodeLine({ id, colour, fields }: GraphNode, layout: GraphLayout): string {
  const text = fields.map(labelText).join('|');
  const label = layout === 'horizontal' ? `{${text}}` : text;
  return `\t${quoted(id)} [shape=Mrecord, style=filled, fillcolor=${colour}, label="${label}"];`;
}

/**
 * A text as a part of a record label: what HTML has an entity for as aptly writes it, what else means something in a
 * record with a backslash in front; control characters, which no renderer can draw, as blanks.
 */
function labelText(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .replace(/[&<>"']/g, (character) => entities[character] ?? character)
    .replace(/[\\{}|]/g, '\\$&');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

/** Ids are UUIDs, but they come from a database that somebody else wrote. */
function quoted(id: string): string {
  return `"${id.replace(/[\\"\p{Cc}]/gu, '_')}"`;
}
