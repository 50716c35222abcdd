import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { renderGraph } from '../../../aptly/graph.ts';
import { fileError, writeFileAtomically } from '../../../core/files.ts';
import { graphFacts } from '../../../upkeep/graph.ts';
import { type Handler, type Invocation, type Outcome, stringFlag } from '../../command.ts';
import { withApp } from '../../session.ts';
import { drawGraph, isGraphText } from '../draw-graph.ts';
import { openViewer, viewerOf } from '../open-viewer.ts';

/** `graph` (spec/cli.md 10). */
export const run: Handler = async (invocation) => {
  const { flags, cwd, print } = invocation;
  const output = stringFlag(flags, 'output') ?? '';
  // The name of the file says it best; without an extension the flag does.
  const format = extname(output).slice(1) || (stringFlag(flags, 'format') ?? 'png');
  const layout = stringFlag(flags, 'layout') === 'vertical' ? 'vertical' : 'horizontal';
  const text = renderGraph(await withApp(invocation, graphFacts), layout);
  if (format === 'text' && output === '') return { lines: text.trimEnd().split('\n') };
  print('Generating graph...\n');
  const bytes = isGraphText(format) ? Buffer.from(text) : await drawGraph(text, format, invocation);
  if (output === '') return await show(bytes, format, invocation);
  await save(resolve(cwd, output), bytes);
  return { lines: [`Output saved to ${output}`] };
};

/** Not by a rename: what is named may be a device or a symbolic link. */
async function save(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes);
  } catch (cause) {
    throw fileError(cause, `cannot write ${path}`);
  }
}

/** Leaves the drawing where the viewer, or the person when there is none, finds it. */
async function show(bytes: Uint8Array, format: string, { env, print }: Invocation): Promise<Outcome> {
  const extension = format.replace(/[^A-Za-z0-9]+/g, '-');
  const path = join(tmpdir(), `espejo-graph-${randomBytes(6).toString('hex')}.${extension}`);
  await writeFileAtomically(path, bytes, 0o600);
  const viewer = viewerOf(process.platform);
  print(`Rendered to ${format} file: ${path}, trying to open it with: ${viewer} ${path}...\n`);
  return { lines: (await openViewer(viewer, path, env)) ? [] : [`Output saved to ${path}`] };
}
